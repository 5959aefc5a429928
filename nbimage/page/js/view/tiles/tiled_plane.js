// One plane of an image of tiles: as much of it as is at hand.

import { TYPES } from "../base/bytes.js";
import { clamp } from "../base/camera.js";
import { numberLabels } from "../base/labels.js";
import { Plane } from "../values/samples.js";
import { joinTiles } from "./join_tiles.js";

/** @typedef {import("../base/types.js").TileAddress} TileAddress */
/** @typedef {import("../values/bins.js").Patch} Patch */
/** @typedef {import("../values/samples.js").Window} Window */
/** @typedef {import("../base/types.js").PlaneName} PlaneName */
/** @typedef {import("./tiled_source.js").Tile} Tile */
/** @typedef {import("./tiled_source.js").TiledSource} TiledSource */

export const OUT_OF_SIGHT = 1000; // the rank of tiles that are not seen
const FINER = 3; // levels, of which tiles stand in for what is lacking
const CUT_MOST = 2 ** 21; // samples that are measured at once

/** The dtype of what planes become. @param {PlaneName} name @param {string} dtype theirs */
function projectedType(name, dtype) {
  if (typeof name === "number" || !/mean|std|sum/.test(name)) return dtype;
  return /int64/.test(dtype) && !/mean|std/.test(name) ? dtype : "float64";
}

/** One plane of samples, of which the tiles come as they are wanted. */
export class TiledPlane {
  /** @param {TiledSource} tiled @param {PlaneName} index */
  constructor(tiled, index) {
    const { rows, columns, channels, labels, tiles } = tiled.image;
    const { size, overlap, coarsest, dtype } =
      /** @type {import("../base/types.js").TilesConfig} */ (tiles);
    this.rows = rows;
    this.columns = columns;
    this.channels = channels;
    this.labels = labels;
    this.dtype = projectedType(index, dtype);
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
   * The samples of a part of a level; where tiles are lacking, those of others.
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
    const half = data instanceof Float32Array || data instanceof Float64Array ? 0 : 0.5; // to round
    for (const { plane, up, down, first, above, x0, x1, y0, y1 } of this.#parts(level, patch)) {
      const { data: own, columns } = plane.level(down);
      for (let y = y0; y < y1; y++) {
        const to = ((y - top) * width - left) * channels;
        const from = (((y >> up) - above) * columns - first) * channels;
        if (!up && !down)
          data.set(own.subarray(from + x0 * channels, from + x1 * channels), to + x0 * channels);
        else
          for (let x = x0; x < x1; x++)
            for (let c = 0; c < channels; c++)
              data[to + x * channels + c] = own[from + (x >> up) * channels + c] + half;
      }
    }
    return { data, columns: width, left, top };
  }

  /**
   * The numbers of labels' colors in a part of a level; where tiles are lacking, of others.
   * @param {number} level
   * @param {Patch} patch
   * @param {number} count of colors
   */
  numbers(level, patch, count) {
    const { left, top, width, height } = patch;
    const out = new Uint16Array(width * height);
    for (const { plane, up, down, first, above, x0, x1, y0, y1 } of this.#parts(level, patch)) {
      const number = numberLabels(plane.own, count);
      for (let y = y0; y < y1; y++) {
        const from = (((y >> up) - above) << down) * plane.columns;
        for (let x = x0; x < x1; x++)
          out[(y - top) * width + x - left] = number(from + (((x >> up) - first) << down));
      }
    }
    return out;
  }

  /**
   * The tiles at hand for a part of a level: by how many levels each is coarser or finer, where it
   * begins there, and what it is wanted for; the later ones over the earlier ones.
   * @param {number} level
   * @param {Patch} patch
   */
  *#parts(level, patch) {
    const { left, top, width, height } = patch;
    const { tile } = this;
    for (const address of this.#covering(level, patch)) {
      for (const { tile: found, up, down } of this.#nearest(address)) {
        if (!found.plane) continue;
        const { column, row } = found.address;
        const own = down ? found.address : address;
        yield {
          plane: found.plane,
          up,
          down,
          first: (column * tile) >> down,
          above: (row * tile) >> down,
          x0: Math.max(left, (own.column * tile) >> down),
          x1: Math.min(left + width, ((own.column + 1) * tile) >> down),
          y0: Math.max(top, (own.row * tile) >> down),
          y1: Math.min(top + height, ((own.row + 1) * tile) >> down),
        };
      }
    }
  }

  /**
   * The tiles at hand where one is wanted, and by how many levels they are coarser or finer: that
   * one; or the finest of those that are coarser, then finer ones, of which some are there when
   * somebody has zoomed out.
   * @param {TileAddress} address
   */
  #nearest({ level, column, row }) {
    const at = (/** @type {number} */ level, /** @type {number} */ column, row = 0) => {
      const tile = this.tiled.get({ plane: this.index, level, column, row });
      return tile && (tile.plane || tile.picture) ? tile : null;
    };
    const found = [];
    let up = 0;
    for (; level + up <= this.most && !found.length; up++) {
      const tile = at(level + up, column >> up, row >> up);
      if (tile) found.push({ tile, up, down: 0 });
    }
    if (found[0]?.up === 0) return found;
    for (let down = Math.min(FINER, level); down > 0; down--)
      for (let i = 0; i < 4 ** down; i++) {
        const [x, y] = [i & (2 ** down - 1), i >> down];
        const tile = at(level - down, (column << down) + x, (row << down) + y);
        if (tile) found.push({ tile, up: 0, down });
      }
    return found;
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
      for (const { tile: found, up, down } of this.#nearest(address)) {
        const { address: there, picture } = found;
        if (!picture) continue;
        const times = 2 ** (up - down);
        const left = there.column * tile - (there.column ? overlap : 0);
        const top = there.row * tile - (there.row ? overlap : 0);
        const own = down ? there : address;
        const side = tile / 2 ** down;
        const x0 = own.column * side;
        const y0 = own.row * side;
        const wide = Math.min(columns, x0 + side) - x0;
        const high = Math.min(rows, y0 + side) - y0;
        const [x, y] = [x0 - patch.left, y0 - patch.top];
        pen.clearRect(x, y, wide, high);
        const [sx, sy] = [x0 / times - left, y0 / times - top];
        pen.drawImage(picture, sx, sy, wide / times, high / times, x, y, wide, high);
      }
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
   * What is said of a sample whose values can't be read, "": they can, or nobody has tried.
   * @param {number} row
   * @param {number} column
   */
  trouble(row, column) {
    const found = this.tiled.get({
      plane: this.index,
      level: 0,
      column: Math.floor(column / this.tile),
      row: Math.floor(row / this.tile),
    });
    return found?.error ? "can't be read" : found?.absent ? "not kept" : "";
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
      .filter((address) => !this.#nearest(address).length)
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
   * @param {number} [least] a level no finer than which it is
   * @returns {Promise<{plane: Plane, level: number, left: number, top: number}>} where it begins in
   *   that level
   */
  async cut(x0, y0, x1, y1, least = 0) {
    let level = Math.min(least, this.most);
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
    const bad = tiles.find(({ error, absent }) => error || absent);
    if (bad) throw new Error(bad.error || "not all of it is kept");
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
