// What is drawn of an image: one of its planes, once it is at hand.

/** @typedef {import("../base/types.js").Item} Item */

/**
 * @param {import("../base/types.js").Explorer} explorer
 * @param {number} image
 * @param {number[]} [index] along the axes
 * @returns {Item[]}
 */
export function planeItems(explorer, image, index = explorer.state.index) {
  const number = explorer.planeNumber(index);
  const plane = explorer.sources[image].peek(number);
  const own = explorer.config.images[image];
  return plane
    ? [
        {
          key: `${image}:${number}`,
          plane,
          image: own,
          display: explorer.displayOf(image),
          position: own.position,
          index,
        },
      ]
    : [];
}
