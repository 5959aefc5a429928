// One plane of an image of tiles: as much of it as is at hand.

import { clamp } from "../base/camera.js";
import { numberLabels } from "../base/labels.js";
import { Plane, TYPES } from "../values/samples.js";
import { joinTiles } from "./join_tiles.js";

/** @typedef {import("../base/types.js").TileAddress} TileAddress */
/** @typedef {import("../values/bins.js").Patch} Patch */
/** @typedef {import("../values/samples.js").Window} Window */
/** @typedef {import("./tiled_source.js").Tile} Tile */
/** @typedef {import("./tiled_source.js").TiledSource} TiledSource */

export const OUT_OF_SIGHT = 1000; // the rank of tiles that are not seen
const CUT_MOST = 2 ** 21; // samples that are measured at once

/** One plane of samples, of which the tiles come as they are wanted. */
export class TiledPlane {
  /** @param {TiledSource} tiled @param {number} index */
  constructor(tiled, index) {
    const { rows, columns, channels, labels, tiles } = tiled.image;
    const { size, overlap, coarsest, dtype } =
      /** @type {import("../base/types.js").TilesConfig} */ (tiles);
    this.rows = rows;
    this.columns = columns;
    this.channels = channels;
    this.labels = labels;
    this.dtype = dtype;
    this.tiled = tiled;
    this.index = index;
    this.tile = size;
    this.overlap = overlap;
    this.most = coarsest;
    this.size = 0; // of memory that it holds by itself
  }

  get version() {
    return this.tiled.version;
  }

  /** @returns {TileAddress} */
  get coarsest() {
    return { plane: this.index, level: this.most, column: 0, row: 0 };
  }

  /** The coarsest level, of which there is one tile. */
  get overview() {
    return this.tiled.get(this.coarsest)?.plane ?? null;
  }

  /** Whether tiles are pictures, whose values are not known. */
  get pictured() {
    return this.dtype === "";
  }

  /** @param {number} level */
  shape(level) {
    return {
      rows: Math.ceil(this.rows / 2 ** level),
      columns: Math.ceil(this.columns / 2 ** level),
    };
  }

  /**
   * The tiles that cover a part of a level.
   * @param {number} level
   * @param {Patch} patch
   * @param {number} [more] on each side
   */
  *#covering(level, { left, top, width, height }, more = 0) {
    const { rows, columns } = this.shape(level);
    const { tile } = this;
    const [x0, x1, across] = [
      Math.floor(left / tile) - more,
      Math.ceil((left + width) / tile) + more,
      Math.ceil(columns / tile),
    ];
    const [y0, y1, down] = [
      Math.floor(top / tile) - more,
      Math.ceil((top + height) / tile) + more,
      Math.ceil(rows / tile),
    ];
    for (let row = Math.max(0, y0); row < Math.min(y1, down); row++) {
      for (let column = Math.max(0, x0); column < Math.min(x1, across); column++)
        yield { plane: this.index, level, column, row };
    }
  }

  /**
   * Ask for what a part of a level needs: something coarse first, then from the middle on, then
   * what lies around.
   * @param {number} level
   * @param {Patch} patch
   */
  request(level, patch) {
    const { most, tile, tiled } = this;
    const { left, top, width, height } = patch;
    tiled.begin();
    tiled.request(this.coarsest, -2);
    const coarser = (/** @type {number} */ by, /** @type {number} */ rank) => {
      if (level + by >= most) return;
      const part = 2 ** by;
      const x = Math.floor(left / part);
      const y = Math.floor(top / part);
      const there = {
        left: x,
        top: y,
        width: Math.ceil((left + width) / part) - x,
        height: Math.ceil((top + height) / part) - y,
      };
      for (const address of this.#covering(level + by, there)) tiled.request(address, rank);
    };
    coarser(2, -1);
    coarser(1, OUT_OF_SIGHT); // for who zooms out
    const middle = {
      x: (patch.left + patch.width / 2) / tile - 0.5,
      y: (patch.top + patch.height / 2) / tile - 0.5,
    };
    const off = (/** @type {TileAddress} */ { column, row }) =>
      Math.hypot(column - middle.x, row - middle.y);
    for (const address of this.#covering(level, patch)) tiled.request(address, off(address));
    for (const address of this.#covering(level, patch, 1))
      tiled.request(address, OUT_OF_SIGHT + off(address));
  }

  /**
   * The samples of a part of a level; where tiles are lacking, those of coarser ones.
   * @param {number} level
   * @param {Patch} patch
   * @returns {Window}
   */
  window(level, patch) {
    const { left, top, width, height } = patch;
    const { channels } = this;
    const plain = this.tiled.image.base === "0" && !this.dtype.includes("64"); // no big integers
    const own = TYPES[/** @type {keyof typeof TYPES} */ (this.dtype)] ?? Float64Array;
    const Kind = /** @type {typeof Float64Array} */ (plain ? own : Float64Array);
    const data = new Kind(width * height * channels);
    for (const { plane, up, first, above, x0, x1, y0, y1 } of this.#parts(level, patch)) {
      const { data: own, columns } = plane.level(0);
      for (let y = y0; y < y1; y++) {
        const to = ((y - top) * width - left) * channels;
        const from = (((y >> up) - above) * columns - first) * channels;
        if (!up)
          data.set(own.subarray(from + x0 * channels, from + x1 * channels), to + x0 * channels);
        else
          for (let x = x0; x < x1; x++)
            for (let c = 0; c < channels; c++)
              data[to + x * channels + c] = own[from + (x >> up) * channels + c];
      }
    }
    return { data, columns: width, left, top };
  }

  /**
   * The numbers of labels' colors in a part of a level; where tiles are lacking, of coarser ones.
   * @param {number} level
   * @param {Patch} patch
   * @param {number} count of colors
   */
  numbers(level, patch, count) {
    const { left, top, width, height } = patch;
    const out = new Uint16Array(width * height);
    for (const { plane, up, first, above, x0, x1, y0, y1 } of this.#parts(level, patch)) {
      const number = numberLabels(plane.own, count);
      for (let y = y0; y < y1; y++) {
        const from = ((y >> up) - above) * plane.columns - first;
        for (let x = x0; x < x1; x++) out[(y - top) * width + x - left] = number(from + (x >> up));
      }
    }
    return out;
  }

  /**
   * The tiles at hand for a part of a level: by how many levels each is coarser, where it begins
   * there, and what it is wanted for.
   * @param {number} level
   * @param {Patch} patch
   */
  *#parts(level, patch) {
    const { left, top, width, height } = patch;
    const { tile } = this;
    for (const address of this.#covering(level, patch)) {
      const found = this.#nearest(address);
      const plane = found?.tile.plane;
      if (!found || !plane) continue;
      yield {
        plane,
        up: found.up,
        first: found.tile.address.column * tile,
        above: found.tile.address.row * tile,
        x0: Math.max(left, address.column * tile),
        x1: Math.min(left + width, (address.column + 1) * tile),
        y0: Math.max(top, address.row * tile),
        y1: Math.min(top + height, (address.row + 1) * tile),
      };
    }
  }

  /**
   * The finest tile at hand where one is wanted, and by how many levels it is coarser.
   * @param {TileAddress} address
   */
  #nearest({ level, column, row }) {
    for (let up = 0; level + up <= this.most; up++) {
      const tile = this.tiled.get({
        plane: this.index,
        level: level + up,
        column: column >> up,
        row: row >> up,
      });
      if (tile && (tile.plane || tile.picture)) return { tile, up };
    }
    return null;
  }

  /**
   * Draw pictures instead of samples.
   * @param {CanvasRenderingContext2D} pen
   * @param {number} level
   * @param {Patch} patch
   * @param {Patch} part of it that has changed
   */
  compose(pen, level, patch, part) {
    const { tile, overlap } = this;
    const { rows, columns } = this.shape(level);
    pen.imageSmoothingEnabled = !this.labels;
    for (const address of this.#covering(level, part)) {
      const found = this.#nearest(address);
      const picture = found?.tile.picture;
      if (!found || !picture) continue;
      const {
        up,
        tile: { address: there },
      } = found;
      const times = 2 ** up;
      const left = there.column * tile - (there.column ? overlap : 0);
      const top = there.row * tile - (there.row ? overlap : 0);
      const x0 = address.column * tile;
      const y0 = address.row * tile;
      const x1 = Math.min(columns, x0 + tile);
      const y1 = Math.min(rows, y0 + tile);
      pen.clearRect(x0 - patch.left, y0 - patch.top, x1 - x0, y1 - y0);
      pen.drawImage(
        picture,
        x0 / times - left,
        y0 / times - top,
        (x1 - x0) / times,
        (y1 - y0) / times,
        x0 - patch.left,
        y0 - patch.top,
        x1 - x0,
        y1 - y0,
      );
    }
  }

  /**
   * The parts of a level that have changed since a version, null: all.
   * @param {number} level
   * @param {number} version
   * @returns {Patch[] | null}
   */
  changed(level, version) {
    const news = this.tiled.since(version);
    const { tile } = this;
    if (!news) return null;
    const own = news.filter((one) => one.plane === this.index && one.level >= level);
    return own.map((one) => {
      const side = tile * 2 ** (one.level - level);
      return { left: one.column * side, top: one.row * side, width: side, height: side };
    });
  }

  /**
   * Why a sample's values can't be read, "": they can, or nobody has tried.
   * @param {number} row
   * @param {number} column
   */
  trouble(row, column) {
    return (
      this.tiled.get({
        plane: this.index,
        level: 0,
        column: Math.floor(column / this.tile),
        row: Math.floor(row / this.tile),
      })?.error ?? ""
    );
  }

  /**
   * Parts of a level of which nothing at all is at hand.
   * @param {number} level
   * @param {Patch} patch
   * @returns {Patch[]}
   */
  lacking(level, patch) {
    const { tile } = this;
    const known = this.tiled.get(this.coarsest);
    if (known?.plane || known?.picture) return [];
    return [...this.#covering(level, patch)]
      .filter((address) => !this.#nearest(address))
      .map(({ column, row }) => ({
        left: column * tile,
        top: row * tile,
        width: tile,
        height: tile,
      }));
  }

  /**
   * A sample's own values; null while they are not at hand.
   * @param {number} row
   * @param {number} column
   * @returns {(number | bigint)[] | null}
   */
  at(row, column) {
    if (this.pictured) return [];
    const { tile } = this;
    const address = {
      plane: this.index,
      level: 0,
      column: Math.floor(column / tile),
      row: Math.floor(row / tile),
    };
    const found = this.tiled.get(address);
    if (found?.plane)
      return found.plane.at(row - address.row * tile, column - address.column * tile);
    if (!found?.error) this.tiled.request(address, -1);
    return null;
  }

  /**
   * A part as a plane of its own, of a coarser level if it is large.
   * @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1 samples
   * @returns {Promise<{plane: Plane, level: number, left: number, top: number}>} where it begins in
   *   that level
   */
  async cut(x0, y0, x1, y1) {
    let level = 0;
    while (level < this.most && ((x1 - x0) * (y1 - y0) * this.channels) / 4 ** level > CUT_MOST)
      level++;
    const { rows, columns } = this.shape(level);
    const times = 2 ** level;
    const left = clamp(Math.floor(x0 / times), 0, columns - 1);
    const top = clamp(Math.floor(y0 / times), 0, rows - 1);
    const patch = {
      left,
      top,
      width: clamp(Math.ceil(x1 / times), left + 1, columns) - left,
      height: clamp(Math.ceil(y1 / times), top + 1, rows) - top,
    };
    const tiles = await Promise.all(
      [...this.#covering(level, patch)].map((address) => this.tiled.need(address)),
    );
    const bad = tiles.find(({ error }) => error);
    if (bad) throw new Error(bad.error);
    const own = joinTiles(patch, tiles, this);
    return {
      plane: Plane.of(
        {
          rows: patch.height,
          columns: patch.width,
          channels: this.channels,
          labels: this.labels,
        },
        tiles[0].plane?.dtype ?? this.dtype,
        own,
        this.tiled.image.base,
      ),
      level,
      left,
      top,
    };
  }
}
