// PNG files that hold bytes, not colors: what the page has of samples.

/**
 * The rows of a PNG, filters undone, each with one byte before it.
 * @param {Uint8Array} png
 * @param {number} [line] bytes of a row, if its pixels are not one each
 * @param {number} [step] bytes of a pixel
 * @returns {Promise<{bytes: Uint8Array, green: boolean}>} green: it is off the other colors
 */
export async function decodePng(png, line, step = 1) {
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
  width = line ?? width;
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
  for (let row = 0; row < height; row++) unfilter(bytes, row * (width + 1) + 1, width, !row, step);
  return { bytes, green };
}

/**
 * Undoes the filter of a row.
 * @param {Uint8Array} bytes
 * @param {number} start
 * @param {number} width
 * @param {boolean} first
 * @param {number} step
 */
export function unfilter(bytes, start, width, first, step) {
  const kind = bytes[start - 1];
  const up = width + 1;
  const end = start + width;
  let i = start + step;
  if (kind === 1 || (kind === 4 && first)) for (; i < end; i++) bytes[i] += bytes[i - step];
  else if (kind === 3 && first) for (; i < end; i++) bytes[i] += bytes[i - step] >> 1;
  else if (kind === 3) {
    for (let j = start; j < i; j++) bytes[j] += bytes[j - up] >> 1;
    for (; i < end; i++) bytes[i] += (bytes[i - step] + bytes[i - up]) >> 1;
  } else if (kind === 2 && !first) for (i = start; i < end; i++) bytes[i] += bytes[i - up];
  else if (kind === 4) {
    for (let j = start; j < i; j++) bytes[j] += bytes[j - up];
    for (; i < end; i++) {
      const a = bytes[i - step];
      const b = bytes[i - up];
      const c = bytes[i - up - step];
      const p = Math.abs(b - c);
      const q = Math.abs(a - c);
      const r = Math.abs(a + b - 2 * c);
      bytes[i] += p <= q && p <= r ? a : q <= r ? b : c;
    }
  }
}
