// Where shapes lie: corners, edges, what is near, and moves within the image.

import { clamp, withItem } from "../base/camera.js";

/** @typedef {import("../base/types.js").Shape} Shape */
/** @typedef {{x: number, y: number}} Corner */
/** @typedef {{columns: number, rows: number}} Size of the image */

const ROUND = 48; // corners by which an ellipse is drawn and taken

/** @param {Corner} a @param {Corner} b */
export const apart = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

/** @param {Shape["kind"]} kind */
export const isClosed = (kind) => kind !== "point" && kind !== "line";

/** Of two corners alone: those of a box. @param {Shape["kind"]} kind */
export const isBoxed = (kind) => kind === "box" || kind === "ellipse";

/**
 * From a position to the nearest of a line.
 * @param {Corner} at @param {Corner} a @param {Corner} b
 */
export function offLine(at, a, b) {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const share = clamp(((at.x - a.x) * dx + (at.y - a.y) * dy) / (dx * dx + dy * dy || 1), 0, 1);
  return apart(at, { x: a.x + share * dx, y: a.y + share * dy });
}

/**
 * The corners by which it is taken: of a box, and of the one around an ellipse, all four.
 * @param {Pick<Shape, "kind" | "points">} shape
 * @returns {Corner[]}
 */
export function handles({ kind, points }) {
  if (!isBoxed(kind)) return points;
  const [a, b] = points;
  return [a, { x: b.x, y: a.y }, b, { x: a.x, y: b.y }];
}

/**
 * The corners by which it is drawn.
 * @param {Pick<Shape, "kind" | "points">} shape
 * @returns {Corner[]}
 */
export function outline(shape) {
  if (shape.kind !== "ellipse") return handles(shape);
  const [a, b] = shape.points;
  return Array.from({ length: ROUND }, (_, i) => {
    const turn = (2 * Math.PI * i) / ROUND;
    return {
      x: (a.x + b.x + (b.x - a.x) * Math.cos(turn)) / 2,
      y: (a.y + b.y + (b.y - a.y) * Math.sin(turn)) / 2,
    };
  });
}

/**
 * Its edges, each from one corner to the next.
 * @param {Shape} shape
 * @returns {[Corner, Corner][]}
 */
export function sides(shape) {
  const all = outline(shape);
  return isClosed(shape.kind)
    ? all.map((one, i) => [one, all[(i + 1) % all.length]])
    : all.slice(1).map((one, i) => [all[i], one]);
}

/** @param {Shape} shape @param {Corner} at */
export const isAround = (shape, at) =>
  isClosed(shape.kind) &&
  sides(shape).filter(
    ([a, b]) =>
      a.y > at.y !== b.y > at.y && at.x < a.x + ((at.y - a.y) / (b.y - a.y)) * (b.x - a.x),
  ).length %
    2 ===
    1;

/** A corner within the image, to a hundredth of a sample. @param {Corner} at @param {Size} size */
export const within = ({ x, y }, { columns, rows }) => ({
  x: clamp(Math.round(x * 100) / 100, 0, columns),
  y: clamp(Math.round(y * 100) / 100, 0, rows),
});

/**
 * Corners within the image; a box has whole samples.
 * @param {Shape["kind"]} kind
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
 * @param {Shape} shape
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
 * @param {Pick<Shape, "kind" | "points">} shape
 * @param {number} corner
 * @param {Corner} to
 */
export function moveCorner({ kind, points }, corner, to) {
  if (!isBoxed(kind)) return withItem(points, corner, to);
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
 * @param {Shape["kind"]} kind
 * @param {import("../base/types.js").Box} seen
 */
export function middlePoints(kind, { x0, y0, x1, y1 }) {
  const shares = {
    point: [0.5, 0.5],
    line: [0.35, 0.5, 0.65, 0.5],
    box: [0.35, 0.35, 0.65, 0.65],
    ellipse: [0.35, 0.35, 0.65, 0.65],
    polygon: [0.5, 0.35, 0.65, 0.65, 0.35, 0.65],
  }[kind];
  return Array.from({ length: shares.length / 2 }, (_, i) => ({
    x: x0 + shares[2 * i] * (x1 - x0),
    y: y0 + shares[2 * i + 1] * (y1 - y0),
  }));
}

/**
 * What was drawn by hand: a polygon, or where it ends far from where it began a line.
 * @param {Corner[]} path
 * @param {number} least samples between its corners
 * @returns {{kind: "polygon" | "line", points: Corner[]} | null}
 */
export function freehand(path, least) {
  const points = path.slice(0, 1);
  for (const at of path) if (apart(at, points[points.length - 1]) >= least) points.push(at);
  const far = Math.max(...points.map((one) => apart(one, points[0])));
  const open = points.length < 3 || apart(points[0], points[points.length - 1]) > far / 2;
  return points.length > 1 ? { kind: open ? "line" : "polygon", points } : null;
}
