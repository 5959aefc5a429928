// Norms: from a value to its share between limits, to its bin, and back; as Python has them.

import { clamp } from "../base/camera.js";
import { MISSING } from "../base/labels.js";

/** @typedef {import("../base/types.js").DisplaySettings} DisplaySettings */
/**
 * Display settings of one pair of limits.
 * @typedef {{vmin: number, vmax: number, norm: string, parameter: number | null, noise?:
 *   number, vsym?: boolean, edges?: number[]}} Limits
 */

/** Ways to bend values before they are spread evenly, each with its inverse. */
const BENT = {
  log: [(/** @type {number} */ x) => Math.log(x), (/** @type {number} */ y) => Math.exp(y)],
  asinh: [
    (/** @type {number} */ x, /** @type {number} */ knee) => Math.asinh(x / knee),
    (/** @type {number} */ y, /** @type {number} */ knee) => Math.sinh(y) * knee,
  ],
  symlog: [
    (/** @type {number} */ x, /** @type {number} */ knee) =>
      Math.sign(x) * Math.log1p(Math.abs(x) / knee),
    (/** @type {number} */ y, /** @type {number} */ knee) =>
      Math.sign(y) * Math.expm1(Math.abs(y)) * knee,
  ],
};

/** How a norm bends, if it does so between the limits. @param {Limits} limits */
export function findBend({ vmin, vmax, norm, parameter, noise }) {
  const known = BENT[/** @type {keyof typeof BENT} */ (norm)];
  if (!known) return null;
  const most = Math.max(Math.abs(vmin), Math.abs(vmax));
  const width = norm === "asinh" && noise && clamp(noise, most / 1e99, most / 10);
  const knee = parameter || width || most / 100 || 1;
  const [bend, unbend] = known;
  const low = bend(vmin, knee);
  const high = bend(vmax, knee);
  // as good as straight
  const close = Math.abs(high - low) <= 2 ** -36 * Math.max(Math.abs(low), Math.abs(high));
  return close ? null : { bend, unbend, knee, low, high };
}

/**
 * A function from a value to 0…1 between the limits.
 * @param {Limits} limits
 * @returns {(x: number) => number}
 */
export function makeNorm(limits) {
  const { vmin, vmax, norm, parameter } = limits;
  const bent = findBend(limits);
  if (bent) {
    const { bend, knee, low, high } = bent;
    const span = high - low;
    return (x) => (bend(x, knee) - low) / span;
  }
  const part = Number.isFinite(vmax - vmin) ? 1 : 0.5;
  const low = vmin * part;
  const span = vmax * part - low;
  const gamma = norm === "gamma" ? (parameter ?? 1) : 1;
  if (gamma === 1) return (x) => (x * part - low) / span;
  return (x) => {
    const t = (x * part - low) / span;
    return Math.sign(t) * Math.abs(t) ** gamma;
  };
}

/** The inverse of `makeNorm`. @param {Limits} limits @returns {(share: number) => number} */
export function makeInverseNorm(limits) {
  const { vmin, vmax, norm, parameter } = limits;
  const bent = findBend(limits);
  if (bent) {
    const { unbend, knee, low, high } = bent;
    return (t) => unbend(low + t * (high - low), knee);
  }
  const gamma = norm === "gamma" ? 1 / (parameter ?? 1) : 1;
  return (t) => {
    const even = Math.sign(t) * Math.abs(t) ** gamma;
    return vmin * (1 - even) + vmax * even;
  };
}

/**
 * The arithmetic of even bins, as Python has it: the same pixel at every edge.
 * @param {Limits} limits
 */
export function ruler({ vmin, vmax }) {
  const span = Math.abs(vmax - vmin);
  const factor = !Number.isFinite(span * 256) ? 2 ** -10 : span < 2 ** -958 ? 2 ** 100 : 1;
  const low = vmin * factor;
  return { factor, low, step: (vmax * factor - low) / 256 };
}

/**
 * The edges of discrete levels, moved with the limits.
 * @param {Limits} limits
 */
export function findEdges({ vmin, vmax, edges = [] }) {
  const [first, last] = [edges[0], edges.at(-1) ?? 0];
  if (first === vmin && last === vmax) return edges;
  return edges.map((edge) => vmin + ((edge - first) * (vmax - vmin)) / (last - first));
}

/**
 * A function from a value to its bin, 0 to 255, `MISSING` for NaN.
 * @param {Limits} limits
 * @returns {(x: number) => number}
 */
export function makeBinning(limits) {
  const { vmin, vmax, norm, vsym } = limits;
  if (vmin === vmax) {
    const least = norm === "log" ? 0 : -Infinity; // what lies below has no logarithm
    // Equal and symmetric: both are 0, or what stands for it in integers counted from elsewhere.
    return (x) => (!(x >= least) ? MISSING : x > vmin ? 255 : vsym && x === vmin ? 128 : 0);
  }
  if (norm === "levels") {
    const inner = findEdges(limits).slice(1, -1);
    if (vmin > vmax) inner.reverse();
    const last = inner.length;
    return (x) => {
      let i = 0;
      while (inner[i] <= x) i++;
      if (vmin > vmax) i = last - i;
      return x !== x ? MISSING : last ? Math.floor((255 * i) / last) : 127;
    };
  }
  const { factor, low, step } = ruler(limits);
  const share = norm === "linear" ? null : makeNorm(limits);
  return (x) => {
    const bin = Math.floor(share ? share(x) * 256 : (x * factor - low) / step);
    return bin >= 255 ? 255 : bin >= 0 ? bin : bin !== bin ? MISSING : 0;
  };
}

/**
 * The limits of one channel.
 * @param {DisplaySettings} display
 * @param {number} channel
 * @param {Pick<import("../base/types.js").ImageConfig, "noise">} [image]
 * @returns {Limits}
 */
export function channelLimits({ vmin, vmax, ...others }, channel, { noise = [] } = {}) {
  const at = vmin.length > 1 ? channel : 0;
  return { ...others, vmin: vmin[at], vmax: vmax[at], noise: noise[at] ?? noise[0] };
}
