// The numbers of a shape, as they are shown: its size, and the statistics of each channel inside.

import { readNumber, readWhole } from "../values/format.js";
import { findStatistics, measureShape } from "./numbers.js";
import { isClosed } from "./outline.js";
import { findParts, findSubjects, ownPoints, samplesInside, shownImages } from "./subjects.js";

/** @typedef {import("../base/types.js").Explorer} Explorer */
/** @typedef {import("../base/types.js").Shape} Shape */
/** @typedef {import("./numbers.js").Statistics} Statistics */
/** @typedef {import("./subjects.js").Subject} Subject */
/** How long a step right and down is. @typedef {{sx: number, sy: number, unit: string}} Units */
/**
 * @typedef {{subjects: Subject[], parts: {name: string, subject: Subject, numbers: Statistics}[],
 *   note: string, exact?: Promise<Found | null>}} Found `exact`: of all samples, from Python
 */

const ROUGH = 500000; // samples of a shape that is measured while things go on changing

/** @param {import("../base/types.js").ImageConfig} image @returns {Units} */
export const unitsOf = ({ x, y }) =>
  x?.step && y?.step && x.unit === y.unit
    ? { sx: Math.abs(x.step), sy: Math.abs(y.step), unit: x.unit }
    : { sx: 1, sy: 1, unit: "" };

/**
 * @param {Explorer} explorer
 * @param {Shape} shape
 * @param {boolean} moving of large ones nothing is found then
 * @param {number} width of averaging
 * @returns {Promise<Found | null>}
 */
export async function findNumbers(explorer, shape, moving, width) {
  const xs = shape.points.map(({ x }) => x);
  const ys = shape.points.map(({ y }) => y);
  const around = (Math.max(...xs) - Math.min(...xs)) * (Math.max(...ys) - Math.min(...ys));
  const shown = shownImages(explorer);
  if (moving && around * shown.length > ROUGH) return null;
  const subjects = await findSubjects(shown, shape, Math.ceil(width / 2) + 1);
  const inside = new Map(subjects.map((subject) => [subject, samplesInside(subject, shape)]));
  const parts = findParts(subjects).map(({ subject, part: { name, channel } }) => ({
    name,
    subject,
    numbers: findStatistics(subject.plane, inside.get(subject) ?? [], channel),
  }));
  const times = Math.max(1, ...subjects.map((one) => one.times));
  const labels = subjects.some(({ image }) => image.labels);
  const many = times > 1 ? `of ${labels ? "one" : "means"} of ${times}×${times} samples` : "";
  const rounded = subjects.some(({ image }) => !image.exact) ? "of values in 7 digits" : "";
  /** @type {Found} */
  const found = { subjects, parts, note: [many, rounded].filter(Boolean).join(", ") };
  if (times > 1 && explorer.measure) found.exact = measureWhole(explorer, shape, found, rounded);
  return found;
}

/**
 * The numbers of all samples, where Python gives them.
 * @param {Explorer} explorer @param {Shape} shape @param {Found} found @param {string} note
 * @returns {Promise<Found | null>}
 */
async function measureWhole({ config, measure }, shape, { subjects, parts, note: rough }, note) {
  const wanted = subjects.flatMap(({ whole }) => {
    if (!whole) return [];
    const { index: plane, tiled } = whole;
    const { image } = tiled;
    const points = ownPoints(shape, { image, position: image.position });
    return [{ image: config.images.indexOf(image), plane, points }];
  });
  const { found: all, error } = (await measure?.(shape.kind, wanted)) ?? {};
  if (error) return { subjects, parts, note: `${rough}; of all samples: ${error}` };
  if (!all) return null;
  const rows = subjects.map(({ whole }) => (whole ? all.shift() : null));
  const exact = findParts(subjects).map(({ subject, order, part: { channel } }, i) => {
    const own = rows[order]?.[channel];
    if (!own) return parts[i];
    const numbers = Object.entries(own).map(([key, value]) => [
      key,
      typeof value === "string" ? BigInt(value) : (value ?? NaN),
    ]);
    return { ...parts[i], subject, numbers: Object.fromEntries(numbers) };
  });
  return { subjects, parts: exact, note };
}

/**
 * Rows of texts, each with what stands beside it in a lighter color.
 * @param {Shape} shape
 * @param {Units} units
 * @param {Found} found
 * @returns {[string, string?][][]}
 */
export function measuredRows(shape, { sx, sy, unit }, { parts }) {
  const { kind } = shape;
  const own = measureShape(shape);
  const real = measureShape(shape, sx, sy);
  /** @type {[string, string?][][]} */
  const rows = [];
  const size = (/** @type {string} */ word, /** @type {"area" | "length"} */ key) => {
    const power = key === "area" ? "²" : "";
    const px = `${readNumber(own[key])} px${power}`;
    rows.push([[word], unit ? [`${readNumber(real[key])} ${unit}${power}`, px] : [px]]);
  };
  if (isClosed(kind)) size("area", "area");
  if (kind !== "point") size(isClosed(kind) ? "perimeter" : "length", "length");
  if (!parts.length) return rows;
  if (parts.length > 1)
    rows.push([[""], ...parts.map(({ name }) => /** @type {[string]} */ ([name]))]);
  const row = (
    /** @type {string} */ word,
    /** @type {(numbers: Statistics, subject: Subject) => [string, string?]} */ text,
  ) => rows.push([[word], ...parts.map(({ numbers, subject }) => text(numbers, subject))]);
  const value = (/** @type {"min" | "max" | "mean" | "median" | "std" | "sum"} */ key) => {
    const exact = key === "min" || key === "max";
    row(kind === "point" ? "value" : key, (numbers, subject) => [
      exact ? readWhole(numbers[key], subject.plane.dtype) : readNumber(numbers[key]),
      kind === "point" ? subject.image.unit : "",
    ]);
  };
  if (kind === "point") {
    value("min");
    return rows;
  }
  row("count", ({ count, missing }) => [String(count), missing ? `${missing} missing` : ""]);
  for (const key of /** @type {const} */ (["min", "max", "mean", "median", "std", "sum"]))
    value(key);
  return rows;
}
