// Samples of several tiles as one array.

import { TYPES } from "../base/bytes.js";

/** @typedef {import("../values/bins.js").Patch} Patch */
/** @typedef {import("./tiled_source.js").Tile} Tile */

/**
 * The own samples of a part of a level.
 * @param {Patch} patch
 * @param {Tile[]} tiles all that it lies in
 * @param {{channels: number, tile: number, dtype: string}} plane
 */
export function joinTiles({ left, top, width, height }, tiles, { channels, tile, dtype }) {
  /** @type {any} big integers stay so */
  const own = new (TYPES[/** @type {keyof typeof TYPES} */ (dtype)] ?? Float64Array)(
    width * height * channels,
  );
  const big = own instanceof BigInt64Array || own instanceof BigUint64Array;
  for (const { plane, address } of tiles) {
    if (!plane) continue;
    const x = address.column * tile;
    const y = address.row * tile;
    const { columns } = plane;
    for (let row = Math.max(top, y); row < Math.min(top + height, y + plane.rows); row++) {
      const x0 = Math.max(left, x);
      const x1 = Math.min(left + width, x + columns);
      const from = ((row - y) * columns - x) * channels;
      const some = /** @type {any} */ (plane.own).subarray(
        from + x0 * channels,
        from + x1 * channels,
      );
      own.set(
        big && typeof some[0] !== "bigint" ? Array.from(some, BigInt) : some,
        ((row - top) * width + x0 - left) * channels,
      );
    }
  }
  return own;
}
