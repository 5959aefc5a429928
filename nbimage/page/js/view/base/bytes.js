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
