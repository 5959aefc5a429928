// Which samples are inside of a shape. nbimage/view/shapes/masks.py says the rules, and has the
// same operations in the same order: rounding makes no difference between them.

import { clamp } from "../base/camera.js";

/** @typedef {import("../base/types.js").Shape} Shape */
/** In samples, whole numbers at their centers. @typedef {{x: number, y: number}[]} Points */
/**
 * The samples inside, from a row and a column on: 1 for each.
 * @typedef {{top: number, left: number, height: number, width: number, mask: Uint8Array}} Inside
 */

const NEAR = 1e-12; // of a corner

/** The sample that a position lies in. @param {number} at */
export const nearest = (at) => Math.floor(at + 0.5);

/**
 * @param {Shape["kind"]} kind
 * @param {Points} points
 * @param {number} rows @param {number} columns of the image
 * @returns {Inside}
 */
export function findInside(kind, points, rows, columns) {
  const thin = kind === "point" || kind === "line";
  const span = (/** @type {number[]} */ ends, /** @type {number} */ size) => {
    const low = Math.min(...ends);
    const high = Math.max(...ends);
    const start = clamp(thin ? nearest(low) : Math.ceil(low), 0, size);
    return [start, clamp((thin ? nearest(high) : Math.floor(high)) + 1, start, size)];
  };
  const [top, bottom] = span(
    points.map(({ y }) => y),
    rows,
  );
  const [left, right] = span(
    points.map(({ x }) => x),
    columns,
  );
  const [height, width] = [bottom - top, right - left];
  const inside = { top, left, height, width, mask: new Uint8Array(height * width) };
  if (kind === "box") inside.mask.fill(1);
  else if (thin) markLines(inside, points);
  else if (kind === "ellipse") fillEllipse(inside, points);
  else fillPolygon(inside, points);
  return inside;
}

/** @param {Inside} inside @param {number} x @param {number} y */
function mark({ top, left, height, width, mask }, x, y) {
  if (x >= left && y >= top && x < left + width && y < top + height)
    mask[(y - top) * width + x - left] = 1;
}

/** @param {Inside} inside @param {Points} points */
function markLines(inside, points) {
  const ends = points.map(({ x, y }) => [nearest(x), nearest(y)]);
  ends.forEach((end, i) => {
    const start = ends[Math.max(0, i - 1)];
    const ways = [end[0] - start[0], end[1] - start[1]];
    const long = Math.abs(ways[0]) >= Math.abs(ways[1]) ? 0 : 1;
    const most = Math.abs(ways[long]);
    const less = Math.abs(ways[1 - long]);
    for (let step = 0; step <= most; step++) {
      const across = most && Math.floor((2 * less * step + most) / (2 * most));
      const at = [0, 0];
      at[long] = start[long] + Math.sign(ways[long]) * step;
      at[1 - long] = start[1 - long] + Math.sign(ways[1 - long]) * across;
      mark(inside, at[0], at[1]);
    }
  });
}

/** @param {Inside} inside @param {Points} points */
function fillEllipse({ top, left, height, width, mask }, [a, b]) {
  const x = (a.x + b.x) / 2;
  const y = (a.y + b.y) / 2;
  const wide = Math.abs(b.x - a.x) / 2;
  const high = Math.abs(b.y - a.y) / 2;
  for (let i = 0, to = 0; i < height; i++) {
    const u = (top + i - y) / high;
    for (let j = 0; j < width; j++) {
      const v = (left + j - x) / wide;
      mask[to++] = +(u * u + v * v < 1);
    }
  }
}

/**
 * By crossings of each row, counted from the right and from the left.
 * @param {Inside} inside @param {Points} points
 */
function fillPolygon(inside, points) {
  const { top, left, height, width, mask } = inside;
  const step = width + 1;
  const rights = new Uint8Array(height * step); // at the first column that does not count
  const lefts = new Uint8Array(height * step); // at the first that does
  points.forEach((a, i) => {
    const b = points[i ? i - 1 : points.length - 1];
    const first = Math.max(Math.floor(Math.min(a.y, b.y)), top);
    const last = Math.min(Math.ceil(Math.max(a.y, b.y)), top + height - 1);
    for (let y = first; y <= last; y++) {
      const y0 = a.y - y;
      const y1 = b.y - y;
      const near = Math.ceil((a.x * y1 - b.x * y0) / (y1 - y0));
      const beyond = (/** @type {(way: number) => boolean} */ before) => {
        let found = near - 2;
        for (let x = near - 2; x < near + 2; x++)
          if (before(((a.x - x) * y1 - (b.x - x) * y0) / (y1 - y0))) found = x + 1;
        return (y - top) * step + clamp(found - left, 0, width);
      };
      if (y0 > 0 !== y1 > 0) rights[beyond((way) => way > 0)] ^= 1;
      if (y0 < 0 !== y1 < 0) lefts[beyond((way) => way >= 0)] ^= 1;
    }
  });
  for (let i = 0; i < height; i++) {
    let [before, after] = [0, 0];
    for (let j = 0; j < width; j++) mask[i * width + j] = before ^= lefts[i * step + j];
    for (let j = width; j > 0; j--) mask[i * width + j - 1] |= after ^= rights[i * step + j];
  }
  for (const { x, y } of points) {
    const [column, row] = [Math.round(x), Math.round(y)];
    if (Math.abs(x - column) < NEAR && Math.abs(y - row) < NEAR) mark(inside, column, row);
  }
}
