// The pixels of a PNG as they are stored: a canvas may blur them, and some browsers lie on purpose.

import { decodeBase64 } from "../view/base/bytes.js";
import { decodePng } from "../view/base/png.js";

const CHANNELS = [1, 0, 3, 1, 2, 0, 4]; // by the color type

/** @typedef {[number, number, number, number]} Rgba */

/**
 * A function from column and row to red, green, blue and alpha; null of what is no PNG.
 * @param {string} uri
 * @returns {Promise<((column: number, row: number) => Rgba) | null>}
 */
export async function readPixels(uri) {
  const start = "data:image/png;base64,";
  if (!uri.startsWith(start)) return null;
  const png = decodeBase64(uri.slice(start.length));
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  const width = view.getUint32(16);
  const [depth, type] = [png[24], png[25]];
  const channels = CHANNELS[type];
  /** @type {Uint8Array} */
  let palette = new Uint8Array();
  /** @type {Uint8Array} */
  let clear = new Uint8Array(); // alphas of the palette, or the gray that is transparent
  for (let at = 8; at < png.length; at += view.getUint32(at) + 12) {
    const body = png.subarray(at + 8, at + 8 + view.getUint32(at));
    const name = view.getUint32(at + 4);
    if (name === 0x504c5445) palette = body; // PLTE
    if (name === 0x74524e53) clear = body; // tRNS
  }
  const line = Math.ceil((width * channels * depth) / 8);
  const { bytes } = await decodePng(png, line, Math.max(1, (channels * depth) >> 3));
  return (column, row) => {
    const from = row * (line + 1) + 1;
    if (depth < 8) {
      const bit = column * depth;
      const index = (bytes[from + (bit >> 3)] >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
      return type === 3 ? colorAt(index) : grayAt((index * 255) / ((1 << depth) - 1));
    }
    const at = from + column * channels;
    if (type === 3) return colorAt(bytes[at]);
    if (type === 0) return grayAt(bytes[at]);
    if (type === 4) return [bytes[at], bytes[at], bytes[at], bytes[at + 1]];
    return [bytes[at], bytes[at + 1], bytes[at + 2], type === 6 ? bytes[at + 3] : 255];
  };
  /** @returns {Rgba} */
  function colorAt(/** @type {number} */ index) {
    const [red, green, blue] = palette.subarray(3 * index, 3 * index + 3);
    return [red, green, blue, clear[index] ?? 255];
  }
  /** @returns {Rgba} */
  function grayAt(/** @type {number} */ gray) {
    return [gray, gray, gray, clear.length > 1 && clear[1] === gray ? 0 : 255];
  }
}
