// Parts of a level, and what they have in common.

/** @typedef {import("./bins.js").Patch} Patch */

/** A part and what lies around it: so that the next frames of a pan need nothing new. */
export function widen(/** @type {Patch} */ { left, top, width, height }) {
  const [x, y] = [Math.ceil(width / 6), Math.ceil(height / 6)];
  return { left: left - x, top: top - y, width: width + 2 * x, height: height + 2 * y };
}

/** Whether a part is within another one. @param {Patch} all @param {Patch} some */
export function holds(all, some) {
  const { width, height } = intersect(all, some);
  return width === some.width && height === some.height;
}

/** What two parts have in common. @param {Patch} one @param {Patch} other @returns {Patch} */
export function intersect(one, other) {
  const left = Math.max(one.left, other.left);
  const top = Math.max(one.top, other.top);
  const right = Math.min(one.left + one.width, other.left + other.width);
  const bottom = Math.min(one.top + one.height, other.top + other.height);
  return { left, top, width: right - left, height: bottom - top };
}

/**
 * What of a part is not in another one.
 * @param {Patch} before
 * @param {Patch} part
 * @returns {Patch[]}
 */
export function subtract(before, part) {
  const { left, top, width, height } = intersect(before, part);
  const right = left + width;
  const below = top + height;
  if (width <= 0 || height <= 0) return [part];
  return [
    { ...part, height: top - part.top },
    { ...part, top: below, height: part.top + part.height - below },
    { left: part.left, top, width: left - part.left, height },
    { left: right, top, width: part.left + part.width - right, height },
  ];
}
