// Tiles from a server, a few at a time; one that is not wanted any more is not waited for.

import { tileKey } from "../tiles/tile_key.js";

/** @typedef {import("../base/types.js").TileAddress} TileAddress */
/** @typedef {import("../base/types.js").Loader} Loader */

const AT_ONCE = 6;

/** @implements {Loader} */
export class HttpLoader {
  /** @type {Map<string, AbortController>} */
  #coming = new Map();
  /** @type {TileAddress[]} */
  #wanted = [];
  /** @type {Parameters<Loader["on"]>[0]} */
  #deliver = () => {};
  #share = 1;

  /** @param {string} base */
  constructor(base) {
    this.base = base;
  }

  /** @param {Parameters<Loader["on"]>[0]} listener */
  on(listener) {
    this.#deliver = listener;
  }

  progress() {
    return this.#share < 1 ? this.#share : null;
  }

  stop() {
    this.#share = 1;
    fetch(`${this.base}/stop`, { method: "POST" }).catch(() => {});
  }

  /** @param {TileAddress[]} wanted */
  request(wanted) {
    this.#wanted = wanted;
    const paths = new Set(wanted.map(tileKey));
    for (const [path, abort] of this.#coming) {
      if (paths.has(path)) continue;
      this.#coming.delete(path); // so that it can be asked for again at once
      abort.abort();
    }
    this.#next();
  }

  #next() {
    for (const address of this.#wanted) {
      if (this.#coming.size >= AT_ONCE) return;
      if (!this.#coming.has(tileKey(address))) this.#load(address);
    }
  }

  /** @param {TileAddress} address */
  async #load(address) {
    const path = tileKey(address);
    const abort = new AbortController();
    this.#coming.set(path, abort);
    try {
      const answer = await fetch(`${this.base}/${path}`, {
        signal: abort.signal,
        cache: "no-store",
      });
      if (!answer.ok) throw new Error((await answer.text()).slice(0, 300) || `${answer.status}`);
      const data = new Uint8Array(await answer.arrayBuffer());
      const { headers } = answer;
      if (abort.signal.aborted) return;
      this.#share = +(headers.get("X-Progress") ?? 1);
      this.#deliver(
        address,
        { dtype: headers.get("X-Dtype") ?? "", data, encoding: "bytes" },
        { rough: headers.get("X-Rough") === "1" },
      );
    } catch (error) {
      if (!abort.signal.aborted)
        this.#deliver(address, null, {
          error:
            error instanceof TypeError
              ? "the server does not answer"
              : `${/** @type {Error} */ (error).message}`,
        });
    } finally {
      if (this.#coming.get(path) === abort) {
        this.#coming.delete(path);
        this.#wanted = this.#wanted.filter((one) => tileKey(one) !== path);
        this.#next();
      }
    }
  }
}
