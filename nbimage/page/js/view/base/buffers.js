// What comes with messages of kernels.

/** The bytes of a message's buffer, whichever way a front-end hands it. */
export const viewBytes = (/** @type {DataView | ArrayBuffer} */ buffer) =>
  ArrayBuffer.isView(buffer)
    ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
    : new Uint8Array(buffer);
