// Tiles that are loaded one by one, a few at a time; one that is not wanted any more is left.

/** @typedef {import("../base/types.js").TileAddress} TileAddress */
/** @typedef {import("../base/types.js").Loader} Loader */
/** @typedef {import("../base/types.js").TileData} TileData */
/** @typedef {import("../base/types.js").TileInfo} TileInfo */
/** @typedef {(found: TileData, about: TileInfo) => void} Done */
/**
 * Begins to load what has a name, and says later what was found; returns what leaves it, or null
 * where it comes in any case.
 * @typedef {(name: string, done: Done) => (() => void) | null} Load
 */

const AT_ONCE = 6;

/** @implements {Loader} */
export class QueuedLoader {
  /** @type {Map<string, ReturnType<Load>>} by name */
  #coming = new Map();
  /** @type {TileAddress[]} */
  #wanted = [];
  /** @type {Parameters<Loader["on"]>[0]} */
  #deliver = () => {};

  /** @param {(address: TileAddress) => string} nameTile @param {Load} load */
  constructor(nameTile, load) {
    this.nameTile = nameTile;
    this.load = load;
  }

  /** @param {Parameters<Loader["on"]>[0]} listener */
  on(listener) {
    this.#deliver = listener;
  }

  /** @param {TileAddress[]} wanted */
  request(wanted) {
    this.#wanted = wanted;
    const names = new Set(wanted.map(this.nameTile));
    for (const [name, leave] of this.#coming) {
      if (names.has(name) || !leave) continue;
      this.#coming.delete(name); // so that it can be asked for again at once
      leave();
    }
    this.#next();
  }

  #next() {
    for (const address of this.#wanted) {
      if (this.#coming.size >= AT_ONCE) return;
      const name = this.nameTile(address);
      if (!this.#coming.has(name)) this.#begin(address, name);
    }
  }

  /** @param {TileAddress} address @param {string} name */
  #begin(address, name) {
    const leave = this.load(name, (found, about) => {
      if (this.#coming.get(name) !== leave) return; // left behind
      this.#coming.delete(name);
      this.#wanted = this.#wanted.filter((one) => this.nameTile(one) !== name);
      this.#deliver(address, found, about);
      this.#next();
    });
    this.#coming.set(name, leave);
  }
}
