// What the scripts of a page have in common: each output has a script of its own.

/**
 * @typedef {object} PageMemory
 * @property {Map<string, any>} viewers what is remembered of each, by display id or cell, the
 *   latest last: see viewer/memory.js
 * @property {WeakMap<Element, number>} cells a number of each
 * @property {Record<string, () => void>} scripts those that are unpacked, by name
 * @property {boolean} [taught] somebody was told how to zoom
 * @property {Record<string, Promise<any>>} live the live explorers, by name
 * @property {WeakRef<any>[]} views those whose samples lie in the page
 * @property {Set<() => void>} waiting called when there is another one of these
 */

/** @returns {PageMemory} */
export const pageMemory = () => {
  const page = /** @type {{nbimageViews?: PageMemory}} */ (globalThis);
  page.nbimageViews ??= /** @type {any} */ ({ viewers: new Map(), scripts: {} });
  // which an older script of another output may have made
  const memory = /** @type {PageMemory} */ (page.nbimageViews);
  memory.cells ??= new WeakMap();
  memory.live ??= {};
  memory.views ??= [];
  memory.waiting ??= new Set();
  return memory;
};
