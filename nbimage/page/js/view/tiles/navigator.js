// The navigator: all of an image in a corner, and what of it is seen; a drag there moves.

import { element, setAria } from "../base/dom.js";
import { paintPatch } from "../values/color.js";

/** @typedef {import("../base/types.js").Item} Item */

export const NAVIGATOR_STYLE = `
.navigator { position: absolute; right: 6px; bottom: 6px; z-index: 1; border: 1px solid #fff;
  outline: 1px solid #000a; background: #0008; cursor: move; touch-action: none; line-height: 0 }
.navigator i { position: absolute; box-sizing: border-box; min-width: 4px; min-height: 4px;
  border: 1px solid #fff; outline: 1px solid #000; pointer-events: none }
`;
const SIDE = 110; // CSS pixels of its longer side
const SMALLEST = 40;

/**
 * @param {import("../base/types.js").Explorer} explorer
 * @returns {import("../base/types.js").Control}
 */
export function navigatorControl(explorer) {
  const [image] = explorer.config.images;
  const small = element("canvas");
  if (image.labels) small.style.imageRendering = "pixelated";
  const frame = element("i");
  const grip = element("div", { className: "navigator", hidden: true }, small, frame);
  setAria(grip, { hidden: true });
  const longer = Math.max(image.columns, image.rows);
  let wide = 0;
  let high = 0;
  /** @type {{tile: unknown, display: unknown}} */
  let drawn = { tile: null, display: null };
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
    grip.hidden = all || side < SMALLEST;
    if (grip.hidden) return;
    [wide, high] = [image.columns, image.rows].map((count) =>
      Math.max(8, Math.round((count * side) / longer)),
    );
    Object.assign(small.style, { width: `${wide}px`, height: `${high}px` });
    const { plane, display } = item;
    const tile = plane.tiled.get(plane.coarsest);
    if (tile !== drawn.tile || display !== drawn.display) sketch(item);
    drawn = { tile, display };
    const shareOf = (
      /** @type {number} */ from,
      /** @type {number} */ to,
      /** @type {number} */ size,
      /** @type {number} */ count,
    ) => [(from / count) * size, ((to - from) / count) * size];
    const [left, width] = shareOf(x0 - world.x0, x1 - world.x0, wide, across);
    const [top, height] = shareOf(y0 - world.y0, y1 - world.y0, high, along);
    Object.assign(frame.style, {
      left: `${Math.min(left, wide - 4)}px`,
      top: `${Math.min(top, high - 4)}px`,
      width: `${width}px`,
      height: `${height}px`,
    });
  };
  const sketch = (/** @type {Item} */ { plane, display }) => {
    if (!("tiled" in plane)) return;
    const { rows, columns } = plane.shape(plane.most);
    const whole = { left: 0, top: 0, width: columns, height: rows };
    Object.assign(small, { width: columns, height: rows });
    const pen = /** @type {CanvasRenderingContext2D} */ (small.getContext("2d"));
    if (plane.pictured) plane.compose(pen, plane.most, whole, whole);
    else
      pen.putImageData(
        paintPatch(plane, plane.most, whole, image, display, explorer.palettes[display.cmap]),
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
  grip.onpointerdown = (event) => {
    event.preventDefault();
    grip.setPointerCapture(event.pointerId);
    grip.onpointermove = go;
    go(event);
  };
  const release = () => {
    grip.onpointermove = null;
  };
  grip.onpointerup = release;
  grip.onpointercancel = release;

  return {
    grip,
    over: (pane) => {
      if (pane === explorer.panes[0]) navigate();
    },
  };
}
