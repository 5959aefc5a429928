// PNG files that hold bytes, not colors: what the page has of samples.

/**
 * The rows of a gray PNG of 8 bits, filters undone, each with one byte before it.
 * @param {Uint8Array} png
 * @returns {Promise<{bytes: Uint8Array, green: boolean}>} green: it is off the other colors
 */
export async function decodePng(png) {
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
  for (let row = 0; row < height; row++) unfilter(bytes, row * (width + 1) + 1, width, !row);
  return { bytes, green };
}

/**
 * Undoes the filter of a row: the kinds that nbimage writes.
 * @param {Uint8Array} bytes
 * @param {number} start
 * @param {number} width
 * @param {boolean} first
 */
function unfilter(bytes, start, width, first) {
  const kind = bytes[start - 1];
  const up = width + 1;
  const end = start + width;
  let i = start + 1;
  if (kind === 1) for (; i < end; i++) bytes[i] += bytes[i - 1];
  else if (kind === 3 && first) for (; i < end; i++) bytes[i] += bytes[i - 1] >> 1;
  else if (kind === 3) {
    bytes[start] += bytes[start - up] >> 1;
    for (; i < end; i++) bytes[i] += (bytes[i - 1] + bytes[i - up]) >> 1;
  } else if (kind === 2 && !first) for (i--; i < end; i++) bytes[i] += bytes[i - up];
}
