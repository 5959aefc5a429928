// Shapes as Python has them, and as text to copy: JSON, Python, CSV.

import { isBoxed } from "./outline.js";

/** @typedef {import("../base/types.js").Config} Config */
/** @typedef {import("../base/types.js").Shape} Shape */

const short = (/** @type {number} */ at) => +at.toFixed(9);

/**
 * The fields of `nbimage.Shape`: points are (row, column), whole numbers at the samples' centers.
 * @param {Shape} shape
 * @param {Config} config
 */
function describeShape({ kind, points, label, color, plane, id }, { images, axes }) {
  const { rows, lower } = images[0];
  return {
    kind,
    points: points.map(({ x, y }) => [short((lower ? rows - y : y) - 0.5), short(x - 0.5)]),
    label,
    color,
    plane:
      plane &&
      Object.fromEntries(axes.flatMap(({ name }, i) => (plane[i] < 0 ? [] : [[name, plane[i]]]))),
    id,
  };
}

/**
 * As `state=` takes them.
 * @param {readonly Shape[]} shapes
 * @param {Config} config
 */
export const asJson = (shapes, config) =>
  JSON.stringify(shapes.map((shape) => describeShape(shape, config)));

/**
 * Python that gives the values inside.
 * @param {Shape} shape
 * @param {Config} config
 */
export function valuesInPython(shape, config) {
  const { kind, points, plane } = describeShape(shape, config);
  const pairs = points.map((point) => `(${point.join(", ")})`);
  const only = plane ? `, plane=${JSON.stringify(plane)}` : "";
  const text = `nbimage.Shape("${kind}", [${pairs.join(", ")}]${only})`;
  return [...new Set(config.images.map(({ source }) => `${text}.values(${source})`))].join("\n");
}

/** A table's rows as CSV (RFC 4180). @param {(string | number | bigint)[][]} rows */
export const asCsv = (rows) =>
  rows
    .map((row) =>
      row
        .map((one) =>
          /[",\n\r]/.test(`${one}`) ? `"${`${one}`.replaceAll('"', '""')}"` : `${one}`,
        )
        .join(","),
    )
    .join("\n");

/**
 * What is typed to place it: of a box the samples from and to, as slices have them, of others
 * positions of which whole ones are the samples' centers; rows as the array's.
 * @param {Shape} shape
 * @param {Config} config
 * @returns {[number, number][]} x and y
 */
export const typedPoints = (shape, config) =>
  describeShape(shape, config).points.map(([row, column]) => {
    const half = isBoxed(shape.kind) ? 0.5 : 0;
    return [short(column + half), short(row + half)];
  });

/**
 * What was typed, in world units.
 * @param {Shape["kind"]} kind
 * @param {[number, number][]} typed
 * @param {Config} config
 */
export const worldPoints = (kind, typed, { images: [{ rows, lower }] }) =>
  typed.map(([x, y]) => {
    const half = isBoxed(kind) ? 0 : 0.5;
    return { x: x + half, y: lower ? rows - (y + half) : y + half };
  });
