// The tiles of one image: which are at hand, and which are asked for.

import { Plane } from "../values/samples.js";
import { tileKey } from "./tile_key.js";
import { OUT_OF_SIGHT, TiledPlane } from "./tiled_plane.js";

/** @typedef {import("../base/types.js").TileAddress} TileAddress */
/** @typedef {import("../base/types.js").ImageConfig} ImageConfig */
/** @typedef {import("../base/types.js").Loader} Loader */
/** @typedef {import("../base/types.js").PlaneName} PlaneName */
/**
 * What came of an address.
 * @typedef {{address: TileAddress, plane: Plane | null, picture: CanvasImageSource | null, error:
 *   string, rough: boolean, absent: boolean, at: number, bytes: number}} Tile
 */

const MOST_KEPT = 2 ** 27; // bytes of tiles
const MOST_NEWS = 256;
const AGAIN = 600; // milliseconds after which a rough tile is asked for again

/** The tiles of one image: which are at hand, and which are asked for. */
export class TiledSource {
  /** @type {Map<string, Tile>} the one used last is the last */
  #tiles = new Map();
  /** @type {Map<PlaneName, TiledPlane>} */
  #planes = new Map();
  /** @type {Map<string, {address: TileAddress, rank: number}>} of the frame that is being drawn */
  #wanted = new Map();
  /**
   * @type {Map<string, {address: TileAddress, rough: boolean, done: ((tile: Tile) => void)[]}>}
   *   whether seen or not
   */
  #needed = new Map();
  #requested = "";
  #bytes = 0;
  #soonest = 2; // tiles that are decoded sooner than a worker begins
  #coming = false;
  #framed = false; // whether what is wanted is a whole frame's
  #timer = 0;
  /** @type {Map<string, Tile>} */
  #failed = new Map();
  /** @type {Map<string, import("../base/types.js").TileInfo>} those that are being decoded */
  #decoding = new Map();
  /** @type {{version: number, address: TileAddress}[]} the latest arrivals */
  #news = [];
  version = 0;
  /** How often there were other data. */
  renewed = 0;
  /** How many of those that are seen are not here yet. */
  waiting = 0;
  /** Those, and how many are here roughly. */
  pending = 0;

  /** @param {ImageConfig} image @param {Loader} loader @param {() => void} draw */
  constructor(image, loader, draw) {
    this.image = image;
    this.loader = loader;
    this.draw = draw;
    loader.on((address, found, about) => {
      this.#arrived(address, found, about);
    });
  }

  /** @param {PlaneName} index */
  #plane(index) {
    const plane = this.#planes.get(index) ?? new TiledPlane(this, index);
    this.#planes.set(index, plane);
    return plane;
  }

  /** A plane whose coarsest tile is at hand. @param {PlaneName} index */
  peek(index) {
    const plane = this.#plane(index);
    return this.get(plane.coarsest) ? plane : null;
  }

  /** @param {PlaneName} index @returns {Promise<TiledPlane>} */
  async plane(index) {
    const plane = this.#plane(index);
    // one that fails is marked as any other
    if (!this.get(plane.coarsest)) await this.need(plane.coarsest, true);
    return plane;
  }

  /** A tile that is at hand. @param {TileAddress} address */
  get(address) {
    const key = tileKey(address);
    const tile = this.#tiles.get(key);
    if (!tile) return null;
    this.#tiles.delete(key);
    this.#tiles.set(key, tile);
    return tile;
  }

  /** Those that failed. */
  get failed() {
    return [...this.#failed.values()];
  }

  /** Ask for those that failed once more. */
  retry() {
    for (const key of [...this.#failed.keys()]) this.#forget(key);
    this.version++;
    this.draw();
  }

  /**
   * All that is wanted from here on is for a frame: of what earlier ones wanted nothing is any
   * more.
   */
  begin() {
    this.#framed = true;
  }

  /**
   * Wanted for the frame that is being drawn, or as well as what the latest one wanted; of a lower
   * rank sooner.
   * @param {TileAddress} address
   * @param {number} rank
   */
  request(address, rank) {
    const key = tileKey(address);
    const before = this.#wanted.get(key);
    if (!before || before.rank > rank) this.#wanted.set(key, { address, rank });
    this.#soon();
  }

  /**
   * Wanted until it is here.
   * @param {TileAddress} address
   * @param {boolean} [rough] a rough one will do
   * @returns {Promise<Tile>}
   */
  need(address, rough = false) {
    const tile = this.get(address);
    if (tile && (rough || !tile.rough) && !tile.error) return Promise.resolve(tile);
    return new Promise((done) => {
      const key = tileKey(address);
      const needed = this.#needed.get(key) ?? { address, rough, done: [] };
      needed.rough &&= rough;
      needed.done.push(done);
      this.#needed.set(key, needed);
      if (tile?.error) this.#forget(key);
      this.#soon();
    });
  }

  /**
   * What has come since.
   * @param {number} version
   * @returns {TileAddress[] | null} null: too much to say
   */
  since(version) {
    if (this.#news.length && this.#news[0].version > version + 1) return null;
    return this.#news.filter((one) => one.version > version).map(({ address }) => address);
  }

  #soon() {
    if (this.#coming) return;
    this.#coming = true;
    queueMicrotask(() => {
      // all that a frame wants, at once
      this.#coming = false;
      this.#frame = this.#framed ? this.#wanted : new Map([...this.#frame, ...this.#wanted]);
      this.#wanted = new Map();
      this.#framed = false;
      this.#send();
    });
  }

  #frame = this.#wanted; // what the latest frame wanted

  #send() {
    const now = performance.now();
    const before = [!this.waiting, !this.pending].join();
    const lacking = (/** @type {TileAddress} */ address) => {
      const tile = this.#tiles.get(tileKey(address));
      if (this.#decoding.has(tileKey(address))) return false;
      return !tile || (tile.rough && now - tile.at >= AGAIN);
    };
    const ranked = [...this.#frame.values()].sort((a, b) => a.rank - b.rank);
    const visible = ranked.map(({ address }) => address);
    const all = [
      ...new Map(
        [...[...this.#needed.values()].map(({ address }) => address), ...visible].map((one) => [
          tileKey(one),
          one,
        ]),
      ).values(),
    ];
    const requests = all.filter(lacking);
    this.waiting =
      this.#needed.size +
      ranked.filter(
        ({ address, rank }) => rank < OUT_OF_SIGHT && !this.#tiles.has(tileKey(address)),
      ).length;
    const rough = ranked.filter(
      ({ address, rank }) => rank < OUT_OF_SIGHT && this.#tiles.get(tileKey(address))?.rough,
    );
    this.pending = this.waiting + rough.length;
    // Who says so is told with the next frame.
    if (before !== [!this.waiting, !this.pending].join()) this.draw();
    if (all.some((address) => this.#tiles.get(tileKey(address))?.rough)) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#later(), AGAIN);
    }
    const keys = requests.map(tileKey).join();
    if (keys === this.#requested) return;
    this.#requested = keys;
    this.loader.request(requests);
  }

  /**
   * Those that are seen are asked for again as they are drawn, so that nothing is that nobody sees.
   */
  #later() {
    if (this.#needed.size) this.#soon();
    this.draw();
  }

  /**
   * @param {TileAddress} address
   * @param {import("../base/types.js").TileData} found
   * @param {import("../base/types.js").TileInfo} about
   */
  async #arrived(address, found, about) {
    const key = tileKey(address);
    this.#decoding.set(key, about);
    const tile = await this.#decode(address, found, about);
    if (this.#decoding.get(key) !== about) return; // a later one has come, or other data
    this.#decoding.delete(key);
    this.#install(tile);
    this.#news.push({ version: ++this.version, address });
    if (this.#news.length > MOST_NEWS) this.#news.splice(0, MOST_NEWS / 2);
    this.#requested = ""; // fewer are wanted now
    this.#soon();
    this.draw();
  }

  /**
   * @param {TileAddress} address
   * @param {import("../base/types.js").TileData} found
   * @param {import("../base/types.js").TileInfo} about
   */
  async #decode(address, found, { error = "", rough = false, absent = false }) {
    /** @type {Tile} */
    const tile = {
      address,
      plane: null,
      picture: null,
      error,
      rough,
      absent,
      at: performance.now(),
      bytes: 64,
    };
    try {
      if (found instanceof HTMLImageElement)
        Object.assign(tile, { picture: found, bytes: 4 * found.width * found.height });
      else if (found) {
        const here = this.#soonest-- > 0;
        tile.plane = await Plane.decode(found, this.#describeShape(address), this.image.base, here);
        tile.plane.level(0); // counted too
        tile.bytes = tile.plane.size;
      }
    } catch (problem) {
      tile.error = `${problem}`;
    }
    return tile;
  }

  /** @param {Tile} tile */
  #install(tile) {
    const { address, rough } = tile;
    const key = tileKey(address);
    this.#forget(key);
    this.#bytes += tile.bytes;
    this.#tiles.set(key, tile);
    if (tile.error) this.#failed.set(key, tile);
    this.#drop();
    const needed = this.#needed.get(key);
    if (needed && (tile.error || !rough || needed.rough)) {
      this.#needed.delete(key);
      for (const done of needed.done) done(tile);
    }
  }

  /**
   * Tiles of other data, to be shown together.
   * @param {{tile: import("../base/types.js").TileMessage, data: Uint8Array | null}[]} all
   */
  decodeAll(all) {
    return Promise.all(
      all.map(({ tile, data }) => {
        const [plane, level, column, row] = tile.address;
        const { dtype, error = "", rough = false } = tile;
        return this.#decode(
          { plane, level, column, row },
          error || !data ? null : { dtype, data, encoding: "bytes" },
          { error, rough },
        );
      }),
    );
  }

  /**
   * Other data: what is seen of the ones before stays until theirs is here.
   * @param {string} dtype
   * @param {Tile[]} fresh
   */
  renew(dtype, fresh) {
    this.renewed++;
    this.#decoding.clear();
    if (this.#sizes.dtype !== dtype) {
      this.#sizes.dtype = dtype;
      this.#planes.clear();
    }
    for (const [key, tile] of this.#tiles)
      if (this.#frame.has(key)) Object.assign(tile, { rough: true, at: -AGAIN });
      else this.#forget(key);
    for (const tile of fresh) this.#install(tile);
    this.version += 2;
    this.#news = [{ version: this.version, address: { plane: 0, level: 0, column: 0, row: 0 } }];
    this.#requested = "";
    this.loader.renew?.();
    this.#soon();
    this.draw();
  }

  /** What the latest frame has use for. @param {number} most the rank of none of them */
  wanted(most) {
    const ranked = [...this.#frame.values()].filter(({ rank }) => rank < most);
    return ranked.map(({ address }) => address);
  }

  /** @param {TileAddress} address */
  #describeShape({ plane, level, column, row }) {
    const { rows, columns, channels } = this.#plane(plane);
    const { size } = this.#sizes;
    const [high, wide] = [rows, columns].map((count) => Math.ceil(count / 2 ** level));
    return {
      rows: Math.min(size, high - row * size),
      columns: Math.min(size, wide - column * size),
      channels,
      labels: this.image.labels,
    };
  }

  get #sizes() {
    return /** @type {import("../base/types.js").TilesConfig} */ (this.image.tiles);
  }

  /** @param {string} key */
  #forget(key) {
    this.#bytes -= this.#tiles.get(key)?.bytes ?? 0;
    this.#tiles.delete(key);
    this.#failed.delete(key);
  }

  /** Forget the tiles that were not used for longest; none that are seen, nor the coarsest ones. */
  #drop() {
    if (this.#bytes <= MOST_KEPT) return;
    for (const [key, { address }] of this.#tiles) {
      if (this.#bytes <= MOST_KEPT) return;
      if (!this.#frame.has(key) && address.level < this.#sizes.coarsest) this.#forget(key);
    }
  }
}
