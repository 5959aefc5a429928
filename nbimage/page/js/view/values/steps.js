// The part of pages with floats that are stored as steps, which their neighbours nearly tell, and
// the bits below (nbimage/codecs/packing/floats.py).

import { decodeBase64 } from "../base/bytes.js";
import { decodePng, unfilter } from "../base/png.js";
import { registerTask } from "./aside.js";
import { parts } from "./parts.js";
import { decodeBase85, decodeText } from "./sample_text.js";

/**
 * @param {Uint8Array} bytes rows with one byte before each: steps less what is expected of them
 * @param {import("./samples.js").Shape} shape
 * @param {Uint8Array} chunk how large a step is, what is expected, and the bits below
 * @returns {Uint8Array} of float32
 */
function joinSteps(bytes, { rows, columns, channels }, chunk) {
  const view = new DataView(chunk.buffer, chunk.byteOffset);
  const exponent = view.getInt16(0) + 127 + 23;
  const apart = view.getUint32(2);
  const [left, up, upLeft, upRight] = new Int8Array(chunk.buffer, chunk.byteOffset + 6);
  const high = rows * channels;
  const plane = high * (columns + 1);
  const codes = new Int16Array((high + 1) * columns + 2);
  const out = new Uint32Array(high * columns);
  let bit = 80;
  const read = (/** @type {number} */ count) => {
    const at = bit >> 3;
    const four = (chunk[at] << 24) | (chunk[at + 1] << 16) | (chunk[at + 2] << 8) | chunk[at + 3];
    const skipped = bit & 7;
    bit += count;
    return count && (four << skipped) >>> (32 - count);
  };
  for (let row = 0, i = columns + 1, at = 0; row < high; row++) {
    if (row % apart === 0) bit = (bit + 7) & ~7;
    const channel = Math.floor(row / rows);
    let to = (row % rows) * columns * channels + channel;
    at++;
    let code = codes[i - 1];
    for (const end = i + columns; i < end; i++, at++, to += channels) {
      const folded = (bytes[at] << 8) | bytes[at + plane];
      const above = i - columns;
      const sum =
        left * code + up * codes[above] + upLeft * codes[above - 1] + upRight * codes[above + 1];
      codes[i] = ((sum + 8) >> 4) + ((folded >>> 1) ^ -(folded & 1));
      code = codes[i];
      const steps = (code < 0 ? -code : code) - 1;
      if (steps > 0) {
        const count = Math.clz32(steps) - 8; // bits of the mantissa that are below a step
        const mantissa = (steps << count) | read(count);
        out[to] = (code & 0x80000000) | ((exponent - count) << 23) | (mantissa & 0x7fffff);
      } else if (code) out[to] = code < 0 ? 0x7fc00000 : (read(16) << 16) | read(16);
    }
  }
  return new Uint8Array(out.buffer);
}

/** What a PNG has in its chunk stEP. @param {Uint8Array} png @returns {Uint8Array} */
function findSteps(png) {
  const view = new DataView(png.buffer, png.byteOffset);
  for (let at = 8; ; ) {
    const end = at + 8 + view.getUint32(at);
    if (view.getUint32(at + 4) === 0x73744550) return png.subarray(at + 8, end);
    at = end + 4;
  }
}

/**
 * The bytes of floats that are stored as steps.
 * @param {string} data
 * @param {string} encoding
 * @param {import("./samples.js").Shape} shape
 */
async function decodeSteps(data, encoding, shape) {
  const png = decodeText(data, encoding);
  const { bytes } = await decodePng(png);
  return joinSteps(bytes, shape, findSteps(png));
}
registerTask(
  "steps",
  decodeSteps,
  decodeText,
  decodeBase64,
  decodeBase85,
  decodePng,
  unfilter,
  joinSteps,
  findSteps,
);

parts.steps = decodeSteps;
