// What contrast is set of: an image, one of its channels or all; its values, its limits.

import { clamp } from "../base/camera.js";
import { areNumbered, colorLabel } from "../base/labels.js";
import { minus, readNumber } from "../values/format.js";
import { sampleValues } from "../values/histogram.js";
import { channelLimits, makeBinning } from "../values/norms.js";
import { findPercentile, findZscale } from "./ranges.js";
import { countBars, makeScale } from "./scale.js";

/** @typedef {import("../base/types.js").DisplaySettings} DisplaySettings */
/**
 * @typedef {{key: string, at: number, from: unknown, values:
 *   Float64Array<ArrayBuffer>, positive: number, several?: Set<number>}} Known
 */
/**
 * The scale of a channel and its bars; and from where to where it can be set.
 * @typedef {{key: string, scale: import("./scale.js").Scale, low: number, high: number, edges:
 *   number[], counts: Uint32Array}} Counted
 */

const MOST_BARS = 128;
const NARROW = 1 / 8; // of all values' range: limits that the scale stays near to by itself
const PAUSE = 250; // milliseconds between counts of planes that play
const AUTO = 0.5; // percent that lie beyond the limits on either side

export class Subject {
  /** @type {Map<number, Known>} by channel */
  #known = new Map();
  /** @type {Map<number, Counted>} */
  #counted = new Map();
  #later = 0;
  #held = NaN; // the channel whose limits are dragged
  channel = 0; // that is edited; -1: all colors
  /** @type {boolean | null} whether scales are near the limits; null: where these are narrow */
  near = null;
  log = false; // of counts

  /** @param {import("../base/types.js").Explorer} explorer */
  constructor(explorer) {
    this.explorer = explorer;
  }

  /** All images have the same limits. */
  get shared() {
    return this.explorer.state.displays.length < 2;
  }
  get active() {
    return this.explorer.state.active;
  }
  get image() {
    return this.explorer.config.images[this.active];
  }
  get display() {
    return this.explorer.displayOf(this.active);
  }
  /** The display settings that Python asked for. */
  get first() {
    const { initial } = this.explorer;
    return initial[Math.min(this.active, initial.length - 1)];
  }
  get base() {
    return BigInt(this.image.base);
  }
  get dtype() {
    return this.image.tiles?.dtype ?? this.image.planes[0].dtype;
  }
  /** Each label has a color of its own, whatever the limits are. */
  get numbered() {
    return areNumbered(this.image, this.display);
  }

  /** @param {Partial<DisplaySettings>} change */
  edit(change) {
    const { display, explorer } = this;
    explorer.set({
      displays: explorer.state.displays.map((one) =>
        one === display ? { ...one, ...change } : one,
      ),
    });
  }

  /** Set the limits of a channel, or of all colors. @param {number} channel @param {number[]} to */
  put(channel, to, vsym = false) {
    const { display, image } = this;
    // alpha keeps its full scale
    const each = channel < 0 || display.vmin.length > 1 ? 0 : image.colors.length;
    const [vmin, vmax] = [display.vmin, display.vmax].map((all, end) =>
      (each ? image.colors.map(() => all[0]) : all).map((old, c) =>
        c === channel || (channel < 0 && c < 3) ? to[end] : old,
      ),
    );
    this.edit({ vmin, vmax, vsym });
  }

  /** @param {number} channel */
  limits(channel) {
    return channelLimits(this.display, Math.max(0, channel), this.image);
  }
  /** @param {number} channel */
  ends(channel) {
    const { vmin, vmax } = this.limits(channel);
    return [vmin, vmax];
  }

  /** Where the limits are on their scale. @param {number} channel */
  shares(channel) {
    const scale = this.counted(channel)?.scale;
    return this.ends(channel).map((end) => (scale ? clamp(scale.toShare(end), 0, 1) : 0));
  }

  /**
   * Values of the plane that is shown; null as long as they are not known.
   * @param {number} channel
   * @param {boolean} [soon] those of a plane before it do where planes follow one another quickly
   * @returns {Known | null}
   */
  known(channel, soon) {
    const { explorer, active } = this;
    const source = explorer.sources[active];
    const index = explorer.planeNumber();
    const plane = source.peek(index);
    if (!plane) source.plane(index).then(explorer.draw, () => {});
    const log = this.display.norm === "log";
    const whole = plane && ("tiled" in plane ? plane.overview : plane); // of tiles roughly
    const key = [active, log, index].join();
    const before = this.#known.get(channel);
    if (whole && before?.key === key && before.from === whole) return before;
    const alike = before?.key.startsWith([active, log].join()) ? before : null;
    if (soon && alike && (!whole || this.waits(channel))) return alike;
    if (!whole) return (plane && before) || null;
    const [values, positive] = sampleValues(whole, channel < 0 ? [0, 1, 2] : [channel], log);
    const found = { key, at: performance.now(), from: whole, values, positive };
    this.#known.set(channel, found);
    this.#counted.delete(channel);
    return found;
  }

  /**
   * Whether values were read a moment ago, so that others are read a moment later.
   * @param {number} [channel]
   */
  waits(channel = this.channel) {
    const since = performance.now() - (this.#known.get(channel)?.at ?? -Infinity);
    if (since >= PAUSE) return false;
    clearTimeout(this.#later);
    this.#later = setTimeout(() => this.explorer.set({}), PAUSE);
    return true;
  }

  /** Whether others are at hand than those that were counted. */
  get stale() {
    const plane = this.explorer.sources[this.active].peek(this.explorer.planeNumber());
    const whole = plane && "tiled" in plane ? plane.overview : plane;
    return !!whole && this.#known.get(this.channel)?.from !== whole;
  }

  /**
   * From where to where all values go.
   * @param {number} channel
   * @param {boolean} [soon] as of `known`
   * @returns {[number, number]}
   */
  extent(channel, soon) {
    const { shared, image, explorer } = this;
    if (explorer.state.projections?.some(Boolean)) {
      const values = this.known(channel, soon)?.values;
      if (values?.length)
        return values.reduce(
          ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
          [Infinity, -Infinity],
        );
    }
    const extents = (shared ? explorer.config.images : [image]).flatMap(({ extent }) =>
      (channel < 0 ? [0, 1, 2] : [channel]).map((c) => extent[c] ?? extent[0]),
    );
    let low = Math.min(...extents.map(([one]) => one));
    const high = Math.max(...extents.map(([, one]) => one));
    if (this.display.norm === "log" && low <= 0)
      low = Math.min(this.known(channel, soon)?.positive ?? Infinity, high / 2);
    return [low, high];
  }

  /** The scale of a channel and its bars. @param {number} channel @returns {Counted | null} */
  counted(channel) {
    const before = this.#counted.get(channel);
    if (before && this.#held === channel) return before; // nothing moves below the pointer
    const known = this.known(channel, true);
    if (!known) return null;
    const limits = this.limits(channel);
    const extent = this.extent(channel, true);
    const whole = makeScale(limits, extent, false);
    const near = this.#near(whole);
    const even = whole.even && !near;
    const key = [
      known.key,
      near,
      ...extent,
      limits.norm,
      even && whole.low,
      even ? whole.high : Object.values(limits).join(),
    ].join();
    const last = this.#counted.get(channel);
    if (last?.key === key) return last;
    const scale = near ? makeScale(limits, extent, true) : whole;
    const bars = countBars(known.values, scale, MOST_BARS, this.dtype.includes("int"));
    const found = { key, scale, low: whole.low, high: whole.high, ...bars };
    this.#counted.set(channel, found);
    return found;
  }

  /** Whether a channel's scale is near its limits. @param {number} channel */
  isNear(channel) {
    return this.#near(makeScale(this.limits(channel), this.extent(channel, true), false));
  }
  /** @param {import("./scale.js").Scale} whole */
  #near({ covered }) {
    return this.near ?? covered < NARROW;
  }

  /**
   * Keep a channel's scale, as long as its limits are dragged.
   * @param {number} channel
   * @param {boolean} on
   */
  hold(channel, on) {
    this.#held = on ? channel : NaN;
    if (!on) this.explorer.set({});
  }

  /**
   * A value in as many digits as can be distinguished.
   * @param {number} channel
   * @param {number} share
   */
  roundShare(channel, share) {
    const found = this.counted(channel);
    if (!found) return NaN;
    const { scale, low, high } = found;
    if (!Number.isFinite(share)) return share < 0 ? low : high;
    const end = Math.round(share);
    if (Math.abs(share - end) < 1e-9) return scale.valued(end);
    const value = scale.valued(share);
    const step = Math.abs(scale.valued(share + 0.002) - scale.valued(share - 0.002));
    const digits = Math.ceil(-Math.log10(step));
    return digits > 100 ? value : +value.toFixed(Math.max(0, digits));
  }

  /**
   * Move limits that were taken hold of.
   * @param {number} channel
   * @param {number[]} shares
   * @param {number[]} held
   */
  move(channel, shares, held) {
    this.put(
      channel,
      this.ends(channel).map((value, i) => (held[i] ? this.roundShare(channel, shares[i]) : value)),
    );
  }

  // Rules that find limits

  /** @param {number} channel */
  full(channel) {
    this.put(channel, this.extent(channel));
  }
  /** @param {number} channel @param {number} percent beyond the limits on either side */
  percentiles(channel, percent) {
    const sorted = this.known(channel)?.values.slice().sort();
    if (!sorted?.length) return;
    const ends = [percent, 100 - percent]
      .map((one) => findPercentile(sorted, one))
      .map((end) => (this.base ? Math.round(end) : end));
    if (ends[0] < ends[1]) this.put(channel, ends);
    else this.full(channel);
  }
  /** @param {number} channel */
  auto(channel) {
    this.percentiles(channel, AUTO);
  }
  /** @param {number} channel */
  zscale(channel) {
    const { values } = this.known(channel) ?? {};
    if (values?.length) this.put(channel, findZscale(values));
  }
  /** @param {number} channel */
  even(channel) {
    const [low, high] = this.extent(channel);
    const zero = Number(this.base);
    const most = Math.max(-low - zero, high + zero);
    this.put(channel, [-most - zero, most - zero], true);
  }

  // Texts and colors

  /** A limit as it is typed. @param {number} value */
  text(value) {
    const { base } = this;
    return base ? `${base + BigInt(Math.round(value))}` : String(+value.toPrecision(10));
  }
  /** A limit to be read. @param {number} value */
  brief(value) {
    return this.base ? minus(this.text(value)) : readNumber(value);
  }

  /** The color of a channel. @param {number} channel */
  light(channel) {
    const { display, image } = this;
    return display.colors?.[channel] ?? image.colors[channel]?.color ?? [255, 255, 255];
  }

  /**
   * A function from a value to its color.
   * @param {number} channel
   * @returns {(value: number) => ArrayLike<number>}
   */
  painter(channel) {
    const { display, image, explorer, base, numbered } = this;
    if (numbered) return (value) => colorLabel(value + Number(base), image, explorer.palettes);
    const toBin = makeBinning(this.limits(channel));
    const palette = explorer.palettes[display.cmap];
    const light = this.light(channel);
    return (value) => {
      const bin = toBin(value) & 255;
      const entry = 4 * (display.invert ? 255 - bin : bin);
      return image.kind === "gray"
        ? palette.subarray(entry, entry + 4)
        : light.map((most) => (most * bin) / 255);
    };
  }
}
