// What is between two images, sample by sample, and numbers of it.

import { Plane } from "./samples.js";

/** @typedef {import("../base/types.js").ImageConfig} ImageConfig */
/**
 * What is between two images, a − b at a's samples, and numbers of what is finite in both.
 * @typedef {object} Difference
 * @property {Plane} plane
 * @property {number} limit the largest magnitude in the plane
 * @property {number} most the largest magnitude of a channel, and where it is in a
 * @property {number} row
 * @property {number} column
 * @property {Record<string, number>} numbers
 */

/** How many channels an image has without alpha. @param {ImageConfig} image */
export const countSolid = ({ kind, channels }) =>
  kind === "composite" ? channels : kind === "gray" ? 1 : 3;

/**
 * Of each sample along an axis the nearest one of another image, -1 where there is none.
 * @param {number} count
 * @param {number} from
 * @param {number} step
 * @param {number} most
 * @param {number} start
 * @param {number} size
 */
const nearestSamples = (count, from, step, most, start, size) =>
  Int32Array.from({ length: count }, (_, i) => {
    const at = Math.floor((from + step * (i + 0.5) - start) / size);
    return at < most ? Math.max(-1, at) : -1;
  });

/**
 * Both channel by channel, without alpha; one of gray is the same in all. Composites become gray:
 * the sum of those of their channels that are on.
 * @param {Plane} a
 * @param {ImageConfig} one
 * @param {Plane} b
 * @param {ImageConfig} other
 * @param {boolean} absolute
 * @param {boolean[]} on
 * @returns {Difference | null} null: their channels don't match
 */
export function subtractImages(a, one, b, other, absolute, on) {
  const { rows, columns } = a;
  const mine = countSolid(one);
  const theirs = countSolid(other);
  const channels = Math.max(mine, theirs);
  if (mine !== theirs && mine > 1 && theirs > 1) return null;
  const p = one.position;
  const q = other.position;
  const left = a.own;
  const right = b.own;
  const across = nearestSamples(columns, p.x, p.sx, b.columns, q.x, q.sx);
  const down = nearestSamples(rows, p.y, p.sy, b.rows, q.y, q.sy);
  const large = a.dtype.endsWith("int64") && b.dtype.endsWith("int64"); // beyond what floats hold
  const fine = [a, b].every(({ dtype }) => /8|16|float32/.test(dtype));
  const summed = [one.kind, other.kind].includes("composite");
  const shown = summed ? 1 : channels;
  const data = new (fine ? Float32Array : Float64Array)(rows * columns * shown);
  let values = 0;
  let unmatched = 0;
  let sum = 0;
  let total = 0;
  let squares = 0;
  let most = 0;
  let found = 0;
  let limit = 0;
  for (let i = 0, at = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++, at++) {
      const there = down[i] < 0 ? -1 : across[j];
      const against = (down[i] * b.columns + there) * b.channels;
      let shade = 0;
      for (let c = 0; c < channels; c++) {
        if (summed && !on[c]) continue;
        const x = there < 0 ? NaN : left[at * a.channels + (mine > 1 ? c : 0)];
        const y = there < 0 ? 0 : right[against + (theirs > 1 ? c : 0)];
        const less = large && there >= 0 ? Number(BigInt(x) - BigInt(y)) : Number(x) - Number(y);
        const size = Math.abs(less);
        if (size < Infinity) {
          values++;
          sum += less;
          total += size;
          squares += less * less;
          if (size > most) [most, found] = [size, at];
          // not if both are NaN, or the same infinity
        } else if (there < 0 || (x !== y && (x === x || y === y))) unmatched++;
        shade = (summed ? shade : 0) + (absolute ? size : less);
        if (Math.abs(shade) < Infinity) limit = Math.max(limit, Math.abs(shade));
        data[at * shown + (summed ? 0 : c)] = shade;
      }
    }
  }
  const MSE = squares / values;
  const RMSE = Math.sqrt(MSE);
  const spans = one.extent.slice(0, mine).flat();
  // of uint8 and uint16, or what there is
  const peak = [255, 65535].includes(one.full) ? one.full : Math.max(...spans) - Math.min(...spans);
  return {
    plane: Plane.of(
      { rows, columns, channels: shown, labels: one.labels || other.labels },
      fine ? "float32" : "float64",
      data,
    ),
    limit,
    most,
    row: Math.floor(found / columns),
    column: found % columns,
    numbers: {
      mean: sum / values,
      MAE: total / values,
      MSE,
      RMSE,
      PSNR: 20 * Math.log10(peak / RMSE),
      peak,
      values,
      ...(unmatched && { unmatched }),
    },
  };
}

/** Six digits, or all of a whole number. @param {number} value */
export const formatBrief = (value) =>
  String(Number.isInteger(value) ? value : +value.toPrecision(6))
    .replace("-", "−")
    .replace("Infinity", "∞");
