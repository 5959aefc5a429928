// Where ticks stand along what is seen of an axis, and what they say; as nbimage/page/ticks has it.

import { clamp } from "../base/camera.js";

/** A tick. @typedef {{value: number, text: string}} Tick */

const MOST = 40;
const LETTER = 7; // CSS pixels, as Python estimates
const SPACE = 8;
const LINE = 16;
const DEGREES = [180, 90, 60, 30, 15, 10, 5, 2, 1];
const DAY = 864e5;

/** Steps from one that may give two ticks to some that give hundreds. @param {number} span */
function* steps(span) {
  const first = Math.floor(Math.log10(span) + 1e-9) + 1;
  for (let e = first; e > first - 4; e--) for (const digit of [5, 2, 1]) yield [digit, e];
}

/**
 * The level with as nearly six ticks as have room.
 * @param {Tick[][]} levels sparse ones first
 * @param {number} scale CSS pixels a unit
 * @param {boolean} across
 * @returns {Tick[]}
 */
function choose(levels, scale, across) {
  const enough = Math.min(2, Math.max(0, ...levels.map((level) => level.length)));
  const fitting = levels.filter(
    (level, i) =>
      level.length >= enough &&
      (!i ||
        level.every(
          ({ value, text }, k) =>
            !k ||
            Math.abs(value - level[k - 1].value) * scale >=
              (across
                ? ((text.length + level[k - 1].text.length) * LETTER) / 2 + SPACE
                : LINE * 1.5),
        )),
  );
  const rank = (/** @type {Tick[]} */ { length }) =>
    100 * Math.abs(length - 6) + (length > 7 ? length : -length);
  return fitting.reduce((best, one) => (rank(one) < rank(best) ? one : best), fitting[0] ?? []);
}

/**
 * Ticks at round numbers.
 * @param {number} low @param {number} high
 * @param {number} scale CSS pixels a unit
 * @param {boolean} across
 * @param {{whole?: boolean, letters?: string}} [options] without fractions; of degrees "NS", "EW"
 */
export function numberTicks(low, high, scale, across, { whole = false, letters = "" } = {}) {
  const span = high - low;
  if (!(span > 0)) return [];
  /** @type {number[][]} digit and exponent */
  let all = [...steps(letters ? Math.min(span, 2) : span)];
  if (whole) all = all.filter(([, e]) => e >= 0);
  if (letters)
    all = [...DEGREES.map((one) => [one, 0]), ...all.filter(([d, e]) => d * 10 ** e < 1)];
  /** @type {[number, number][][]} */
  const levels = [];
  for (const [digit, e] of all) {
    const size = +`${digit}e${e}`;
    const from = Math.ceil(low / size - 1e-9);
    const to = Math.floor(high / size + 1e-9);
    if (to - from >= MOST) break;
    levels.push(
      Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => [(from + i) * digit, e]),
    );
  }
  const numberOf = (/** @type {[number, number]} */ [n, e]) => +`${n}e${e}`;
  const most = Math.max(...levels.flat().map((one) => Math.abs(numberOf(one))));
  const power = most > 0 && Number.isFinite(most) ? Math.floor(Math.log10(most) + 1e-12) : 0;
  const longest = (/** @type {number} */ by) =>
    Math.max(0, ...(levels.at(-1) ?? []).map((one) => decimal(one, by).length));
  const by =
    letters || (power < 6 && power > -5) || (power >= 6 && longest(power) > longest(0)) ? 0 : power;
  return choose(
    levels.map((level) =>
      level.map((one) => ({
        value: numberOf(one),
        text: letters ? degreeText(one, letters) : decimal(one, by),
      })),
    ),
    scale,
    across,
  );
}

/** A decimal with all its digits, as so many times ten to the power. */
function decimal(/** @type {number[]} */ [n, e], /** @type {number} */ power) {
  if (!n && power) return "0";
  const shift = e - power;
  let digits = `${Math.abs(n)}`;
  if (shift >= 0) digits += "0".repeat(n ? shift : 0);
  else {
    digits = digits.padStart(1 - shift, "0");
    digits = `${digits.slice(0, shift)}.${digits.slice(shift)}`;
  }
  return `${n < 0 ? "−" : ""}${digits}${power ? `e${power}`.replace("-", "−") : ""}`;
}

/** @param {[number, number]} number @param {string} letters */
function degreeText([n, e], letters) {
  const value = +`${n}e${e}`;
  const far = letters === "EW" && Math.abs(value) > 180;
  const turned = far ? value - 360 * Math.round(value / 360) : value;
  const side = !turned || Math.abs(turned) === 180 ? "" : letters[+(turned < 0)];
  return `${far ? Math.abs(+turned.toPrecision(12)) : decimal([Math.abs(n), e], 0)}°${side}`;
}

const UNITS = [3600, 60, 1].map((seconds) => seconds * 1000);
/** Months, days or milliseconds from tick to tick, and how many letters they need. */
const CALENDAR = /** @type {["month" | "day" | "ms", number, number][]} */ ([
  ...[1000, 100, 10, 1].flatMap((n) => [5, 2, 1].map((d) => ["month", 12 * n * d, 4])),
  ...[6, 3, 2, 1].map((n) => ["month", n, 7]),
  ...[14, 7, 2, 1].map((n) => ["day", n, 10]),
  ...[12, 6, 3, 2, 1].map((n) => ["ms", n * UNITS[0], 16]),
  ...[30, 15, 10, 5, 2, 1].map((n) => ["ms", n * UNITS[1], 16]),
  ...[30, 15, 10, 5, 2, 1].map((n) => ["ms", n * UNITS[2], 19]),
  ...[500, 200, 100, 50, 20, 10, 5, 2, 1].map((n) => ["ms", n, 23]),
]);

/**
 * Ticks at starts of calendar units, of milliseconds since 1970.
 * @param {number} low @param {number} high @param {number} scale @param {boolean} across
 */
export function dateTicks(low, high, scale, across) {
  const length = { month: 30 * DAY, day: DAY, ms: 1 };
  /** @type {Tick[][]} */
  const levels = [];
  for (const [unit, size, letters] of CALENDAR) {
    const step = size * length[unit];
    if ((high - low) / step > 2 * MOST) break;
    const found = [...moments(unit, size, low, high)];
    if (found.length > MOST) break;
    let year = "";
    levels.push(
      found.map((value, i) => {
        let text = new Date(value).toISOString().replace("T", " ").slice(0, letters);
        if (letters > 10 && i) text = text.slice(value % DAY ? 11 : 5);
        if (letters === 10) {
          const own = text.slice(0, 4);
          if (own === year) text = text.slice(5);
          year = own;
        }
        return { value, text };
      }),
    );
  }
  return choose(levels, scale, across);
}

/**
 * @param {"month" | "day" | "ms"} unit
 * @param {number} size
 * @param {number} low
 * @param {number} high
 */
function* moments(unit, size, low, high) {
  if (unit === "ms") {
    for (let t = Math.ceil(low / size) * size; t <= high; t += size) yield t;
    return;
  }
  const begin = (/** @type {number} */ month) => new Date(0).setUTCFullYear(0, month, 1);
  const months = unit === "month" ? size : 1;
  const start = new Date(low);
  const first = start.getUTCFullYear() * 12 + start.getUTCMonth();
  for (let month = Math.floor(first / months) * months; begin(month) <= high; month += months) {
    const after = begin(month + 1);
    for (let value = begin(month); value <= high; value += size * DAY) {
      if (unit === "day" && (after - value) / DAY <= Math.floor(size / 2)) break;
      if (value >= low) yield value;
      if (unit === "month") break;
    }
  }
}

/**
 * Ticks of names: all that have room, or every 2nd, 5th, 10th.
 * @param {string[]} texts @param {number} low index @param {number} high
 * @param {number} scale @param {boolean} across
 */
export function nameTicks(texts, low, high, scale, across) {
  const [from, to] = [Math.max(0, Math.ceil(low)), Math.min(texts.length - 1, Math.floor(high))];
  for (let power = 1; power < 1e7; power *= 10) {
    for (const step of [1, 2, 5].map((one) => one * power)) {
      const found = [];
      for (let i = Math.ceil(from / step) * step; i <= to; i += step)
        found.push({ value: i, text: texts[i] });
      const length = Math.max(0, ...found.map(({ text }) => text.length));
      const room = across ? length * LETTER + SPACE : LINE;
      if (found.length < 2 || step * scale >= room) return found.slice(0, clamp(to + 1, 0, 200));
    }
  }
  return [];
}
