// Geometry of annotations: corners, edges, what is near, and moves within the image.

import { clamp } from "../base/camera.js";

/** @typedef {import("../base/types.js").Annotation} Annotation */
/** @typedef {{x: number, y: number}} Corner */
/** @typedef {{columns: number, rows: number}} Size of the image */

/** @param {Corner} a @param {Corner} b */
export const apart = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

/**
 * From a position to the nearest of a line.
 * @param {Corner} at
 * @param {Corner} a
 * @param {Corner} b
 */
export function offLine(at, a, b) {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const share = clamp(((at.x - a.x) * dx + (at.y - a.y) * dy) / (dx * dx + dy * dy || 1), 0, 1);
  return apart(at, { x: a.x + share * dx, y: a.y + share * dy });
}

/**
 * The corners that are drawn: of a box all four.
 * @param {Annotation} annotation
 * @returns {Corner[]}
 */
export function outline({ kind, points }) {
  if (kind !== "box") return points;
  const [a, b] = points;
  return [a, { x: b.x, y: a.y }, b, { x: a.x, y: b.y }];
}

/**
 * Its edges, each from one corner to the next.
 * @param {Annotation} annotation
 * @returns {[Corner, Corner][]}
 */
export function sides(annotation) {
  const all = outline(annotation);
  const closed = annotation.kind === "box" || annotation.kind === "polygon";
  return all
    .slice(closed ? 0 : 1)
    .map((one, i) => (closed ? [one, all[(i + 1) % all.length]] : [all[i], one]));
}

/** @param {Annotation} annotation @param {Corner} at */
export function isInside(annotation, at) {
  if (annotation.kind !== "box" && annotation.kind !== "polygon") return false;
  return (
    sides(annotation).filter(
      ([a, b]) =>
        a.y > at.y !== b.y > at.y && at.x < a.x + ((at.y - a.y) / (b.y - a.y)) * (b.x - a.x),
    ).length %
      2 ===
    1
  );
}

/** A corner within the image, to a hundredth of a sample. @param {Corner} at @param {Size} size */
export const within = ({ x, y }, { columns, rows }) => ({
  x: clamp(Math.round(x * 100) / 100, 0, columns),
  y: clamp(Math.round(y * 100) / 100, 0, rows),
});

/**
 * Corners within the image; a box has whole samples.
 * @param {Annotation["kind"]} kind
 * @param {Corner[]} points
 * @param {Size} size
 * @returns {Corner[]}
 */
export function fitPoints(kind, points, size) {
  if (kind !== "box") return points.map((point) => within(point, size));
  const [a, b] = points;
  const ends = (
    /** @type {number} */ one,
    /** @type {number} */ other,
    /** @type {number} */ count,
  ) => {
    const low = clamp(Math.floor(Math.min(one, other) + 1e-6), 0, count - 1);
    return [low, clamp(Math.ceil(Math.max(one, other) - 1e-6), low + 1, count)];
  };
  const [x0, x1] = ends(a.x, b.x, size.columns);
  const [y0, y1] = ends(a.y, b.y, size.rows);
  return [
    { x: x0, y: y0 },
    { x: x1, y: y1 },
  ];
}

/**
 * Its points moved, as far as the image goes; a box by whole samples, else it would grow.
 * @param {Annotation} annotation
 * @param {number} right
 * @param {number} down
 * @param {Size} size
 */
export function shiftPoints({ kind, points }, right, down, { columns, rows }) {
  const [dx, dy] = kind === "box" ? [Math.round(right), Math.round(down)] : [right, down];
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const sx = clamp(dx, -Math.min(...xs), columns - Math.max(...xs));
  const sy = clamp(dy, -Math.min(...ys), rows - Math.max(...ys));
  return points.map(({ x, y }) => ({ x: x + sx, y: y + sy }));
}

/**
 * Its points with a corner elsewhere: of a box two of its ends move.
 * @param {Annotation} annotation
 * @param {number} corner
 * @param {Corner} to
 */
export function moveCorner({ kind, points }, corner, to) {
  if (kind !== "box") return points.with(corner, to);
  const [a, b] = points;
  const right = corner === 1 || corner === 2;
  const low = corner > 1;
  return [
    { x: right ? a.x : to.x, y: low ? a.y : to.y },
    { x: right ? to.x : b.x, y: low ? to.y : b.y },
  ];
}

/**
 * Points of one in the middle of what is seen.
 * @param {Annotation["kind"]} kind
 * @param {import("../base/types.js").Box} seen
 */
export function middlePoints(kind, { x0, y0, x1, y1 }) {
  const at = (/** @type {number} */ x, /** @type {number} */ y) => ({
    x: x0 + x * (x1 - x0),
    y: y0 + y * (y1 - y0),
  });
  const points = {
    point: [at(0.5, 0.5)],
    line: [at(0.35, 0.5), at(0.65, 0.5)],
    box: [at(0.35, 0.35), at(0.65, 0.65)],
    polygon: [at(0.5, 0.35), at(0.65, 0.65), at(0.35, 0.65)],
  };
  return points[kind];
}
