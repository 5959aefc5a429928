// What of the world a pane shows. Panes with the same focus move together.

/** @typedef {import("./types.js").Box} Box */
/**
 * The middle of what is seen, and CSS pixels a world unit.
 * @typedef {{x: number, y: number, z: number, scale: number, fitted: boolean}} Focus
 */

const MOST_SCALE = 160;
// whole: squares all of one size
const STEPS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, MOST_SCALE];

/**
 * A list with another item; not every browser has `with`.
 * @template T
 * @param {T[]} all @param {number} at @param {T} item
 * @returns {T[]}
 */
export const withItem = (all, at, item) => all.map((one, i) => (i === at ? item : one));

/** @param {number} value @param {number} low @param {number} high */
export const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

export class Camera {
  width = 0;
  height = 0;

  /** @param {Focus} focus @param {Box} world all there is @param {["x" | "z", "y" | "z"]} axes */
  constructor(focus, world, axes = ["x", "y"]) {
    this.focus = focus;
    this.world = world;
    this.axes = axes;
  }

  get scale() {
    return this.focus.scale;
  }
  get x() {
    return this.focus[this.axes[0]];
  }
  get y() {
    return this.focus[this.axes[1]];
  }

  /** The scale at which all is seen. */
  get fitting() {
    const { x0, y0, x1, y1 } = this.world;
    return Math.min(this.width / (x1 - x0), this.height / (y1 - y0));
  }

  /** @param {Box} box */
  show({ x0, y0, x1, y1 }) {
    this.#move((x0 + x1) / 2, (y0 + y1) / 2);
    this.focus.scale = clamp(
      Math.min(this.width / (x1 - x0), this.height / (y1 - y0)),
      this.#least,
      this.#most,
    );
  }

  /** @param {number} dx CSS pixels that the picture goes right @param {number} dy and down */
  pan(dx, dy) {
    this.#move(this.x - dx / this.scale, this.y - dy / this.scale);
    this.focus.fitted = false;
  }

  /**
   * @param {number} scale
   * @param {number} [x] the point that stays, in CSS pixels
   * @param {number} [y]
   */
  zoom(scale, x = this.width / 2, y = this.height / 2) {
    const before = this.toWorld(x, y);
    this.focus.scale = clamp(scale, this.#least, this.#most);
    const after = this.toWorld(x, y);
    this.#move(this.x + before.x - after.x, this.y + before.y - after.y);
    this.focus.fitted = false;
  }

  /** To the next whole zoom, or a whole part of the size. @param {1 | -1} way */
  step(way) {
    const all = [...STEPS.slice(1).map((step) => 1 / step), ...STEPS].sort((a, b) => a - b);
    const next =
      way > 0
        ? all.find((step) => step > this.scale * 1.001)
        : all.findLast((step) => step < this.scale / 1.001);
    this.zoom(next ?? this.scale);
  }

  /** @param {number} x CSS pixels in the pane @param {number} y */
  toWorld(x, y) {
    return {
      x: this.x + (x - this.width / 2) / this.scale,
      y: this.y + (y - this.height / 2) / this.scale,
    };
  }

  /** @param {number} x @param {number} y */
  toScreen(x, y) {
    return {
      x: (x - this.x) * this.scale + this.width / 2,
      y: (y - this.y) * this.scale + this.height / 2,
    };
  }

  /** What is seen, of what there is. @returns {Box} */
  visible() {
    const { world } = this;
    const from = this.toWorld(0, 0);
    const to = this.toWorld(this.width, this.height);
    return {
      x0: clamp(from.x, world.x0, world.x1),
      y0: clamp(from.y, world.y0, world.y1),
      x1: clamp(to.x, world.x0, world.x1),
      y1: clamp(to.y, world.y0, world.y1),
    };
  }

  get #least() {
    return Math.min(this.fitting, 1) / 4;
  }
  get #most() {
    return Math.max(this.fitting, MOST_SCALE);
  }

  /** @param {number} x @param {number} y */
  #move(x, y) {
    this.focus[this.axes[0]] = clamp(x, this.world.x0, this.world.x1);
    this.focus[this.axes[1]] = clamp(y, this.world.y0, this.world.y1);
  }
}
