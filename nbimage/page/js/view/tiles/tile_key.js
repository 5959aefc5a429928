// One name for a tile, in maps and in paths.

/** @param {import("../base/types.js").TileAddress} address */
export const tileKey = ({ plane, level, column, row }) => `${plane}/${level}/${column}_${row}`;
