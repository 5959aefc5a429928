// Bytes as messages and pages carry them.

/** The bytes of a base64 text. @param {string} text @returns {Uint8Array} */
export function decodeBase64(text) {
  const quick = /** @type {any} */ (Uint8Array).fromBase64;
  if (quick) return quick.call(Uint8Array, text);
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

/** The bytes of a message's buffer, whichever way a front-end hands it. */
export const viewBytes = (/** @type {DataView | ArrayBuffer} */ buffer) =>
  ArrayBuffer.isView(buffer)
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    : new Uint8Array(buffer);

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
