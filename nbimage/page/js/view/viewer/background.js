// What stands behind the clear pixels of a pane's images, and does not move with them.

import { areNumbered } from "../base/labels.js";

/**
 * With what has no samples yet; of `step` samples one is drawn, the first.
 * @typedef {import("../values/nearest.js").OnScreen & {step: number, lacking?:
 *   import("../values/bins.js").Patch[]}} Drawn
 */

/**
 * Have a background be seen where images are drawn, but for labels, whose 0 is clear.
 * @param {HTMLElement} behind
 * @param {import("../base/types.js").Item[]} items
 * @param {Drawn[]} drawn each of them
 * @param {number} width
 * @param {number} height
 * @param {number} ratio
 */
export function clipBackground(behind, items, drawn, width, height, ratio) {
  const path = items.flatMap(({ image, display, clip = [0, 1] }, slot) => {
    if (areNumbered(image, display)) return [];
    const { left, top, kx, ky, lacking = [] } = drawn[slot];
    const [from, to] = clip.map((share) => Math.round(share * width));
    const [wide, tall] = [image.columns * kx, image.rows * ky].map(Math.round);
    const whole = { left, top, width: wide, height: tall };
    const right = Math.min(left + whole.width, to);
    const below = Math.min(top + whole.height, height);
    return [whole, ...lacking].map((one) => {
      const x0 = Math.max(one.left, from) / ratio;
      const y0 = Math.max(one.top, 0) / ratio;
      const x1 = Math.max(x0, Math.min(one.left + one.width, right) / ratio);
      const y1 = Math.max(y0, Math.min(one.top + one.height, below) / ratio);
      return `M${x0} ${y0}H${x1}V${y1}H${x0}Z`;
    });
  });
  behind.style.clipPath = `path(evenodd, "M0 0${path.join("")}")`;
}
