// The scale of a histogram and of a colorbar: the norm's own, over all values or near the limits;
// its bars and its ticks.

import { makeInverseNorm, makeNorm } from "../values/norms.js";

const ROOM = 0.5; // beside limits that the scale stays near to, in their distance
const MOST_TICKS = 7;
const MEANT = 6; // ticks, as nearly as there are round numbers

/** @typedef {import("../values/norms.js").Limits} Limits */
/**
 * @typedef {object} Scale
 * @property {number} low
 * @property {number} high
 * @property {boolean} even equal steps are equal differences
 * @property {number} covered the share of all values' range that the limits take
 * @property {(value: number) => number} toShare 0 at `low`, 1 at `high`
 * @property {(share: number) => number} valued
 */

/**
 * @param {Limits} limits
 * @param {[number, number]} extent of all values; for a logarithm of those above 0
 * @param {boolean} near the limits, not all values
 * @returns {Scale}
 */
export function makeScale(limits, extent, near) {
  const { vmin, vmax, norm } = limits;
  const [from, to] = vmin < vmax ? [vmin, vmax] : [vmax, vmin];
  let low = Math.min(extent[0], from);
  let high = Math.max(extent[1], to);
  if (!(low < high)) high = norm === "log" ? 2 * low : low + (Math.abs(low) * 1e-6 || 1);
  const curved = from < to && norm !== "levels";
  const own = curved ? { ...limits, vmin: from, vmax: to } : { ...limits, vmin: low, vmax: high };
  if (!curved && norm !== "log") own.norm = "linear";
  const bend = makeNorm(own);
  const unbend = makeInverseNorm(own);
  let [first, last] = [bend(low), bend(high)];
  const [begin, end] = [bend(from), bend(to)];
  const covered = (end - begin) / (last - first);
  if (near) {
    const room = (end - begin) * ROOM || (last - first) / 64;
    first = Math.max(first, begin - room);
    last = Math.min(last, end + room);
    if (first > bend(low)) low = unbend(first);
    if (last < bend(high)) high = unbend(last);
  }
  return {
    low,
    high,
    even: own.norm === "linear" || own.norm === "levels" || limits.parameter === 1,
    covered,
    toShare: (value) => (bend(value) - first) / (last - first),
    valued: (share) =>
      share === 0 ? low : share === 1 ? high : unbend(first + share * (last - first)),
  };
}

/**
 * How many values lie in each bar: from one edge to the next one, the last edge with them. Bars of
 * whole numbers hold as many of these each, or at least one.
 * @param {ArrayLike<number>} values
 * @param {Scale} scale
 * @param {number} most bars
 * @param {boolean} whole the values are whole numbers
 */
export function countBars(values, { low, high, even, toShare, valued }, most, whole) {
  let edges = Array.from({ length: most + 1 }, (_, k) => valued(k / most));
  if (whole && even) {
    const [first, last] = [Math.ceil(low), Math.floor(high)];
    const step = Math.max(1, Math.ceil((last - first + 1) / most));
    const bars = Math.max(1, Math.ceil((last - first + 1) / step));
    edges = Array.from({ length: bars + 1 }, (_, k) => first - 0.5 + k * step);
  } else if (whole) {
    edges = edges.map((edge) => Math.round(edge) - 0.5);
    edges.push(Math.floor(high) + 0.5);
    edges = edges.filter((edge, k) => !k || edge > edges[k - 1]);
  }
  const bars = edges.length - 1;
  const counts = new Uint32Array(bars);
  const guess = new Uint16Array(most + 1); // the bar at each share
  for (let k = 0, bar = 0; k <= most; k++) {
    while (bar < bars - 1 && edges[bar + 1] <= valued(k / most)) bar++;
    guess[k] = bar;
  }
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!(value >= edges[0] && value <= edges[bars])) continue;
    let bar = guess[Math.min(most, Math.max(0, Math.floor(toShare(value) * most)))] | 0;
    while (value < edges[bar]) bar--;
    while (bar < bars - 1 && value >= edges[bar + 1]) bar++;
    counts[bar]++;
  }
  return { edges, counts };
}

/**
 * Round numbers on a scale, five to seven as nearly as they have room.
 * @param {Scale} scale
 * @param {number} length of it, in CSS pixels
 * @param {number} gap that ticks need, in CSS pixels
 * @returns {number[]}
 */
export function findTicks({ low, high, even, toShare }, length, gap) {
  const span = high - low;
  if (!Number.isFinite(span)) return [];
  const steps = [1, 0, -1, -2].flatMap((more) =>
    [5, 2, 1].map((part) => part * 10 ** (Math.floor(Math.log10(span)) + more)),
  );
  const multiples = (/** @type {number} */ step) => {
    const first = Math.ceil(low / step - 1e-9);
    const count = Math.floor(high / step + 1e-9) - first + 1;
    return Array.from(
      { length: clampCount(count) },
      (_, i) => +((first + i) * step).toPrecision(12),
    );
  };
  const rank = (/** @type {number} */ count) =>
    100 * Math.abs(count - MEANT) + (count > MOST_TICKS ? count : -count);
  const round = steps
    .map(multiples)
    .filter(
      (ticks) =>
        ticks.length &&
        ticks.every((tick, i) => !i || length * (toShare(tick) - toShare(ticks[i - 1])) >= gap),
    )
    .reduce(
      (best, ticks) => (rank(ticks.length) < rank(best.length) ? ticks : best),
      /** @type {number[]} */ ([]),
    );
  if (even) return round;
  // powers of ten first, then what lies between them
  const top = Math.floor(Math.log10(Math.max(Math.abs(low), Math.abs(high))));
  const powers = [0];
  for (const part of [1, 5, 2]) {
    for (let k = top; k > top - 20; k--) powers.push(part * 10 ** k, -part * 10 ** k);
  }
  /** @type {[number, number][]} */
  const taken = [];
  const apart = Math.max(gap, length / (MOST_TICKS + 0.5)) / length;
  for (const tick of powers) {
    if (tick < low || tick > high || taken.length >= MOST_TICKS) continue;
    const at = toShare(tick);
    if (taken.every(([, other]) => Math.abs(other - at) >= apart)) {
      taken.push([+tick.toPrecision(12), at]);
    }
  }
  if (rank(round.length) < rank(taken.length)) return round;
  return taken.map(([tick]) => tick).sort((a, b) => a - b);
}

const clampCount = (/** @type {number} */ count) => Math.min(100, Math.max(0, count));
