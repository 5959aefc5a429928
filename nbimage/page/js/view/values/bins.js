// The bins of many samples, quickly: by tables, by arithmetic without branches, by zones.

import { MISSING } from "../base/labels.js";
import { findBend, makeBinning, makeInverseNorm, makeNorm, ruler } from "./norms.js";

/** @typedef {import("../base/types.js").DisplaySettings} DisplaySettings */
/** @typedef {import("./norms.js").Limits} Limits */
/** @typedef {import("./samples.js").Numbers} Numbers */
/** @typedef {import("./samples.js").Window} Window */
/**
 * @typedef {{left: number, top: number, width: number, height: number}} Patch in the samples of a
 *   level
 */

// those that have a table of all values
const FEW = [Uint8Array, Int8Array, Uint16Array, Int16Array];

/**
 * @type {WeakMap<DisplaySettings, Record<string, any>>} settings never change, so neither does what
 *   follows from them
 */
const derivedBy = new WeakMap();

/**
 * What follows from display settings, computed once.
 * @template T
 * @param {DisplaySettings} display
 * @param {string} key
 * @param {() => T} make
 * @returns {T}
 */
function derive(display, key, make) {
  const known = derivedBy.get(display) ?? {};
  derivedBy.set(display, known);
  known[key] ??= make();
  return known[key];
}

/**
 * The bins of all values that a dtype has, by their bits.
 * @param {Limits} limits
 * @param {number} bits
 * @param {boolean} signed
 */
function binTable(limits, bits, signed) {
  const table = new Uint16Array(2 ** bits);
  const bin = makeBinning(limits);
  const shift = 32 - bits;
  for (let i = 0; i < table.length; i++) table[i] = bin(signed ? (i << shift) >> shift : i);
  return table;
}

const NEAR = new Float32Array(1);
const NEAR_BITS = new Uint32Array(NEAR.buffer);
const NEAR_SHIFT = 11; // the sign, the exponent and 12 bits after the point stay

/** The first bits of the float32 next to a value. @param {number} x */
function nearKey(x) {
  NEAR[0] = x;
  return NEAR_BITS[0] >>> NEAR_SHIFT;
}

/**
 * Where the bins of a bent norm lie, all but slivers around their edges. Norms only rise or only
 * fall and are calculated to 2^-42 of a bin or, where limits lie close, to what `error` says; so
 * whatever lies between two values that are clearly in a bin is in it. `hint` tells where to look
 * for a value: its bin or one beside it.
 * @param {Limits} limits
 */
function binZones(limits) {
  const { vmin, vmax, norm } = limits;
  const bent = findBend(limits);
  const inverted = vmin > vmax;
  const error = bent
    ? Math.max(Math.abs(bent.low), Math.abs(bent.high)) / Math.abs(bent.high - bent.low)
    : 0;
  const gap = 2 ** -20 + 2 ** -39 * error;
  const share = makeNorm(limits);
  const unplace = makeInverseNorm(limits);
  const low = new Float64Array(258).fill(Infinity);
  const high = new Float64Array(258).fill(-Infinity); // one more at each end
  const hint = new Uint16Array(2 ** (32 - NEAR_SHIFT));
  const least = norm === "log" ? 0 : -Infinity;
  for (let k = 0; k < 256; k++) {
    let first = unplace((k + gap) / 256);
    let last = unplace((k + 1 - gap) / 256);
    if (
      (k && !(share(first) * 256 >= k + gap / 2)) ||
      (k < 255 && !(share(last) * 256 <= k + 1 - gap / 2))
    )
      continue;
    if (!k) first = inverted ? Infinity : least;
    if (k === 255) last = inverted ? least : Infinity;
    const [from, to] = inverted ? [last, first] : [first, last];
    low[k + 1] = from;
    high[k + 1] = to;
    if (to >= 0) hint.fill(k + 1, nearKey(Math.max(from, 0)), nearKey(to) + 1);
    if (from < 0) hint.fill(k + 1, nearKey(Math.min(to, -0)), nearKey(from) + 1);
  }
  return { low, high, hint, beside: inverted ? -1 : 1, bin: makeBinning(limits) };
}

/**
 * Writes the bins of a row's samples.
 * @typedef {(data: Numbers, from: number, step: number, bins: Uint16Array, to: number, end: number,
 *   how: any) => void} BinFiller
 */

/** @type {BinFiller} */
const fillByTable = (data, from, step, bins, to, end, /** @type {Uint16Array} */ table) => {
  const mask = table.length - 1;
  for (; to < end; to++, from += step) bins[to] = table[data[from] & mask];
};

/** @type {BinFiller} */
const fillEvenly = (
  data,
  from,
  step,
  bins,
  to,
  end,
  /** @type {ReturnType<typeof ruler>} */ rule,
) => {
  const { factor, low, step: width } = rule;
  for (; to < end; to++, from += step) {
    const share = (data[from] * factor - low) / width;
    if (share > -1e9 && share < 1e9) {
      let bin = share | 0; // clipped without branches, which noise would make slow
      bin &= ~(bin >> 31);
      bins[to] = (bin | ((255 - bin) >> 31)) & 255;
    } else bins[to] = share > 0 ? 255 : share < 0 ? 0 : MISSING;
  }
};

/** @type {BinFiller} */
const fillByZones = (
  data,
  from,
  step,
  bins,
  to,
  end,
  /** @type {ReturnType<typeof binZones>} */ zones,
) => {
  const { low, high, hint, beside, bin } = zones;
  for (; to < end; to++, from += step) {
    const x = data[from];
    let k = hint[nearKey(x)];
    if (!(x >= low[k] && x <= high[k])) k += x > high[k] ? beside : -beside;
    bins[to] = x >= low[k] && x <= high[k] ? k - 1 : bin(x);
  }
};

/** @type {BinFiller} */
const fillEach = (data, from, step, bins, to, end, /** @type {(x: number) => number} */ bin) => {
  for (; to < end; to++, from += step) bins[to] = bin(data[from]);
};

/**
 * The bins of one channel in a part of a level, `MISSING` for NaN.
 * @param {number} channels @param {Window} window @param {number} channel @param {Patch} patch
 * @param {Limits} limits @param {DisplaySettings} display @returns {Uint16Array}
 */
export function findBins(
  channels,
  { data, columns, left: first, top: above },
  channel,
  { left, top, width, height },
  limits,
  display,
) {
  const { vmin, vmax, norm, noise } = limits;
  const bins = new Uint16Array(width * height);
  const few = FEW.findIndex((Kind) => data instanceof Kind);
  const bits = few < 0 ? 0 : 8 * data.BYTES_PER_ELEMENT;
  const key = [few, vmin, vmax, norm, noise].join();
  /** @type {[BinFiller, any]} */
  const [fill, how] = bits
    ? [fillByTable, derive(display, key, () => binTable(limits, bits, few % 2 === 1))]
    : norm === "linear" && vmin !== vmax
      ? [fillEvenly, ruler(limits)]
      : norm === "levels"
        ? [fillEach, makeBinning(limits)]
        : [fillByZones, derive(display, key, () => binZones(limits))];
  for (let i = 0; i < height; i++) {
    fill(
      data,
      ((top - above + i) * columns + left - first) * channels + channel,
      channels,
      bins,
      i * width,
      (i + 1) * width,
      how,
    );
  }
  return bins;
}
