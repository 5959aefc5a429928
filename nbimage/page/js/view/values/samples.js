// Samples: an array's own values out of PNG files of their bytes, and their area means.

import { decodeBase64, typedArray } from "../base/bytes.js";
import { numberLabels, takeHalf } from "../base/labels.js";
import { decodePng, unfilter } from "../base/png.js";
import { registerTask, runAside } from "./aside.js";
import { parts } from "./parts.js";
import { decodeBase85, decodeText } from "./sample_text.js";

/**
 * @typedef {Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array |
 *   Float32Array | Float64Array} Numbers
 */
/** @typedef {import("../base/types.js").PlaneName} PlaneName */
/** @typedef {{rows: number, columns: number, data: Numbers}} Level */
/**
 * @typedef {{rows: number, columns: number, channels: number, labels?: number | boolean}} Shape
 *   `labels`: the samples are such, between which there are no means
 */
/**
 * Samples of a level from its row `top` and column `left` on.
 * @typedef {{data: Numbers, columns: number, left: number, top: number}} Window
 */

const FEW_SAMPLES = 2 ** 15; // that are decoded sooner than sent
const MOST_HELD = 2 ** 28; // bytes of decoded planes

/**
 * The values whose channels' bytes are planes, the most significant ones first.
 * @param {Uint8Array} bytes rows with one byte before each
 * @param {Shape} shape
 * @param {number} size in bytes
 * @returns {ArrayBuffer} in the order of little-endian machines, which all are
 */
function joinBytes(bytes, { rows, columns, channels }, size) {
  const unit = Math.min(size, 4);
  const words = size / unit;
  const step = channels * words;
  const plane = rows * (columns + 1);
  const out = new (unit === 4 ? Uint32Array : unit === 2 ? Uint16Array : Uint8Array)(
    rows * columns * step,
  );
  for (let k = 0; k < step; k++) {
    const first = words === 2 ? k ^ 1 : k; // a double's more significant half comes second
    for (let row = 0; row < rows; row++) {
      const from = k * unit * plane + row * (columns + 1) + 1;
      joinRow(bytes, from, from + columns, plane, unit, out, row * columns * step + first, step);
    }
  }
  return /** @type {ArrayBuffer} */ (out.buffer);
}

/**
 * @param {Uint8Array} bytes
 * @param {number} i
 * @param {number} end
 * @param {number} plane
 * @param {number} unit
 * @param {Numbers} out
 * @param {number} to
 * @param {number} step
 */
function joinRow(bytes, i, end, plane, unit, out, to, step) {
  if (unit === 1) for (; i < end; i++, to += step) out[to] = bytes[i];
  else if (unit === 2)
    for (; i < end; i++, to += step) out[to] = (bytes[i] << 8) | bytes[i + plane];
  else {
    for (const q = 2 * plane, r = 3 * plane; i < end; i++, to += step) {
      out[to] = (bytes[i] << 24) | (bytes[i + plane] << 16) | (bytes[i + q] << 8) | bytes[i + r];
    }
  }
}

/** Puts green back on red and blue. @param {Uint8Array} bytes @param {number} channels */
function addGreen(bytes, channels) {
  for (let i = 0; i < bytes.length; i += channels) {
    bytes[i] += bytes[i + 1];
    bytes[i + 2] += bytes[i + 1];
  }
}

/**
 * The bytes of samples that are stored as a PNG.
 * @param {string | Uint8Array} data
 * @param {string} encoding of a text
 * @param {Shape} shape
 * @param {number} size of a sample in bytes
 */
async function decodeSamples(data, encoding, shape, size) {
  const { bytes, green } = await decodePng(decodeText(data, encoding));
  const own = new Uint8Array(joinBytes(bytes, shape, size));
  if (green) addGreen(own, shape.channels);
  return own;
}
registerTask(
  "decode",
  decodeSamples,
  decodeText,
  decodeBase85,
  decodeBase64,
  decodePng,
  unfilter,
  joinBytes,
  joinRow,
  addGreen,
);

/**
 * Numbers from which a whole one is taken off exactly.
 * @param {Numbers | BigInt64Array | BigUint64Array} data
 * @param {bigint} base
 */
function lessBase(data, base) {
  const out = new Float64Array(data.length);
  const high = Number(base >> 32n);
  const low = Number(base & 0xffffffffn);
  const unit = 2 ** 32;
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    const { buffer, byteOffset, length } = data;
    const Highs = data instanceof BigInt64Array ? Int32Array : Uint32Array;
    const lows = new Uint32Array(/** @type {ArrayBuffer} */ (buffer), byteOffset, 2 * length);
    const highs = new Highs(lows.buffer, byteOffset, 2 * length);
    for (let i = 0; i < out.length; i++)
      out[i] = (highs[2 * i + 1] - high) * unit + (lows[2 * i] - low);
  } else {
    for (let i = 0; i < out.length; i++) out[i] = data[i] - high * unit - low;
  }
  return out;
}

/** One plane of samples, with coarser levels of area means, or of some, as they are asked for. */
export class Plane {
  /** @type {Level[]} */
  #levels = [];

  /**
   * @param {Shape} shape
   * @param {string} dtype
   * @param {Numbers | BigInt64Array | BigUint64Array} own
   * @param {string} base a whole number that is taken off all values in `level`
   */
  constructor({ rows, columns, channels, labels }, dtype, own, base = "0") {
    this.rows = rows;
    this.columns = columns;
    this.channels = channels;
    this.labels = !!labels;
    this.dtype = dtype;
    this.own = own;
    this.base = BigInt(base);
  }

  /**
   * @param {Shape} shape
   * @param {string} dtype
   * @param {Numbers | BigInt64Array | BigUint64Array} data
   * @param {string} [base]
   */
  static of(shape, dtype, data, base) {
    return new Plane(shape, dtype, data, base);
  }

  /**
   * @param {{dtype: string, data: string | string[] | Uint8Array, encoding: string,
   *   steps?: boolean}} stored
   * @param {Shape} shape
   * @param {string} [base]
   * @param {boolean} [here] not aside
   * @returns {Promise<Plane>}
   */
  static async decode({ dtype, data, encoding, steps }, shape, base, here) {
    const Type = typedArray(dtype);
    const { rows, columns, channels } = shape;
    const size = Type.BYTES_PER_ELEMENT;
    const few = here || rows * columns * channels < FEW_SAMPLES;
    const halves = [data].flat();
    const upper = Math.ceil(rows / halves.length);
    const all = await Promise.all(
      halves.map((half, i) => {
        const plain = { rows: i ? rows - upper : upper, columns, channels };
        const one = typeof half === "string" ? half : half.slice(); // of a message its own alone
        if (!few) return runAside(steps ? "steps" : "decode", one, encoding, plain, size);
        return (steps && parts.steps ? parts.steps : decodeSamples)(one, encoding, plain, size);
      }),
    );
    let [bytes] = all;
    if (all[1]) {
      bytes = new Uint8Array(all[0].length + all[1].length);
      bytes.set(all[0]);
      bytes.set(all[1], all[0].length);
    }
    return new Plane(shape, dtype, new Type(bytes.buffer), base);
  }

  /** The coarsest level: of one sample. */
  get most() {
    return Math.ceil(Math.log2(Math.max(this.rows, this.columns)));
  }

  /** How much memory it takes by now. */
  get size() {
    return this.#levels.reduce(
      (sum, { data }) => sum + (data === this.own ? 0 : data.byteLength),
      this.own.byteLength,
    );
  }

  /**
   * @param {number} level 0: every sample; each next one the means of two by two, of labels one
   * @returns {Level}
   */
  level(level) {
    const levels = this.#levels;
    const { own, base, rows, columns } = this;
    if (!levels.length) {
      const large = own instanceof BigInt64Array || own instanceof BigUint64Array;
      levels.push({ rows, columns, data: large || base ? lessBase(own, base) : own });
    }
    const reduce = this.labels ? takeHalf : halve;
    while (levels.length <= level) levels.push(reduce(levels[levels.length - 1], this.channels));
    return levels[level];
  }

  /** @param {number} level */
  shape(level) {
    return this.level(level);
  }

  /** The samples of a level, of which a part is wanted. @param {number} level @returns {Window} */
  window(level) {
    const { data, columns } = this.level(level);
    return { data, columns, left: 0, top: 0 };
  }

  /**
   * The numbers of labels' colors in a part of a level.
   * @param {number} level
   * @param {import("./bins.js").Patch} patch
   * @param {number} count of colors
   */
  numbers(level, { left, top, width, height }, count) {
    const number = numberLabels(this.own, count);
    const out = new Uint16Array(width * height);
    const step = 2 ** level; // halves keep the upper left one
    for (let y = 0, to = 0; y < height; y++) {
      let from = ((top + y) * this.columns + left) * step;
      for (let x = 0; x < width; x++, from += step) out[to++] = number(from);
    }
    return out;
  }

  /**
   * A sample's own values.
   * @param {number} row
   * @param {number} column
   * @returns {(number | bigint)[]}
   */
  at(row, column) {
    const start = (row * this.columns + column) * this.channels;
    return Array.from({ length: this.channels }, (_, c) => this.own[start + c]);
  }
}

/**
 * Means of two by two samples, or of those that there are: of missing ones none.
 * @param {Level} fine
 * @param {number} channels
 * @returns {Level}
 */
function halve({ rows, columns, data }, channels) {
  const half = { rows: (rows + 1) >> 1, columns: (columns + 1) >> 1 };
  const wide =
    data.BYTES_PER_ELEMENT > 4 || data instanceof Int32Array || data instanceof Uint32Array;
  const out = new (wide ? Float64Array : Float32Array)(half.rows * half.columns * channels);
  const whole = columns >> 1;
  for (let i = 0, to = 0; i < half.rows; i++) {
    let above = 2 * i * columns * channels;
    let below = 2 * i + 1 < rows ? above + columns * channels : above;
    for (let j = 0; j < half.columns; j++) {
      const right = j < whole ? channels : 0;
      for (let c = 0; c < channels; c++, above++, below++) {
        const p = data[above];
        const q = data[above + right];
        const r = data[below];
        const s = data[below + right];
        const mean = (p + q + r + s) / 4;
        out[to++] = mean - mean === 0 ? mean : meanOf(p, q, r, s);
      }
      above += right;
      below += right;
    }
  }
  return { ...half, data: out };
}

/**
 * The mean of those that are not NaN, whose sum may be too large for a number.
 * @param {number} p @param {number} q @param {number} r @param {number} s
 */
function meanOf(p, q, r, s) {
  let sum = 0;
  let quarters = 0;
  for (const value of [p, q, r, s])
    if (value === value) {
      sum += value / 4;
      quarters += 0.25;
    }
  return sum / quarters;
}

/** The planes that the page itself holds: decoded when asked for, the latest ones kept. */
export class Embedded {
  /** @type {Map<PlaneName, Plane>} the one used last is the last */
  #held = new Map();
  /** @type {Map<PlaneName, {coming: Promise<Plane>, all: (() => boolean)[]}>} */
  #coming = new Map();

  /** @param {import("../base/types.js").ImageConfig} image */
  constructor(image) {
    this.image = image;
  }

  /** A plane that is at hand. @param {PlaneName} name @returns {Plane | null} */
  peek(name) {
    const plane = this.#held.get(name);
    if (!plane) return null;
    this.#held.delete(name);
    this.#held.set(name, plane);
    return plane;
  }

  /**
   * @param {PlaneName} name
   * @param {() => boolean} [wanted] asked meanwhile: what nobody wants may end as null
   * @returns {Promise<Plane>}
   */
  async plane(name, wanted = () => true) {
    const held = this.peek(name);
    if (held) return held;
    let job = this.#coming.get(name);
    if (!job) {
      /** @type {(() => boolean)[]} */
      const all = [];
      job = { all, coming: this.make(name, () => all.some((one) => one())) };
      this.#coming.set(name, job);
    }
    job.all.push(wanted);
    try {
      const plane = await job.coming;
      if (plane) this.#keep(name, plane);
      return plane;
    } finally {
      this.#coming.delete(name);
    }
  }

  /** @param {PlaneName} name @param {() => boolean} _ @returns {Promise<Plane>} */
  make(name, _) {
    const { image } = this;
    return Plane.decode(image.planes[/** @type {number} */ (name)], image, image.base);
  }

  /** @param {PlaneName} index @param {Plane} plane */
  #keep(index, plane) {
    this.#held.set(index, plane);
    let total = 0;
    for (const { size } of this.#held.values()) total += size;
    for (const [oldest, { size }] of this.#held) {
      if (total <= MOST_HELD || oldest === index) break;
      this.#held.delete(oldest);
      total -= size;
    }
  }
}
