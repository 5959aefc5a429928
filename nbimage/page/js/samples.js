// Samples: an array's own values out of the PNG files of their bytes, and their area means.

/** @typedef {{rows: number, columns: number, data: ArrayLike<number>}} Level */
/** @typedef {{dtype: string, rows: number, columns: number, channels: number, png: string}} Stored */

const TYPES = {
  uint8: Uint8Array, int8: Int8Array, uint16: Uint16Array, int16: Int16Array, uint32: Uint32Array,
  int32: Int32Array, float32: Float32Array, float64: Float64Array, int64: BigInt64Array, uint64: BigUint64Array,
};

/** @param {string} text @returns {Uint8Array} */
export function bytesOf(text) {
  const found = atob(text);
  const bytes = new Uint8Array(found.length);
  for (let i = 0; i < found.length; i++) bytes[i] = found.charCodeAt(i);
  return bytes;
}

/** The bytes of a gray PNG's rows, filters undone. @param {Uint8Array} png @returns {Promise<Uint8Array>} */
export async function unpacked(png) {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const parts = [];
  let width = 0, height = 0;
  for (let at = 8; at < png.length;) {
    const length = view.getUint32(at);
    const name = String.fromCharCode(...png.subarray(at + 4, at + 8));
    if (name === "IHDR") [width, height] = [view.getUint32(at + 8), view.getUint32(at + 12)];
    if (name === "IDAT") parts.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const stream = new Blob(/** @type {BlobPart[]} */ (parts)).stream().pipeThrough(new DecompressionStream("deflate"));
  const packed = new Uint8Array(await new Response(stream).arrayBuffer());
  const out = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const kind = packed[row * (width + 1)];
    const from = row * (width + 1) + 1, to = row * width;
    for (let i = 0; i < width; i++) {
      const left = i ? out[to + i - 1] : 0, up = row ? out[to + i - width] : 0;
      const guess = kind === 0 ? 0 : kind === 1 ? left : kind === 2 ? up : (left + up) >> 1;
      out[to + i] = packed[from + i] + guess;
    }
  }
  return out;
}

/** One plane of samples, with coarser levels of area means as they are asked for. */
export class Samples {
  /**
   * @param {Stored} stored @param {ArrayLike<number | bigint>} data
   * @param {bigint} base what is taken off whole numbers that are more than a browser's own hold
   */
  constructor(stored, data, base = 0n) {
    this.rows = stored.rows;
    this.columns = stored.columns;
    this.channels = stored.channels;
    this.dtype = stored.dtype;
    this.own = data;
    const less = Number(base);
    const near = base || typeof data[0] === "bigint" ? Float64Array.from(data, (v) => (typeof v === "bigint" ? Number(v - base) : v - less)) : data;
    /** @type {Level[]} */
    this.levels = [{ rows: stored.rows, columns: stored.columns, data: /** @type {ArrayLike<number>} */ (near) }];
  }

  /** @param {Stored} stored @param {string} base @returns {Promise<Samples>} */
  static async decode(stored, base) {
    const bytes = await unpacked(bytesOf(stored.png));
    const Type = TYPES[/** @type {keyof typeof TYPES} */ (stored.dtype)];
    const size = Type.BYTES_PER_ELEMENT;
    const count = stored.rows * stored.columns * stored.channels;
    if (size === 1) return new Samples(stored, new Type(/** @type {ArrayBuffer} */ (bytes.buffer)), BigInt(base));
    const joined = new Uint8Array(count * size);
    for (let part = 0; part < size; part++) {
      const from = part * count, byte = size - 1 - part; // the machine's least significant one is first
      for (let i = 0; i < count; i++) joined[i * size + byte] = bytes[from + i];
    }
    return new Samples(stored, new Type(joined.buffer), BigInt(base));
  }

  get most() {
    return Math.max(0, Math.ceil(Math.log2(Math.max(this.rows, this.columns))));
  }

  /** @param {number} level 0: every sample; each next one the means of two by two @returns {Level} */
  level(level) {
    while (this.levels.length <= level) this.levels.push(this.#halved(this.levels[this.levels.length - 1]));
    return this.levels[level];
  }

  /** @param {Level} fine @returns {Level} */
  #halved({ rows, columns, data }) {
    const { channels } = this;
    const half = { rows: (rows + 1) >> 1, columns: (columns + 1) >> 1 };
    const out = new Float64Array(half.rows * half.columns * channels);
    for (let i = 0, at = 0; i < half.rows; i++) {
      const below = 2 * i + 1 < rows ? columns * channels : 0;
      for (let j = 0; j < half.columns; j++) {
        const right = 2 * j + 1 < columns ? channels : 0;
        for (let c = 0; c < channels; c++) {
          const first = (2 * i * columns + 2 * j) * channels + c;
          let sum = 0, count = 0;
          for (const place of [first, first + right, first + below, first + below + right]) {
            const value = data[place];
            if (value === value) { sum += value; count++; }
          }
          out[at++] = count ? sum / count : NaN;
        }
      }
    }
    return { ...half, data: out };
  }

  /** @param {number} row @param {number} column @returns {(number | bigint)[]} */
  at(row, column) {
    const start = (row * this.columns + column) * this.channels;
    return Array.from({ length: this.channels }, (_, c) => this.own[start + c]);
  }
}
