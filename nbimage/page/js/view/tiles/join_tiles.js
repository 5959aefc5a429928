// Samples of several tiles as one array.

/** @typedef {import("../values/bins.js").Patch} Patch */
/** @typedef {import("./tiled_source.js").Tile} Tile */

export const ARRAYS = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
};

/**
 * The own samples of a part of a level.
 * @param {Patch} patch
 * @param {Tile[]} tiles all that it lies in
 * @param {{channels: number, tile: number, dtype: string}} plane
 */
export function joinTiles({ left, top, width, height }, tiles, { channels, tile, dtype }) {
  /** @type {any} big integers stay so */
  const own = new (
    ARRAYS[/** @type {keyof typeof ARRAYS} */ (dtype)] ??
    { int64: BigInt64Array, uint64: BigUint64Array }[dtype] ??
    Float64Array
  )(width * height * channels);
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
