// The scale bar: how long a thing is, where coordinates have a unit of length.

const UNITS = ["nm", "µm", "mm", "m", "km"];
const STEPS_OF = [1, 1e3, 1e6, 1e9, 1e12]; // nanometres

/**
 * A round length of at most so much, and how it is written.
 * @param {number} most in `unit`
 * @param {string} unit
 */
export function roundLength(most, unit) {
  const power = 10 ** Math.floor(Math.log10(most));
  const length = (most >= 5 * power ? 5 : most >= 2 * power ? 2 : 1) * power;
  const from = STEPS_OF[UNITS.indexOf(unit)];
  const at = from
    ? Math.max(
        0,
        STEPS_OF.findLastIndex((step) => length * from >= step * 0.999),
      )
    : -1;
  return {
    length,
    text:
      at < 0
        ? `${+length.toPrecision(3)} ${unit}`
        : `${+((length * from) / STEPS_OF[at]).toPrecision(3)} ${UNITS[at]}`,
  };
}

/**
 * @param {import("../base/types.js").Explorer} explorer
 * @returns {import("../base/types.js").Control}
 */
export function scaleBarControl(explorer) {
  const [image] = explorer.config.images;
  const measured =
    image.x?.step && image.y?.step && image.x.unit && image.x.unit === image.y.unit
      ? image.x
      : null;
  /** @param {import("../viewer/pane.js").Pane} pane @param {CanvasRenderingContext2D} pen */
  const draw = ({ scale, width, height }, pen) => {
    if (!measured || width < 120) return;
    const step = Math.abs(measured.step ?? 1);
    const { length, text } = roundLength((Math.min(140, width / 3) / scale) * step, measured.unit);
    const size = (length / step) * scale;
    const left = 10;
    const bottom = height - 10;
    Object.assign(pen, { font: "12px system-ui", textAlign: "left", textBaseline: "bottom" });
    const room = Math.max(size, pen.measureText(text).width) + 12;
    pen.fillStyle = "rgba(0,0,0,.65)";
    pen.fillRect(left - 6, bottom - 22, room, 28);
    pen.fillStyle = "#fff";
    pen.fillRect(left, bottom - 2, size, 3);
    pen.fillText(text, left, bottom - 4);
  };
  return { over: draw };
}
