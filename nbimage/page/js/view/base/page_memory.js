// What the scripts of a page have in common: each output has a script of its own.

/**
 * @typedef {object} PageMemory
 * @property {Map<string, any>} viewers what is remembered of each, by display id: see
 *   viewer/memory.js
 * @property {Record<string, () => void>} scripts those that are unpacked, by name
 * @property {Record<string, Promise<any>>} [live] the live explorer, by name
 */

/** @returns {PageMemory} */
export const pageMemory = () => {
  const page = /** @type {{nbimageViews?: PageMemory}} */ (globalThis);
  page.nbimageViews ??= { viewers: new Map(), scripts: {} };
  return page.nbimageViews;
};
