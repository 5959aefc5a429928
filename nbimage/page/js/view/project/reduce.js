// The arithmetic of projections: planes one after the other become one, as NumPy's functions for
// NaN have it. Python has the same in nbimage/view/project/reduce.py.

import { typedArray } from "../base/bytes.js";

/** @typedef {import("../values/samples.js").Plane} Plane */
/** @typedef {{kind: string, count: number}} Run planes that become one together */

/** @param {any} values @returns {any} */
const asNumbers = (values) =>
  typeof values[0] === "bigint" ? Float64Array.from(values, Number) : new Float64Array(values);

/** One step: planes become one. */
class Step {
  /** @type {any} */
  #out = null;
  /** @type {any} */
  #origin = null;
  /** @type {any} */
  #squares = null;
  /** @type {any} */
  #count = null;
  #left;

  /** @param {Run} run @param {number} alpha how many channels, if the last one is such; else 0 */
  constructor({ kind, count }, alpha) {
    this.kind = kind;
    this.count = this.#left = count;
    this.alpha = alpha;
  }

  /** @param {any} values @returns {any} what has become of all, null: more of them come */
  add(values) {
    const { kind } = this;
    const { length } = values;
    const Type = typeof values[0] === "bigint" ? values.constructor : Float64Array;
    const extreme = /max|min/.test(kind);
    if (!this.#out) {
      this.#out = extreme ? values.slice() : new Type(length);
      if (!extreme) this.#count = new Uint32Array(length);
      // the first one of each is taken off, so that little is lost where all are large
      if (kind === "std") [this.#origin, this.#squares] = [new Type(values), new Type(length)];
    }
    const out = this.#out;
    const origin = this.#origin;
    const squares = this.#squares;
    const count = this.#count;
    if (kind === "max")
      for (let i = 0; i < length; i++) {
        const value = values[i];
        const known = out[i];
        if (value > known || known !== known) out[i] = value;
      }
    else if (extreme)
      for (let i = 0; i < length; i++) {
        const value = values[i];
        const known = out[i];
        if (value < known || known !== known) out[i] = value;
      }
    else
      for (let i = 0; i < length; i++) {
        let value = values[i];
        if (value !== value) continue;
        if (origin) {
          if (origin[i] !== origin[i]) origin[i] = value;
          value -= origin[i];
          squares[i] += value * value;
        }
        out[i] += value;
        count[i]++;
      }
    if (--this.#left) return null;
    this.#left = this.count;
    this.#out = null;
    const { alpha } = this;
    if (!extreme)
      for (let i = 0; i < length; i++) {
        const mean = kind === "mean" || (alpha && i % alpha === alpha - 1);
        if (mean) out[i] = out[i] / count[i] + (origin?.[i] ?? 0);
        else if (origin)
          out[i] = Math.sqrt(Math.max(squares[i] - out[i] ** 2 / count[i], 0) / count[i]);
      }
    return out;
  }
}

/** Planes that are given one after the other, the last axis fastest. */
export class Projector {
  #steps;

  /**
   * @param {Run[]} runs the last one is done first
   * @param {string} dtype "int64" or "uint64" where whole numbers may be such; else ""
   * @param {boolean} mixed planes are of several dtypes
   * @param {number} alpha how many channels, if the last one is such: of that no sum; else 0
   */
  constructor(runs, dtype, mixed, alpha) {
    this.mixed = mixed;
    this.#steps = runs.map((run) => new Step(run, alpha)).reverse();
    this.large = dtype && /max|min|sum/.test(this.#steps[0].kind) ? dtype : "";
    /** @type {any} what has become of all planes */
    this.values = null;
  }

  /** @param {Plane} plane @param {number} [from] @param {number} [to] its samples that count */
  add(plane, from = 0, to = Infinity) {
    const { large } = this;
    const exact = large || !plane.base || /max|min|sum/.test(this.#steps[0].kind);
    /** @type {any} */
    let values = (exact ? plane.own : plane.level(0).data).subarray(from, to);
    if (large) values = typedArray(large).from(values, BigInt);
    else if (this.mixed || typeof values[0] === "bigint") values = asNumbers(values);
    for (const [i, step] of this.#steps.entries()) {
      values = step.add(/mean|std/.test(step.kind) ? asNumbers(values) : values);
      if (!values) return;
      if (!i && !exact && step.kind === "mean")
        values = values.map((/** @type {number} */ one) => one + Number(plane.base));
    }
    this.values = values;
  }
}
