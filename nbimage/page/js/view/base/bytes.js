// Bytes as messages and pages carry them.

/** The arrays of samples, by their dtype. */
export const TYPES = {
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

/** @param {string} dtype @returns {any} */
export const typedArray = (dtype) => TYPES[/** @type {keyof typeof TYPES} */ (dtype)];

/** The bytes of a base64 text. @param {string} text @returns {Uint8Array} */
export function decodeBase64(text) {
  const quick = /** @type {any} */ (Uint8Array).fromBase64;
  if (quick) return quick.call(Uint8Array, text);
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

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
