// Annotations drawn over a pane: outlines, corners of the selected one, labels.

import { outline } from "./annotation_geometry.js";

/** @typedef {import("../base/types.js").Pane} Pane */
/** @typedef {import("../base/types.js").Annotation} Annotation */
/** @typedef {import("./annotation_geometry.js").Corner} Corner */

const LABELS_SHOWN = 200;
// one's, and the selected one's; with a dark edge they are seen on anything
const COLORS = ["#ffd400", "#3cf"];

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

/** @param {CanvasRenderingContext2D} pen @param {Path2D} path @param {string} color */
function stroke(pen, path, color) {
  for (const [strokeStyle, lineWidth] of /** @type {const} */ ([
    ["#000b", 4],
    [color, 2],
  ])) {
    Object.assign(pen, { strokeStyle, lineWidth, lineJoin: "round" });
    pen.stroke(path);
  }
}

/**
 * @param {Pane} pane
 * @param {CanvasRenderingContext2D} pen
 * @param {Annotation[]} all
 * @param {string} selected
 * @param {Corner[]} draft corners of one that is not finished
 */
export function drawAnnotations(pane, pen, all, selected, draft) {
  const paths = [new Path2D(), new Path2D()];
  const { width, height } = pane;
  const labels = [];
  for (const annotation of all) {
    const spots = outline(annotation).map(({ x, y }) => pane.toScreen(x, y));
    const xs = spots.map(({ x }) => x);
    const ys = spots.map(({ y }) => y);
    if (
      Math.max(...xs) < -9 ||
      Math.max(...ys) < -9 ||
      Math.min(...xs) > width + 9 ||
      Math.min(...ys) > height + 9
    )
      continue;
    const own = annotation.id === selected;
    trace(paths[own ? 1 : 0], spots, annotation.kind === "box" || annotation.kind === "polygon");
    if (annotation.label && labels.length < LABELS_SHOWN)
      labels.push({
        text: annotation.label,
        x: Math.max(...xs) + 7,
        y: ys[xs.indexOf(Math.max(...xs))],
      });
    if (!own || annotation.kind === "point") continue;
    for (const { x, y } of spots) paths[1].rect(x - 3.5, y - 3.5, 7, 7);
    if (annotation.kind === "polygon")
      spots.forEach(({ x, y }, i) => {
        const next = spots[(i + 1) % spots.length];
        const [mx, my] = [(x + next.x) / 2, (y + next.y) / 2];
        paths[1].moveTo(mx + 2.5, my);
        paths[1].arc(mx, my, 2.5, 0, 7);
      });
  }
  const going = draft.map(({ x, y }) => pane.toScreen(x, y));
  trace(paths[1], going, false);
  for (const { x, y } of going) paths[1].rect(x - 3.5, y - 3.5, 7, 7);
  paths.forEach((path, i) => stroke(pen, path, COLORS[i]));
  Object.assign(pen, {
    font: "12px system-ui",
    textAlign: "left",
    textBaseline: "middle",
    lineWidth: 3,
    strokeStyle: "#000b",
    fillStyle: "#fff",
  });
  for (const { text, x, y } of labels) {
    pen.strokeText(text, x, y);
    pen.fillText(text, x, y);
  }
}
