// Samples as pages carry them: bytes as text.

import { decodeBase64 } from "../base/bytes.js";

/**
 * The bytes of a base85 text: five digits of 85 are four bytes.
 * @param {string} text
 * @returns {Uint8Array}
 */
export function decodeBase85(text) {
  const DIGITS =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%/()*+-;,=.?@^_`{|}~";
  const digit = new Uint8Array(128);
  for (let i = 0; i < 85; i++) digit[DIGITS.charCodeAt(i)] = i;
  const letters = new Uint8Array(Math.ceil(text.length / 5) * 5).fill(DIGITS.charCodeAt(84));
  new TextEncoder().encodeInto(text, letters);
  const view = new DataView(new ArrayBuffer((letters.length / 5) * 4));
  for (let i = 0, to = 0; i < letters.length; i += 5, to += 4) {
    let high = digit[letters[i]] * 85 + digit[letters[i + 1]];
    high = high * 85 + digit[letters[i + 2]];
    const low = digit[letters[i + 3]] * 85 + digit[letters[i + 4]];
    view.setUint32(to, high * 7225 + low);
  }
  return new Uint8Array(view.buffer, 0, view.byteLength - letters.length + text.length);
}

/**
 * The bytes of a text in an encoding; others as they are.
 * @param {string | Uint8Array} data
 * @param {string} encoding
 */
export function decodeText(data, encoding) {
  if (typeof data !== "string") return data;
  return encoding === "base85" ? decodeBase85(data) : decodeBase64(data);
}
