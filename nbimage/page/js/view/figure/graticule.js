// Lines of equal longitude and latitude over what is seen, at round degrees or hours.

import { sexagesimal } from "./sky.js";

const CELL = 14; // CSS pixels between positions that are looked at
const ROUND = [90, 60, 30, 15, 10, 5, 2, 1];
const PARTS = [30, 20, 10, 5, 2, 1];
const MEANT = 6;

/** Round steps, of which the coarsest comes first. @param {boolean} sixty minutes and seconds */
function roundSteps(sixty) {
  const fine = [0.5, 0.2, 0.1].flatMap((one) => [one, one / 1000, one / 1e6]);
  const tenths = [0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 5e-3, 2e-3, 1e-3];
  return [
    ...ROUND,
    ...(sixty
      ? [...PARTS.map((one) => one / 60), ...[...PARTS, ...tenths].map((one) => one / 3600)]
      : [...tenths, ...fine.map((one) => one / 1000)]),
  ].sort((a, b) => b - a);
}

/** @param {number} a @param {number} b degrees */
const apart = (a, b) => ((((a - b) % 360) + 540) % 360) - 180;

/**
 * @param {import("./sky.js").World} sky
 * @param {import("../base/types.js").Pane} pane
 */
export function findLines(sky, pane) {
  const [part] = sky.parts;
  const { width, height } = pane;
  const [columns, rows] = [width, height].map((side) => Math.ceil(side / CELL) + 1);
  const positionAt = (/** @type {number} */ x, /** @type {number} */ y) => {
    const at = pane.toWorld(x, y);
    return sky.positions(at.x - 0.5, at.y - 0.5)?.[0] ?? null;
  };
  const positions = Array.from({ length: columns * rows }, (_, i) =>
    positionAt((i % columns) * CELL, Math.floor(i / columns) * CELL),
  );
  const known = positions.filter((one) => one !== null);
  if (!known.length) return null;
  const middle = known[known.length >> 1];
  /** @type {[number, number][]} reach of longitude, from the middle's, and of latitude */
  const reach = [0, 1].map((k) => {
    const all = known.map((one) => (k ? one[1] : apart(one[0], middle[0])));
    return [Math.min(...all), Math.max(...all)];
  });
  const size = reach.map(([low, high], k) => {
    const hours = part.hours && !k ? 15 : 1;
    const sixty = !!part.hours;
    const steps = roundSteps(sixty).map((one) => one * hours);
    const rank = (/** @type {number} */ one) => Math.abs((high - low) / one - MEANT);
    return steps.reduce((best, one) => (rank(one) < rank(best) ? one : best));
  });
  /** @type {number[][]} */
  const segments = [];
  /** Where a value crosses between two positions. */
  const cross = (/** @type {number[]} */ a, /** @type {number[]} */ b, /** @type {number} */ k) => {
    const from = a[k];
    const to = k ? b[k] : from + apart(b[k], from);
    if (Math.abs(to - from) > 60) return [];
    const [low, high] = from < to ? [from, to] : [to, from];
    const found = [];
    for (let i = Math.ceil(low / size[k]); i * size[k] < high && found.length < 9; i++)
      found.push({ share: (i * size[k] - from) / (to - from), value: i * size[k] });
    return found;
  };
  for (let row = 0; row + 1 < rows; row++) {
    for (let column = 0; column + 1 < columns; column++) {
      const corners = [0, 1, columns + 1, columns].map(
        (one) => positions[row * columns + column + one],
      );
      if (corners.includes(null)) continue;
      for (const k of [0, 1]) {
        /** @type {Map<number, number[]>} */
        const ends = new Map();
        corners.forEach((corner, i) => {
          const next = /** @type {number[]} */ (corners[(i + 1) % 4]);
          const [dx, dy] = [
            [0, 0],
            [1, 0],
            [1, 1],
            [0, 1],
          ][i];
          const [ex, ey] = [
            [1, 0],
            [0, 1],
            [-1, 0],
            [0, -1],
          ][i];
          for (const { share, value } of cross(/** @type {number[]} */ (corner), next, k)) {
            const name = k ? value : Math.round((((value % 360) + 360) % 360) * 1e7);
            const all = ends.get(name) ?? [];
            all.push((column + dx + ex * share) * CELL, (row + dy + ey * share) * CELL);
            ends.set(name, all);
          }
        });
        for (const all of ends.values()) if (all.length >= 4) segments.push(all.slice(0, 4));
      }
    }
  }
  /** Texts along an edge, of what it crosses more of. */
  const along = (/** @type {boolean} */ across) => {
    const found = [0, 1].map((k) => {
      const all = [];
      let before = null;
      for (let at = 0; at <= (across ? width : height); at += 4) {
        const position = across ? positionAt(at, height - 20) : positionAt(50, at);
        if (position && before)
          for (const { share, value } of cross(before, position, k))
            all.push({ at: at - 4 + 4 * share, text: lineText(part, value, size[k], k) });
        before = position;
      }
      return all;
    });
    return found;
  };
  const [below, left] = [along(true), along(false)];
  const turned = below[1].length + left[0].length > below[0].length + left[1].length;
  return { segments, below: below[+turned], left: left[+!turned] };
}

/**
 * @param {import("./sky.js").World["parts"][number]} part
 * @param {number} value degrees
 * @param {number} size of the step to the next line
 * @param {number} k 0: longitude, 1: latitude
 */
export function lineText({ kind, hours, signed }, value, size, k) {
  const turned = k ? value : ((value % 360) + 360) % 360;
  if (!hours) {
    const degrees = !k && signed && turned > 180 ? turned - 360 : turned;
    const text = `${+Math.abs(degrees).toPrecision(10)}°`;
    if (kind !== "earth") return degrees < 0 ? `−${text}` : text;
    return degrees && Math.abs(degrees) !== 180 ? text + (k ? "NS" : "EW")[+(degrees < 0)] : text;
  }
  const one = k ? 1 : 15;
  const units = k ? "°′″" : "hms";
  const step = (size / one) * 3600;
  const digits = step >= 1 ? 0 : Math.ceil(-Math.log10(step) - 1e-9);
  const text = sexagesimal(turned / one, units, digits, k ? 0 : 24);
  const whole = step % 3600 < 1e-6 ? units[0] : step % 60 < 1e-6 ? units[1] : units[2];
  return text.slice(0, text.indexOf(whole) + 1);
}
