// Coordinates of the sky and the earth: polynomials over rectangles of an image's pixels, as
// nbimage/arrays/world/patches.py makes them.

import { decodeBase64 } from "../base/bytes.js";
import { clamp } from "../base/camera.js";

/** @typedef {import("../base/types.js").WorldConfig} WorldConfig */
/** @typedef {WorldConfig["parts"][number]} Part */
/** Longitude and latitude in degrees, or a number alone. @typedef {number[]} Position */

const DEGREE = 180 / Math.PI;

export class World {
  #last = 0;

  /** @param {WorldConfig} config */
  constructor({ parts, patches, numbers }) {
    this.parts = parts;
    this.patches = patches;
    this.numbers = new Float64Array(decodeBase64(numbers).slice().buffer);
    this.size = parts.reduce((sum, { kind }) => sum + (kind === "number" ? 1 : 3), 0);
  }

  /**
   * Unit vectors and numbers at a pixel's center, or between such; null where there are none.
   * @param {number} x column from 0
   * @param {number} y row from the top as shown
   */
  vectors(x, y) {
    const [column, row] = [Math.round(x), Math.round(y)];
    const holds = (/** @type {WorldConfig["patches"][number]} */ [left, top, right, bottom]) =>
      column >= left && column < right && row >= top && row < bottom;
    if (!this.patches[this.#last] || !holds(this.patches[this.#last]))
      this.#last = this.patches.findIndex(holds);
    const patch = this.patches[this.#last];
    if (!patch) return null;
    const [left, top, right, bottom, degree, from, runs] = patch;
    let at = (row - top) * (right - left) + column - left;
    if (runs) {
      let known = 0;
      let [start, i] = [0, 0];
      for (; start + runs[i] <= at; start += runs[i++]) if (i % 2) known += runs[i];
      if (i % 2 === 0) return null;
      at = known + at - start;
    }
    const { size, numbers } = this;
    /** @type {number[]} */
    const found = Array(size).fill(0);
    if (degree < 0) return found.map((_, k) => numbers[from + at * size + k]);
    const u = (x - (left + right - 1) / 2) / Math.max(0.5, (right - left - 1) / 2);
    const v = (y - (top + bottom - 1) / 2) / Math.max(0.5, (bottom - top - 1) / 2);
    for (let i = 0, power = 1, term = from; i <= degree; i++, power *= u) {
      for (let j = 0, part = power; j <= degree - i; j++, part *= v) {
        for (let k = 0; k < size; k++) found[k] += part * numbers[term++];
      }
    }
    return found;
  }

  /**
   * The position of each part at a pixel; null where there is none.
   * @param {number} x
   * @param {number} y
   */
  positions(x, y) {
    const found = this.vectors(x, y);
    let at = 0;
    return (
      found &&
      this.parts.map(({ kind, signed }) => {
        if (kind === "number") return [found[at++]];
        const [a, b, c] = found.slice(at, at + 3);
        at += 3;
        const longitude = Math.atan2(b, a) * DEGREE;
        return [
          longitude < 0 && !signed ? longitude + 360 : longitude,
          Math.atan2(c, Math.hypot(a, b)) * DEGREE,
        ];
      })
    );
  }

  /**
   * What lies between two positions, before and after a pixel, in degrees to the east and the
   * north; null where that is unknown.
   * @param {number} x
   * @param {number} y
   * @param {number} dx
   * @param {number} dy
   */
  step(x, y, dx, dy) {
    const [one, other] = [this.vectors(x - dx, y - dy), this.vectors(x + dx, y + dy)];
    const [a, b, c] = this.vectors(x, y) ?? [];
    if (this.parts[0].kind === "number" || !one || !other || a === undefined) return null;
    const [p, q, r] = one.map((from, k) => (other[k] - from) * DEGREE);
    const flat = Math.hypot(a, b) || 1;
    return {
      east: (a * q - b * p) / flat,
      north: (r * (a * a + b * b) - c * (a * p + b * q)) / flat,
    };
  }

  /**
   * What is said of a pixel: in short, and in degrees to be copied.
   * @param {number} x @param {number} y
   * @returns {{text: string, detail?: string}[]}
   */
  describe(x, y) {
    const positions = this.positions(x, y);
    const steps = [this.step(x, y, 0.5, 0), this.step(x, y, 0, 0.5)];
    const [across, down] = steps.map((one) => one && Math.hypot(one.east, one.north));
    const pixel = Math.min(across || 1, down || across || 1);
    return this.parts.map((part, i) => {
      const names = part.names.join(", ");
      if (!positions) return { text: `${names}: none` };
      if (part.kind === "number")
        return { text: `${names} ${+positions[i][0].toPrecision(8)} ${part.unit}`.trim() };
      const digits = clamp(Math.ceil(1 - Math.log10(pixel)), 0, 12);
      const detail = positions[i].map((one) => one.toFixed(digits)).join(" ");
      return { text: formatPosition(part, positions[i], pixel), detail };
    });
  }
}

/**
 * A position in short, in as many digits as tell parts of a pixel apart.
 * @param {Part} part @param {Position} position @param {number} pixel degrees of its side
 */
function formatPosition({ kind, names, hours }, [longitude, latitude], pixel) {
  const digits = clamp(Math.ceil(1 - Math.log10(pixel)), 0, 9);
  if (kind === "earth") {
    const side = (/** @type {number} */ value, /** @type {string} */ letters) =>
      `${Math.abs(value).toFixed(digits)}° ${letters[+(value < 0)]}`;
    return `${side(latitude, "NS")}, ${side(longitude, "EW")}`;
  }
  if (hours) {
    const fine = clamp(digits - 3, 0, 9);
    const [ra, dec] = [
      sexagesimal(longitude / 15, "hms", fine + 1, 24),
      sexagesimal(latitude, "°′″", fine),
    ];
    return `${names[0]} ${ra}, ${names[1]} ${dec}`;
  }
  return [longitude, latitude]
    .map((one, i) => `${names[i]} ${one.toFixed(digits).replace("-", "−")}°`)
    .join(", ");
}

/**
 * "05h34m31.94s", or with a sign "+22°00′52.2″".
 * @param {number} value @param {string} units @param {number} digits of the seconds
 * @param {number} [turn] where it begins again, without a sign
 */
export function sexagesimal(value, units, digits, turn = 0) {
  const factor = 10 ** digits;
  let whole = Math.round(Math.abs(value) * 3600 * factor);
  if (turn) whole %= turn * 3600 * factor;
  const seconds = (whole % (60 * factor)) / factor;
  const minutes = Math.floor(whole / (60 * factor));
  const two = (/** @type {number | string} */ one) => String(one).padStart(2, "0");
  const end = seconds.toFixed(digits).padStart(digits ? digits + 3 : 2, "0");
  const sign = turn ? "" : value < 0 ? "−" : "+";
  const parts = [two(Math.floor(minutes / 60)), two(minutes % 60), end];
  return sign + parts.map((part, i) => part + units[i]).join("");
}
