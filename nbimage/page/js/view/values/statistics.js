// Arithmetic of lines and regions: which samples they touch, and numbers of these.

import { clamp } from "../base/camera.js";

/** @typedef {import("../base/types.js").ImageConfig} ImageConfig */
/** @typedef {import("../base/types.js").Placement} Placement */
/** @typedef {import("./samples.js").Plane} Plane */
/** Where a line or region begins and ends: x0, y0, x1, y1. @typedef {number[]} Ends */

/**
 * The same as np.linspace(from, to, count).round(): of two the even one.
 * @param {number} from
 * @param {number} to
 * @param {number} count
 */
export function linspace(from, to, count) {
  return Array.from({ length: count }, (_, i) => {
    const at = i && i === count - 1 ? to : i * ((to - from) / (count - 1 || 1)) + from;
    const near = Math.round(at);
    return near - at === 0.5 && near % 2 ? near - 1 : near;
  });
}

/**
 * In an image's samples: 0 is the edge of the first one.
 * @param {Ends} ends
 * @param {ImageConfig} image
 * @param {boolean} own rows as the array has them, not as shown
 * @param {Placement} position
 */
export function toSamples(ends, { rows, lower }, own, { x, y, sx, sy }) {
  return ends.map((end, i) =>
    i % 2 === 0 ? (end - x) / sx : own && lower ? rows - (end - y) / sy : (end - y) / sy,
  );
}

/**
 * The samples with their centres in a region.
 * @param {Ends} ends
 * @param {ImageConfig} image
 * @param {boolean} own
 * @param {Placement} position
 */
export function coveredSamples(ends, image, own, position) {
  const all = toSamples(ends, image, own, position).map((end, i) =>
    clamp(Math.round(end), 0, i % 2 ? image.rows : image.columns),
  );
  return all.map((end, i) => (i < 2 ? Math.min : Math.max)(end, all[(i + 2) % 4]));
}

/**
 * Numbers of the finite values; each row is summed by itself, so that little is rounded.
 * @param {Plane} plane
 * @param {Ends} region
 * @param {number} channel
 * @param {number} step
 */
export function findStatistics(plane, [x0, y0, x1, y1], channel, step) {
  const { data } = plane.level(0);
  const { own, columns, channels } = plane;
  const pass = (/** @type {number} */ origin) => {
    let counted = 0;
    let count = 0;
    let low = -1;
    let high = -1;
    let least = Infinity;
    let most = -Infinity;
    let sum = 0;
    let squares = 0;
    for (let y = y0; y < y1; y += step) {
      let rowSum = 0;
      let rowSquares = 0;
      for (let x = x0; x < x1; x += step) {
        const at = (y * columns + x) * channels + channel;
        const value = data[at];
        const from = value - origin;
        counted++;
        if (value - value !== 0) continue;
        count++;
        rowSum += from;
        rowSquares += from * from;
        // what is the same in `data` may not be in the array's own, of 64 bits
        if (value < least || (value === least && own[at] < own[low])) [least, low] = [value, at];
        if (value > most || (value === most && own[at] > own[high])) [most, high] = [value, at];
      }
      sum += rowSum;
      squares += rowSquares;
    }
    return {
      share: count / (counted || 1),
      low,
      high,
      mean: origin + sum / count,
      std: Math.sqrt(squares / count),
    };
  };
  return pass(pass(0).mean);
}
