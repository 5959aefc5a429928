// The structural similarity (SSIM) of two images, as nbimage/metrics has it.

import { registerTask } from "../values/aside.js";

/**
 * The sums over a window along an axis, where the window fits in.
 * @param {Float64Array} image
 * @param {ArrayLike<number>} taps
 * @param {number} step to the next one along the axis
 */
export function correlate(image, taps, step) {
  const out = new Float64Array(image.length - (taps.length - 1) * step);
  for (let k = 0; k < taps.length; k++) {
    const tap = taps[k];
    const from = k * step;
    for (let i = 0; i < out.length; i++) out[i] += tap * image[i + from];
  }
  return out;
}

/**
 * A band of a map.
 * @param {Float64Array[]} images two bands with five samples around, rows one after the other
 * @param {number} width with those
 * @param {{peak: number}} options
 */
function findSimilarity([a, b], width, { peak }) {
  const taps = Array.from({ length: 11 }, (_, i) => Math.exp(-0.5 * ((i - 5) / 1.5) ** 2));
  const whole = taps.reduce((sum, tap) => sum + tap);
  for (let i = 0; i < 11; i++) taps[i] /= whole;
  const blur = (/** @type {(i: number) => number} */ value) =>
    correlate(
      correlate(
        Float64Array.from(a, (_, i) => value(i)),
        taps,
        width,
      ),
      taps,
      1,
    );
  const [ux, uy, xx, yy, xy] = [
    blur((i) => a[i]),
    blur((i) => b[i]),
    blur((i) => a[i] * a[i]),
    blur((i) => b[i] * b[i]),
    blur((i) => a[i] * b[i]),
  ];
  const [c1, c2] = [(0.01 * peak) ** 2, (0.03 * peak) ** 2];
  return ux.map((x, i) => {
    const y = uy[i];
    const above = (2 * x * y + c1) * (2 * (xy[i] - x * y) + c2);
    return above / ((x * x + y * y + c1) * (xx[i] - x * x + yy[i] - y * y + c2));
  });
}
registerTask("ssim", findSimilarity, correlate);
