// Labels: numbers of classes or objects, between which there is no mean, each in its own color.

/** @typedef {import("./types.js").Level} Level */
/** @typedef {import("./types.js").Numbers} Numbers */
/** @typedef {import("./types.js").ImageConfig} ImageConfig */

export const LABELS = "labels"; // their palette
export const MISSING = 256; // the bin of NaN, and its number

/**
 * Whether each label is shown in a color of its own, whatever the limits are.
 * @param {ImageConfig} image
 * @param {import("./types.js").DisplaySettings} display
 */
export const areNumbered = ({ labels, kind }, { cmap }) =>
  !!labels && kind === "gray" && cmap === LABELS;

/**
 * The upper left one of two by two samples.
 * @param {Level} fine
 * @param {number} channels
 * @returns {Level}
 */
export function takeHalf({ rows, columns, data }, channels) {
  const half = { rows: (rows + 1) >> 1, columns: (columns + 1) >> 1 };
  const Kind = /** @type {Float64ArrayConstructor} */ (data.constructor);
  const out = new Kind(half.rows * half.columns * channels);
  for (let i = 0, to = 0; i < half.rows; i++) {
    for (let j = 0, from = 2 * i * columns * channels; j < half.columns; j++, from += channels)
      for (let c = 0; c < channels; c++) out[to++] = data[from++];
  }
  return { ...half, data: out };
}

/**
 * A function from where a label is to the number of its color, as Python has it: of 0 the clear
 * one, 0, of label k 1 + (k - 1) mod `count`; of NaN `MISSING`.
 * @param {Numbers | BigInt64Array | BigUint64Array} own
 * @param {number} count
 * @returns {(at: number) => number}
 */
export function numberLabels(own, count) {
  if (!(own instanceof BigInt64Array || own instanceof BigUint64Array))
    return (at) => numberLabel(own[at], count);
  const { buffer, byteOffset, length } = own;
  const Highs = own instanceof BigInt64Array ? Int32Array : Uint32Array;
  const lows = new Uint32Array(/** @type {ArrayBuffer} */ (buffer), byteOffset, 2 * length);
  const highs = new Highs(lows.buffer, byteOffset, 2 * length);
  const unit = 2 ** 32 % count;
  return (at) => {
    const low = lows[2 * at];
    const high = highs[2 * at + 1];
    return low || high ? numberLabel((high % count) * unit + low, count, true) : 0;
  };
}

/**
 * The number of a label's color.
 * @param {number} label
 * @param {number} count
 * @param {boolean} [some] it is none that is 0
 */
export function numberLabel(label, count, some = false) {
  if (label !== label) return MISSING;
  return label || some ? (((label % count) + count - 1) % count) + 1 : 0;
}

/**
 * A label's color.
 * @param {number} label
 * @param {ImageConfig} image
 * @param {Record<string, Uint8Array>} palettes
 */
export function colorLabel(label, { labels = 0 }, palettes) {
  const from = 4 * numberLabel(Math.round(label), labels);
  return palettes[LABELS].subarray(from, from + 4);
}
