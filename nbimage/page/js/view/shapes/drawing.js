// Shapes drawn over a pane: outlines, handles of the selected one, labels.

import { handles, isClosed, outline } from "./outline.js";

/** @typedef {import("../base/types.js").Pane} Pane */
/** @typedef {import("../base/types.js").Shape} Shape */
/** @typedef {import("./outline.js").Corner} Corner */

const LABELS_SHOWN = 200;
const MANY = 24; // corners that have no handles between them
export const COLOR = "#ffd400"; // with a dark edge it is seen on anything
const SELECTED = "#3cf";

/** @param {Path2D} path @param {Corner[]} spots @param {boolean} closed */
function trace(path, spots, closed) {
  if (spots.length === 1)
    return spots.forEach(({ x, y }) => {
      path.moveTo(x + 4, y);
      path.arc(x, y, 4, 0, 7);
    });
  spots.forEach(({ x, y }, i) => path[i ? "lineTo" : "moveTo"](x, y));
  if (closed) path.closePath();
}

/**
 * @param {Pane} pane
 * @param {CanvasRenderingContext2D} pen
 * @param {Shape[]} all
 * @param {string} selected
 * @param {Corner[]} draft corners of one that is not finished
 * @param {number} grip how large handles are drawn, in CSS pixels
 * @param {Corner | undefined} marked a position that is pointed at in a profile
 */
export function drawShapes(pane, pen, all, selected, draft, grip, marked) {
  const { width, height } = pane;
  /** @type {Map<string, Path2D>} */
  const paths = new Map();
  const pathOf = (/** @type {string} */ color) =>
    paths.get(color) ?? paths.set(color, new Path2D()).get(color) ?? new Path2D();
  const grips = new Path2D();
  const labels = [];
  const toScreen = ({ x, y } = { x: 0, y: 0 }) => pane.toScreen(x, y);
  const square = (/** @type {Corner} */ { x, y }) =>
    grips.rect(x - grip / 2, y - grip / 2, grip, grip);
  for (const shape of all) {
    const spots = outline(shape).map(toScreen);
    const xs = spots.map(({ x }) => x);
    const ys = spots.map(({ y }) => y);
    const right = Math.max(...xs);
    if (right < -9 || Math.max(...ys) < -9 || Math.min(...xs) > width + 9) continue;
    if (Math.min(...ys) > height + 9) continue;
    const own = shape.id === selected;
    trace(pathOf(shape.color || (own ? SELECTED : COLOR)), spots, isClosed(shape.kind));
    if (shape.label && labels.length < LABELS_SHOWN)
      labels.push({ text: shape.label, x: right + 7, y: ys[xs.indexOf(right)], xs });
    if (!own) continue;
    const corners = handles(shape).map(toScreen);
    if (shape.kind !== "point") corners.forEach(square);
    if (shape.kind === "polygon" && corners.length <= MANY)
      corners.forEach(({ x, y }, i) => {
        const next = corners[(i + 1) % corners.length];
        const [mx, my] = [(x + next.x) / 2, (y + next.y) / 2];
        grips.moveTo(mx + grip / 3, my);
        grips.arc(mx, my, grip / 3, 0, 7);
      });
  }
  const going = draft.map(toScreen);
  trace(pathOf(SELECTED), going, false);
  if (going.length <= MANY) going.forEach(square);
  if (marked) {
    const { x, y } = toScreen(marked);
    grips.moveTo(x + 5, y);
    grips.arc(x, y, 5, 0, 7);
  }
  Object.assign(pen, { lineJoin: "round", lineWidth: 4, strokeStyle: "#000b" });
  for (const path of paths.values()) pen.stroke(path);
  pen.lineWidth = 2;
  for (const [color, path] of paths) {
    pen.strokeStyle = color;
    pen.stroke(path);
  }
  Object.assign(pen, { lineWidth: 3, strokeStyle: "#000b", fillStyle: "#fff" });
  pen.stroke(grips);
  pen.fill(grips);
  Object.assign(pen, { font: "12px system-ui", textAlign: "left", textBaseline: "middle" });
  for (const { text, x: right, y, xs } of labels) {
    const long = pen.measureText(text).width;
    const left = Math.max(2, Math.min(...xs) - 7 - long);
    const x = right + long > width ? left : right; // where there is room
    pen.strokeText(text, x, y);
    pen.fillText(text, x, y);
  }
}
