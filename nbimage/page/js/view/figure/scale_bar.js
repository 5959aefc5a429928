// The scale bar: how long a thing is, where coordinates have a unit of length.

import { STRIP, unitAlong } from "./edge_axes.js";

const UNITS = ["pm", "nm", "µm", "mm", "m", "km"];
const STEPS_OF = [1, 1e3, 1e6, 1e9, 1e12, 1e15]; // picometres
const ARC = /** @type {[string, number][]} */ ([
  ["mas", 1 / 3.6e6],
  ["″", 1 / 3600],
  ["′", 1 / 60],
  ["°", 1],
]);

/**
 * A round length of at most so much, and how it is written.
 * @param {number} most in `unit`
 * @param {string} unit
 */
export function roundLength(most, unit) {
  const from = STEPS_OF[UNITS.indexOf(unit)];
  const picked = STEPS_OF.findLastIndex((step) => roundDown(most * from) >= step * 0.999);
  const at = from ? Math.max(0, picked) : -1;
  const factor = at < 0 ? 1 : from / STEPS_OF[at];
  const length = roundDown(most * factor);
  return {
    length: length / factor,
    text: `${+length.toPrecision(3)} ${at < 0 ? unit : UNITS[at]}`,
  };
}

/** The largest 1, 2 or 5 times a power of ten that is not above. @param {number} most */
function roundDown(most) {
  const power = 10 ** Math.floor(Math.log10(most) + 1e-9);
  return (most >= 5 * power ? 5 : most >= 2 * power ? 2 : 1) * power;
}

/** The same of an angle in degrees. @param {number} most */
function roundAngle(most) {
  const [unit, size] = ARC.findLast(([, one]) => most >= one) ?? ARC[0];
  const steps = unit === "mas" || unit === "°" ? [] : [50, 30, 20, 10, 5, 2, 1];
  const length = steps.find((one) => one * size <= most) ?? roundDown(most / size);
  return { length: length * size, text: `${+length.toPrecision(3)}${unit}` };
}

/**
 * @param {import("../base/types.js").Explorer} explorer
 * @param {import("../base/types.js").World | null} sky of the first image
 * @returns {import("../base/types.js").Control}
 */
export function scaleBarControl(explorer, sky) {
  const [image] = explorer.config.images;
  const { x, y } = image;
  // degrees of longitude are no lengths
  const known = x?.step && x.unit && !unitAlong(x) ? x : null;
  const measured = known && (!y?.step || y.unit === known.unit) ? known : null;
  /** @param {import("../base/types.js").Pane} pane @param {CanvasRenderingContext2D} pen */
  const draw = (pane, pen) => {
    const { scale, width, height } = pane;
    if (width < 120 || height < 60 || (pane.spec.axes ?? ["x"])[0] !== "x") return;
    const most = Math.min(140, width / 3) / scale;
    let size = 0;
    let text = "";
    if (measured) {
      const step = Math.abs(measured.step ?? 1);
      const found = roundLength(most * step, measured.unit);
      [size, text] = [(found.length / step) * scale, found.text];
    } else if (sky && sky.parts[0].kind === "sky") {
      const { x0, x1, y0, y1 } = pane.visible();
      const step = sky.step((x0 + x1) / 2 - 0.5, (y0 + y1) / 2 - 0.5, 0.5, 0);
      const angle = step && Math.hypot(step.east, step.north);
      if (!angle) return;
      const found = roundAngle(most * angle);
      [size, text] = [(found.length / angle) * scale, found.text];
    } else return;
    const left = 10 + (explorer.state.axes ? STRIP.left : 0);
    const bottom = height - 10 - (explorer.state.axes ? STRIP.bottom : 0);
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
