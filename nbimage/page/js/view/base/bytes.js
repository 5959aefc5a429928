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
