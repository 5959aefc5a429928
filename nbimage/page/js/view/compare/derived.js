// The map of what is between the two images that are compared: of planes that are at hand all of
// it, of tiles what is seen, at the level at which it is.

import { clamp } from "../base/camera.js";
import { countSolid, perceiveImages, reachOf, subtractImages } from "./difference.js";

/** @typedef {import("../base/types.js").Explorer} Explorer */
/** @typedef {import("../base/types.js").Item} Item */
/** @typedef {import("../base/types.js").Box} Box */
/** @typedef {import("./difference.js").Difference} Difference */
/** @typedef {import("./difference.js").Located} Located */

const AT_REST = 120; // milliseconds

/** Whether a mode shows what is between two images. @param {string} mode */
export const isDerived = (mode) => !/side|swipe|blink/.test(mode);
const isPerceived = (/** @type {string} */ mode) => /ssim|flip/.test(mode);

/**
 * Do what is left, slice by slice, as long as it is wanted.
 * @param {ReturnType<typeof subtractImages>} steps
 * @param {(share: number) => boolean} report
 */
async function finish(steps, report) {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await new Promise((go) => setTimeout(go));
    if (!report(value)) return null;
  }
}

export class Derived {
  /** @type {Difference | null} */
  found = null;
  /** @type {Item | null} */
  item = null;
  /** How much of it is done, 1: all. */
  share = 1;
  /** Of tiles the level that was compared; -1: all samples. */
  level = -1;
  #known = ""; // what is shown, or null found
  #wanted = "";
  #timer = 0;
  #settle = () => {};
  /** @type {Promise<void>} */
  ready = Promise.resolve();

  /** @param {Explorer} explorer @param {() => void} tell called when something has come */
  constructor(explorer, tell) {
    this.explorer = explorer;
    this.tell = tell;
  }

  /** Whether what is asked for is known, though that be nothing. */
  get known() {
    return this.#known === this.#wanted;
  }

  /** Of the two the one with more channels. */
  get richer() {
    const { config, state } = this.explorer;
    return state.pair[countSolid(config.images[state.pair[0]]) > 1 ? 0 : 1];
  }

  /** What a pane draws, or nothing yet. @returns {Item[]} */
  items() {
    const { explorer } = this;
    const { state, sources } = explorer;
    const [a, b] = state.pair;
    const index = explorer.planeNumber();
    const [one, other] = [a, b].map((image) => sources[image].peek(index));
    if (!one || !other) return [];
    const { on } = explorer.displayOf(this.richer);
    const tiled = "tiled" in one ? one.tiled.renewed : ""; // how often there were other data
    const same = `${state.mode} ${a} ${b} ${index} ${on} ${tiled}`;
    const viewed = "tiled" in one ? this.#viewed(a, one.most) : null;
    const key = viewed ? `${same}@${Object.values(viewed)}` : same;
    if (key !== this.#wanted) {
      this.#wanted = key;
      if (!viewed || !this.#known.startsWith(`${same}@`)) this.#keep("", null);
      clearTimeout(this.#timer);
      this.#settle(); // nothing waits for what is wanted no more
      const steps = viewed || isPerceived(state.mode) ? null : this.#subtract(this.#whole());
      const first = steps?.next();
      if (first?.done) this.#keep(key, first.value);
      else {
        this.ready = new Promise((done) => {
          this.#settle = done;
        });
        const settle = this.#settle;
        const start = () => this.#derive(key, viewed, steps).finally(settle);
        this.#timer = setTimeout(start, this.item && viewed ? AT_REST : 0);
      }
    }
    return this.item ? [this.item] : [];
  }

  /** @param {string} key @param {Difference | null} found @param {Located} [a] */
  #keep(key, found, a) {
    const { config, state, displayOf } = this.explorer;
    const image = state.pair[0];
    this.found = found;
    this.#known = key;
    this.share = key ? 1 : 0;
    this.item = found && {
      key,
      plane: found.plane,
      image: config.images[image],
      position: a?.position ?? config.images[image].position,
      display: displayOf(image),
    };
    if (this.item && a) this.item.of = image;
    this.tell();
  }

  /** All samples of both. @returns {Located[]} */
  #whole() {
    const { config, sources, state, planeNumber } = this.explorer;
    return state.pair.map((i) => {
      const image = config.images[i];
      const plane = /** @type {any} */ (sources[i].peek(planeNumber()));
      return { plane, image, position: image.position };
    });
  }

  /** @param {Located[]} pair @param {Box} [viewed] */
  #subtract([a, b], viewed) {
    const { mode } = this.explorer.state;
    return subtractImages(a, b, mode, this.explorer.displayOf(this.richer).on, viewed);
  }

  /** What is seen of tiles, and the level. @param {number} image @param {number} most */
  #viewed(image, most) {
    const { config, panes } = this.explorer;
    const { x, y, sx, sy } = config.images[image].position;
    const [{ camera }] = panes;
    const box = camera.visible();
    const scale = camera.scale * Math.max(sx, sy) * devicePixelRatio;
    return {
      level: clamp(Math.floor(0.25 - Math.log2(scale)), 0, most),
      x0: (box.x0 - x) / sx,
      y0: (box.y0 - y) / sy,
      x1: (box.x1 - x) / sx,
      y1: (box.y1 - y) / sy,
    };
  }

  /**
   * @param {string} key
   * @param {(Box & {level: number}) | null} viewed of tiles
   * @param {ReturnType<typeof subtractImages> | null} begun
   */
  async #derive(key, viewed, begun) {
    const { explorer } = this;
    const { mode } = explorer.state;
    const alive = () => {
      if (key !== this.#wanted) return false;
      if (isDerived(explorer.state.mode)) return true;
      this.#wanted = ""; // begun anew when it is asked for again
      return false;
    };
    try {
      const pair = viewed ? await this.#cut(viewed, mode) : this.#whole();
      if (!alive()) return;
      const [a, b] = pair;
      const { x, y, sx, sy } = a.position;
      const own = explorer.config.images[explorer.state.pair[0]].position;
      const part = viewed && {
        x0: Math.max(0, Math.floor((own.x + viewed.x0 * own.sx - x) / sx + 1e-6)),
        y0: Math.max(0, Math.floor((own.y + viewed.y0 * own.sy - y) / sy + 1e-6)),
        x1: Math.min(a.plane.columns, Math.ceil((own.x + viewed.x1 * own.sx - x) / sx - 1e-6)),
        y1: Math.min(a.plane.rows, Math.ceil((own.y + viewed.y1 * own.sy - y) / sy - 1e-6)),
      };
      this.level = viewed ? Math.round(Math.log2(sx / own.sx)) : -1;
      const report = (/** @type {number} */ share) => {
        if (alive()) this.share = share;
        this.tell();
        return alive();
      };
      const found =
        mode === "ssim" || mode === "flip"
          ? await perceiveImages(
              a,
              b,
              mode,
              explorer.displayOf(this.richer).on,
              part ?? undefined,
              report,
            )
          : await finish(begun ?? this.#subtract(pair, part ?? undefined), report);
      if (!alive()) return;
      this.#keep(key, found, a);
    } catch (error) {
      this.#wanted = ""; // the next frame tries again, once something has changed
      explorer.hint(`Some values can't be read: ${error}`);
      return;
    }
    explorer.draw();
  }

  /**
   * What is seen of both, and as much around as filters read.
   * @param {Box & {level: number}} viewed in samples of the first one @param {string} mode
   * @returns {Promise<Located[]>}
   */
  #cut(viewed, mode) {
    const { config, sources, state, planeNumber } = this.explorer;
    const own = config.images[state.pair[0]].position;
    const more = reachOf(mode) * 2 ** viewed.level;
    return Promise.all(
      state.pair.map(async (i) => {
        const image = config.images[i];
        const { x, y, sx, sy } = image.position;
        const around = more + (i === state.pair[0] ? 0 : 2 ** (viewed.level + 1));
        const [across, down] = [own.sx / sx, own.sy / sy];
        const least = clamp(Math.round(viewed.level + Math.log2(across)), 0, 60);
        const plane = /** @type {import("../base/types.js").TiledPlane} */ (
          sources[i].peek(planeNumber())
        );
        const cut = await plane.cut(
          (own.x - x) / sx + (viewed.x0 - around) * across,
          (own.y - y) / sy + (viewed.y0 - around) * down,
          (own.x - x) / sx + (viewed.x1 + around) * across,
          (own.y - y) / sy + (viewed.y1 + around) * down,
          least,
        );
        const [wide, tall] = [sx * 2 ** cut.level, sy * 2 ** cut.level];
        const position = { x: x + cut.left * wide, y: y + cut.top * tall, sx: wide, sy: tall };
        return { plane: cut.plane, image, position };
      }),
    );
  }
}
