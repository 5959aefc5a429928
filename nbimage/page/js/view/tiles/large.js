// What belongs to images of tiles: where one is in them, how long a thing is, what is still to
// come.

import { button, made } from "../base/dom.js";
import { painted } from "../values/color.js";

/** @typedef {import("../base/types.js").Explorer} Explorer */
/** @typedef {import("./tiles.js").Tiled} Tiled */
/** @typedef {import("../base/types.js").Item} Item */

export const LARGE_STYLE = `
.navigator { position: absolute; right: 6px; bottom: 6px; z-index: 1; border: 1px solid #fff;
  outline: 1px solid #000a; background: #0008; cursor: move; touch-action: none; line-height: 0 }
.navigator i { position: absolute; box-sizing: border-box; min-width: 4px; min-height: 4px;
  border: 1px solid #fff; outline: 1px solid #000; pointer-events: none }
.waiting { position: absolute; left: 6px; top: 6px; z-index: 1; display: flex; gap: 6px;
  align-items: center; padding: 1px 6px; border-radius: 3px; background: #000b; color: #fff }
.waiting button { border-color: #fffa; min-height: 18px }
.failed { display: flex; flex-wrap: wrap; gap: 2px 8px; align-items: center; margin: 4px 0;
  overflow-wrap: anywhere }
`;
const SIDE = 110;
const SMALLEST = 40; // CSS pixels of the navigator
const SLOW = 500; // milliseconds after which it is said that something is waited for
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
 * @param {Explorer} explorer
 * @param {Tiled[]} sources
 * @returns {import("../base/types.js").Part}
 */
export function large(explorer, sources) {
  const { config } = explorer;
  const [image] = config.images;

  // Where one is

  const small = made("canvas");
  const frame = made("i");
  const navigator = made(
    "div",
    { className: "navigator", hidden: true, ariaHidden: "true" },
    small,
    frame,
  );
  const longer = Math.max(image.columns, image.rows);
  let wide = 0;
  let high = 0;
  /** @type {{tile: unknown, look: unknown}} */
  let drawn = { tile: null, look: null };
  const navigate = () => {
    const [pane] = explorer.panes;
    const item = pane?.items()[0];
    if (!item || !("tiled" in item.plane)) return;
    const { x0, y0, x1, y1 } = pane.visible();
    const { world } = pane.camera;
    const across = world.x1 - world.x0;
    const along = world.y1 - world.y0;
    const all = x1 - x0 > 0.98 * across && y1 - y0 > 0.98 * along;
    const side = Math.min(SIDE, pane.width / 4, pane.height / 3);
    navigator.hidden = all || side < SMALLEST;
    if (navigator.hidden) return;
    [wide, high] = [image.columns, image.rows].map((count) =>
      Math.max(8, Math.round((count * side) / longer)),
    );
    Object.assign(small.style, { width: `${wide}px`, height: `${high}px` });
    const { plane, look } = item;
    const tile = plane.tiled.get(plane.coarsest);
    if (tile !== drawn.tile || look !== drawn.look) sketch(item);
    drawn = { tile, look };
    const place = (
      /** @type {number} */ from,
      /** @type {number} */ to,
      /** @type {number} */ size,
      /** @type {number} */ count,
    ) => [(from / count) * size, ((to - from) / count) * size];
    const [left, width] = place(x0 - world.x0, x1 - world.x0, wide, across);
    const [top, height] = place(y0 - world.y0, y1 - world.y0, high, along);
    Object.assign(frame.style, {
      left: `${Math.min(left, wide - 4)}px`,
      top: `${Math.min(top, high - 4)}px`,
      width: `${width}px`,
      height: `${height}px`,
    });
  };
  const sketch = (/** @type {Item} */ { plane, look }) => {
    if (!("tiled" in plane)) return;
    const { rows, columns } = plane.shape(plane.most);
    const whole = { left: 0, top: 0, width: columns, height: rows };
    Object.assign(small, { width: columns, height: rows });
    const pen = /** @type {CanvasRenderingContext2D} */ (small.getContext("2d"));
    if (plane.pictured) plane.compose(pen, plane.most, whole, whole);
    else
      pen.putImageData(
        painted(plane, plane.most, whole, image, look, explorer.palettes[look.cmap]),
        0,
        0,
      );
  };
  const go = (/** @type {PointerEvent} */ event) => {
    const [{ camera }] = explorer.panes;
    const box = small.getBoundingClientRect();
    const { world } = camera;
    const x = world.x0 + ((event.clientX - box.left) / box.width) * (world.x1 - world.x0);
    const y = world.y0 + ((event.clientY - box.top) / box.height) * (world.y1 - world.y0);
    const at = camera.toScreen(x, y);
    camera.pan(camera.width / 2 - at.x, camera.height / 2 - at.y);
    explorer.draw();
  };
  navigator.onpointerdown = (event) => {
    event.preventDefault();
    navigator.setPointerCapture(event.pointerId);
    navigator.onpointermove = go;
    go(event);
  };
  const release = () => {
    navigator.onpointermove = null;
  };
  navigator.onpointerup = release;
  navigator.onpointercancel = release;

  // How long a thing is

  const measured =
    image.x?.step && image.y?.step && image.x.unit && image.x.unit === image.y.unit
      ? image.x
      : null;
  /** @param {import("../viewer/pane.js").Pane} pane @param {CanvasRenderingContext2D} pen */
  const scaleBar = ({ scale, width, height }, pen) => {
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

  // What is still to come, and what will not

  const said = made("span");
  const halt = () => {
    for (const { loader } of sources) loader.stop?.();
    explorer.draw();
  };
  const stop = button("stop", "", halt, { label: "Leave the overview as it is" });
  const sign = made("div", { className: "waiting", role: "status", hidden: true }, said, stop);
  let since = 0;
  let timer = 0;
  const wait = () => {
    const waiting = sources.reduce((sum, one) => sum + one.waiting, 0);
    const shares = sources.flatMap(({ loader }) => loader.progress?.() ?? []);
    const share = Math.min(...shares);
    const now = performance.now();
    since = waiting ? since || now : 0;
    const slow = since > 0 && now - since > SLOW;
    sign.hidden = !(shares.length || slow);
    stop.hidden = !shares.length;
    said.textContent = shares.length ? `overview ${Math.floor(100 * share)} %` : "waiting…";
    clearTimeout(timer);
    if (waiting && !slow) timer = setTimeout(wait, SLOW);
  };
  const why = made("span");
  const failed = made(
    "div",
    { className: "failed", role: "alert", hidden: true },
    why,
    button("retry", "", () => sources.forEach((one) => one.retry())),
  );
  const tell = () => {
    const bad = sources.flatMap((one) => one.failed);
    failed.hidden = !bad.length;
    const text = bad.length
      ? `${bad.length === 1 ? "A tile" : `${bad.length} tiles`} can't be read: ${bad[0].error}`
      : "";
    if (why.textContent !== text) why.textContent = text;
  };
  /** @param {import("../viewer/pane.js").Pane} pane @param {CanvasRenderingContext2D} pen */
  const holes = (pane, pen) => {
    for (const { plane, place } of pane.items()) {
      if (!("tiled" in plane)) continue;
      for (const { address } of plane.tiled.failed) {
        if (address.plane !== plane.index) continue;
        const side = plane.tile * 2 ** address.level;
        const from = pane.toScreen(
          place.x + address.column * side * place.sx,
          place.y + address.row * side * place.sy,
        );
        const x1 = Math.min(plane.columns, (address.column + 1) * side);
        const y1 = Math.min(plane.rows, (address.row + 1) * side);
        const to = pane.toScreen(place.x + x1 * place.sx, place.y + y1 * place.sy);
        if (
          to.x - from.x < 6 ||
          to.x < 0 ||
          to.y < 0 ||
          from.x > pane.width ||
          from.y > pane.height
        )
          continue;
        pen.strokeStyle = "#e33";
        pen.lineWidth = 2;
        pen.strokeRect(from.x + 1, from.y + 1, to.x - from.x - 2, to.y - from.y - 2);
        pen.beginPath();
        pen.moveTo(from.x, from.y);
        pen.lineTo(to.x, to.y);
        pen.moveTo(to.x, from.y);
        pen.lineTo(from.x, to.y);
        pen.stroke();
      }
    }
  };

  const grip = made("div", {}, navigator, sign);
  return {
    grip,
    panel: failed,
    over: (pane, pen) => {
      holes(pane, pen);
      scaleBar(pane, pen);
      if (pane !== explorer.panes[0]) return;
      navigate();
      wait();
      tell();
    },
  };
}
