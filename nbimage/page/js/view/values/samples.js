// Samples: an array's own values out of PNG files of their bytes, and their area means.

import { decodeBase64 } from "../base/bytes.js";

/**
 * @typedef {Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array |
 *   Float32Array | Float64Array} Numbers
 */
/** @typedef {{rows: number, columns: number, data: Numbers}} Level */
/** @typedef {{rows: number, columns: number, channels: number}} Shape */
/**
 * Samples of a level from its row `top` and column `left` on.
 * @typedef {{data: Numbers, columns: number, left: number, top: number}} Window
 */

const TYPES = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  float64: Float64Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
};
const MOST_HELD = 2 ** 28; // bytes of decoded planes
const DIGITS =
  "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%/()*+-;,=.?@^_`{|}~";

/**
 * The bytes of a base85 text: five digits of 85 are four bytes.
 * @param {string} text
 * @returns {Uint8Array}
 */
export function decodeBase85(text) {
  const digit = new Uint8Array(128);
  for (let i = 0; i < 85; i++) digit[DIGITS.charCodeAt(i)] = i;
  const whole = text.padEnd(Math.ceil(text.length / 5) * 5, DIGITS[84]);
  const bytes = new Uint8Array((whole.length / 5) * 4);
  for (let i = 0, to = 0; i < whole.length; to += 4) {
    let word = 0;
    for (const end = i + 5; i < end; i++) word = word * 85 + digit[whole.charCodeAt(i)];
    bytes[to] = word >>> 24;
    bytes[to + 1] = word >>> 16;
    bytes[to + 2] = word >>> 8;
    bytes[to + 3] = word;
  }
  return bytes.subarray(0, bytes.length - whole.length + text.length);
}

/**
 * The rows of a gray PNG of 8 bits, filters undone, each with one byte before it.
 * @param {Uint8Array} png
 * @returns {Promise<{bytes: Uint8Array, green: boolean}>} green: it is off the other colors
 */
export async function decodePng(png) {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const parts = [];
  let width = 0;
  let height = 0;
  let green = false;
  for (let at = 8; at < png.length; ) {
    const length = view.getUint32(at);
    const name = view.getUint32(at + 4);
    // IHDR
    if (name === 0x49484452) [width, height] = [view.getUint32(at + 8), view.getUint32(at + 12)];
    if (name === 0x49444154) parts.push(png.subarray(at + 8, at + 8 + length)); // IDAT
    green ||= name === 0x6772454e; // grEN
    at += length + 12;
  }
  const bytes = new Uint8Array(height * (width + 1));
  const inflating = new DecompressionStream("deflate");
  const writer = inflating.writable.getWriter();
  for (const work of [
    ...parts.map((part) => writer.write(/** @type {any} */ (part))),
    writer.close(),
  ]) {
    work.catch(() => {}); // who reads is told too
  }
  const reader = inflating.readable.getReader(); // a Blob or a Response take twice as long
  let to = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    bytes.set(read.value, to);
    to += read.value.length;
  }
  for (let row = 0; row < height; row++) unfilter(bytes, row * (width + 1) + 1, width, !row);
  return { bytes, green };
}

/**
 * Undoes the filter of a row: the kinds that nbimage writes.
 * @param {Uint8Array} bytes
 * @param {number} start
 * @param {number} width
 * @param {boolean} first
 */
function unfilter(bytes, start, width, first) {
  const kind = bytes[start - 1];
  const up = width + 1;
  const end = start + width;
  let i = start + 1;
  if (kind === 1) for (; i < end; i++) bytes[i] += bytes[i - 1];
  else if (kind === 3 && first) for (; i < end; i++) bytes[i] += bytes[i - 1] >> 1;
  else if (kind === 3) {
    bytes[start] += bytes[start - up] >> 1;
    for (; i < end; i++) bytes[i] += (bytes[i - 1] + bytes[i - up]) >> 1;
  } else if (kind === 2 && !first) for (i--; i < end; i++) bytes[i] += bytes[i - up];
}

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

/** One plane of samples, with coarser levels of area means as they are asked for. */
export class Plane {
  /** @type {Level[]} */
  #levels = [];

  /**
   * @param {Shape} shape
   * @param {string} dtype
   * @param {Numbers | BigInt64Array | BigUint64Array} own
   * @param {string} base a whole number that is taken off all values in `level`
   */
  constructor({ rows, columns, channels }, dtype, own, base = "0") {
    this.rows = rows;
    this.columns = columns;
    this.channels = channels;
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
   * @param {{dtype: string, data: string | Uint8Array, encoding: string}} stored
   * @param {Shape} shape
   * @param {string} [base]
   * @returns {Promise<Plane>}
   */
  static async decode({ dtype, data, encoding }, shape, base) {
    const { bytes, green } = await decodePng(
      typeof data !== "string"
        ? data
        : encoding === "base85"
          ? decodeBase85(data)
          : decodeBase64(data),
    );
    const Type = TYPES[/** @type {keyof typeof TYPES} */ (dtype)];
    const own = new Type(joinBytes(bytes, shape, Type.BYTES_PER_ELEMENT));
    if (green) addGreen(new Uint8Array(own.buffer), shape.channels);
    return new Plane(shape, dtype, own, base);
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
   * @param {number} level 0: every sample; each next one the means of two by two
   * @returns {Level}
   */
  level(level) {
    const levels = this.#levels;
    const { own, base, rows, columns } = this;
    if (!levels.length) {
      const large = own instanceof BigInt64Array || own instanceof BigUint64Array;
      levels.push({ rows, columns, data: large || base ? lessBase(own, base) : own });
    }
    while (levels.length <= level) levels.push(halve(levels[levels.length - 1], this.channels));
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
  #image;
  /** @type {Map<number, Plane>} the one used last is the last */
  #held = new Map();
  /** @type {Map<number, Promise<Plane>>} */
  #coming = new Map();

  /** @param {import("../base/types.js").ImageConfig} image */
  constructor(image) {
    this.#image = image;
  }

  /** A plane that is at hand. @param {number} index @returns {Plane | null} */
  peek(index) {
    const plane = this.#held.get(index);
    if (!plane) return null;
    this.#held.delete(index);
    this.#held.set(index, plane);
    return plane;
  }

  /** @param {number} index @returns {Promise<Plane>} */
  async plane(index) {
    const held = this.peek(index) ?? this.#coming.get(index);
    if (held) return held;
    const coming = Plane.decode(this.#image.planes[index], this.#image, this.#image.base);
    this.#coming.set(index, coming);
    try {
      const plane = await coming;
      this.#keep(index, plane);
      return plane;
    } finally {
      this.#coming.delete(index);
    }
  }

  /** @param {number} index @param {Plane} plane */
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
