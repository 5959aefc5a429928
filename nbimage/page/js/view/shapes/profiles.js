// Profiles: of a line the values along it, of any shape the means inside along a further axis.

import { withItem } from "../base/camera.js";
import { readNumber, readWhole } from "../values/format.js";
import { findStatistics, measureShape } from "./numbers.js";
import { findParts, findSubjects, imagesAt, samplesAlong, samplesInside } from "./subjects.js";

/** @typedef {import("../base/types.js").Explorer} Explorer */
/** @typedef {import("../base/types.js").Shape} Shape */
/** @typedef {import("./chart.js").Profile} Profile */
/** @typedef {import("./subjects.js").Subject} Subject */

/**
 * @param {Shape} shape
 * @param {Subject[]} subjects
 * @param {number} width
 * @param {import("./measured.js").Units} units
 * @returns {Profile}
 */
export function lineProfile(shape, subjects, width, { sx, sy, unit }) {
  const { length } = measureShape(shape, sx, sy);
  const name = unit || "px";
  let count = 1;
  const curves = findParts(subjects).map(({ subject, part, order }) => {
    const { data } = subject.plane.level(0);
    const along = samplesAlong(subject, shape, width);
    const values = along.map((all) => {
      const known = all.map((at) => data[at + part.channel]).filter(Number.isFinite);
      return known.reduce((sum, value) => sum + value, 0) / known.length;
    });
    count = values.length;
    const zero = Number(subject.plane.base);
    return {
      name: part.name,
      color: part.color,
      order,
      values: values.map((value) => zero + value),
      text: (/** @type {number} */ i) =>
        `${
          width === 1 && along[i].length
            ? readWhole(subject.plane.own[along[i][0] + part.channel], subject.plane.dtype)
            : readNumber(zero + values[i])
        } ${subject.image.unit}`.trim(),
    };
  });
  return {
    curves,
    from: 0,
    to: length,
    unit: name,
    text: (i) => `${readNumber((length * i) / (count - 1 || 1))} ${name}`,
  };
}

/**
 * @param {Explorer} explorer
 * @param {Shape} shape
 * @param {number} axis
 * @param {() => boolean} stale whether it is wanted no more
 * @returns {Promise<Profile | null>}
 */
export async function planeProfile(explorer, shape, axis, stale) {
  const { axes } = explorer.config;
  const { size, labels, name } = axes[axis];
  /** @type {import("./chart.js").Curve[]} */
  let curves = [];
  for (let i = 0; i < size; i++) {
    const all = await imagesAt(explorer, withItem(explorer.state.index, axis, i));
    const subjects = await findSubjects(all, shape, 1);
    if (stale()) return null;
    const inside = new Map(subjects.map((subject) => [subject, samplesInside(subject, shape)]));
    const parts = findParts(subjects);
    if (!i)
      curves = parts.map(({ subject, part, order }) => {
        /** @type {number[]} */
        const values = [];
        return {
          name: part.name,
          color: part.color,
          order,
          values,
          text: (k) => `${readNumber(values[k])} ${subject.image.unit}`.trim(),
        };
      });
    parts.forEach(({ subject, part }, k) => {
      const { mean } = findStatistics(subject.plane, inside.get(subject) ?? [], part.channel);
      curves[k]?.values.push(mean);
    });
  }
  return {
    curves,
    from: 0,
    to: size - 1,
    unit: "",
    text: (i) => `${name} ${labels[i] ?? i}`,
  };
}
