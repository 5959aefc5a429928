// A page whose tiles lie in the folder beside it: pictures, or values as scripts. Both come without
// a request that a page opened from a disk may not make.

import { allImages } from "../layers/sources.js";
import { createTiledViewer } from "../tiles/tiled_viewer.js";
import { readConfig } from "../values/parts.js";

/** @typedef {import("../base/types.js").TileAddress} TileAddress */
/** @typedef {import("../base/types.js").Loader} Loader */
/**
 * What its tiles are besides.
 * @typedef {import("../base/types.js").TilesConfig & {format?: string, last?: number}} FolderTiles
 */

const LOADS = 6; // at once

/** @implements {Loader} */
class FolderLoader {
  /** @type {Map<string, HTMLImageElement | HTMLScriptElement>} by path */
  #coming = new Map();
  /** @type {TileAddress[]} */
  #wanted = [];
  /** @type {Parameters<Loader["on"]>[0]} */
  #deliver = () => {};

  /** @param {string} base the image's folder @param {FolderTiles} tiles */
  constructor(base, tiles) {
    this.base = base;
    this.tiles = tiles;
  }

  /** @param {Parameters<Loader["on"]>[0]} listener */
  on(listener) {
    this.#deliver = listener;
  }

  /** @param {TileAddress[]} wanted */
  request(wanted) {
    this.#wanted = wanted;
    const paths = new Set(wanted.map((address) => this.#path(address)));
    for (const [path, element] of this.#coming) {
      // a script comes in any case
      if (paths.has(path) || !(element instanceof HTMLImageElement)) continue;
      this.#coming.delete(path);
      element.onload = null;
      element.onerror = null;
      element.src = "";
    }
    this.#next();
  }

  #next() {
    for (const address of this.#wanted) {
      if (this.#coming.size >= LOADS) return;
      const path = this.#path(address);
      if (this.#coming.has(path)) continue;
      if (this.tiles.dtype) this.#values(address, path);
      else this.#picture(address, path);
    }
  }

  /** @param {TileAddress} address @param {string} path */
  #picture(address, path) {
    const picture = new Image();
    picture.onload = () =>
      picture
        .decode()
        .catch(() => {})
        .then(() => this.#done(address, path, picture, ""));
    picture.onerror = () => this.#done(address, path, null, `${path} can't be loaded`);
    picture.src = path;
    this.#coming.set(path, picture);
  }

  /** @param {TileAddress} address @param {string} path */
  #values(address, path) {
    const script = document.createElement("script");
    const end = () => {
      const { tile } = /** @type {{tile?: import("../base/types.js").StoredPlane}} */ (
        /** @type {unknown} */ (script)
      );
      script.remove();
      this.#done(address, path, tile ?? null, tile ? "" : `${path} can't be loaded`);
    };
    script.onload = end;
    script.onerror = end;
    script.src = path;
    this.#coming.set(path, script);
    document.head.append(script);
  }

  /**
   * @param {TileAddress} address
   * @param {string} path
   * @param {import("../base/types.js").TileData} found
   * @param {string} error
   */
  #done(address, path, found, error) {
    if (!this.#coming.delete(path)) return; // left behind while it was decoded
    this.#deliver(address, found, { error });
    this.#wanted = this.#wanted.filter((one) => this.#path(one) !== path);
    this.#next();
  }

  /** @param {TileAddress} address */
  #path({ plane, level, column, row }) {
    const { dtype, format, last = 0 } = this.tiles;
    const tile = `${column}_${row}`;
    return dtype
      ? `${this.base}/${plane}/${level}/${tile}.js`
      : `${this.base}/${plane}_files/${last - level}/${tile}.${format}`;
  }
}

for (const root of document.querySelectorAll(".nbimage-tiled")) {
  const config = readConfig(root);
  if (!config) continue;
  const all = allImages(config);
  const tiles = (/** @type {number} */ image) => /** @type {FolderTiles} */ (all[image].tiles);
  createTiledViewer(
    root,
    config,
    (image) => new FolderLoader(`tiles/${image}`, tiles(image)),
  ).start();
}
