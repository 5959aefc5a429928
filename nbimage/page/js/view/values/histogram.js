// The values of a plane that its histogram and its percentiles come from.

const MOST_COUNTED = 2 ** 20; // samples of a plane, as Python's percentiles have
const ENOUGH = 1 / 8; // of those, as many must count, or all of the plane are walked

/**
 * Finite values of a plane, of a large one many that are spread over it, and the least above 0.
 * Where few count, they are found wherever they are.
 * @param {import("./samples.js").Plane} plane
 * @param {number[]} channels
 * @param {boolean} positive those above 0 alone
 * @returns {[Float64Array<ArrayBuffer>, number]}
 */
export function sampleValues(plane, channels, positive) {
  const { data } = plane.level(0);
  const size = plane.rows * plane.columns;
  const some = Math.min(size, MOST_COUNTED / channels.length);
  const values = new Float64Array(some * channels.length + 3);
  const counts = (/** @type {number} */ x) => Number.isFinite(x) && !(positive && x <= 0);
  let count = 0;
  let least = Infinity;
  for (let i = 0; i < some; i++) {
    // uneven steps meet all columns
    const at = Math.floor(((i + ((i * 0.618) % 1)) * size) / some) * plane.channels;
    for (const c of channels) {
      const value = data[at + c];
      if (value > 0 && value < least) least = value;
      if (counts(value)) values[count++] = value;
    }
  }
  if (some === size || count >= ENOUGH * some * channels.length) {
    return [values.subarray(0, count), least];
  }
  count = 0;
  let step = 1;
  let skipped = 0;
  for (let at = 0; at < size * plane.channels; at += plane.channels) {
    for (const c of channels) {
      const value = data[at + c];
      if (value > 0 && value < least) least = value;
      if (!counts(value) || ++skipped < step) continue;
      skipped = 0;
      values[count++] = value;
      if (count < values.length) continue;
      step *= 2; // every other one stays
      count >>= 1;
      for (let i = 0; i < count; i++) values[i] = values[2 * i + 1];
    }
  }
  return [values.subarray(0, count), least];
}
