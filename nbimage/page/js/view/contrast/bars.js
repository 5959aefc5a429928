// The bars of a histogram above or beside the colors of their values.

/**
 * @param {HTMLCanvasElement} canvas as large as the strip that it fills
 * @param {object} what
 * @param {import("./scale.js").Scale} what.scale
 * @param {ArrayLike<number>} what.edges
 * @param {Uint32Array} what.counts
 * @param {number[]} what.ends shares between which bars are dark
 * @param {boolean} what.log the height is the logarithm of how many there are, not the root
 * @param {number} what.ramp CSS pixels of the colors
 * @param {(value: number) => ArrayLike<number>} what.color
 * @param {boolean} [below] the colors are at the bottom, the bars above; else as beside a picture
 */
export function drawBars(canvas, { scale, edges, counts, ends, log, ramp, color }, below = false) {
  const { clientWidth, clientHeight } = canvas;
  const ratio = devicePixelRatio || 1;
  const width = Math.round(clientWidth * ratio);
  const height = Math.round(clientHeight * ratio);
  if (!width || !height) return;
  Object.assign(canvas, { width, height });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const upright = clientHeight > clientWidth;
  if (upright) pen.setTransform(0, -1, 1, 0, 0, height);
  else if (below) pen.setTransform(1, 0, 0, -1, 0, height);
  const [length, depth] = upright ? [height, width] : [width, height];
  const strip = Math.round(ramp * ratio);
  for (let x = 0; x < length; x++) {
    const [red, green, blue, alpha = 255] = Array.from(color(scale.valued((x + 0.5) / length)));
    pen.fillStyle = `rgba(${red},${green},${blue},${alpha / 255})`;
    pen.fillRect(x, 0, 1, strip);
  }
  const shares = Array.from(edges, scale.toShare);
  const pixels = shares.map((share) => Math.round(Math.min(1, Math.max(0, share || 0)) * length));
  // of bars that are not of one width, how dense they are
  const heights = Array.from(counts, (count, i) => count / (shares[i + 1] - shares[i] || Infinity));
  const [second, first] = heights
    .slice()
    .sort((a, b) => a - b)
    .slice(-2);
  // one value of its own, such as a background's 0, hides no other
  const most = (second ? Math.min(first, 4 * second) : first) || heights[0] || 1;
  const [from, to] = ends.slice().sort((a, b) => a - b);
  const room = depth - strip - 2 * ratio;
  pen.fillStyle = "#808891"; // on light and on dark
  heights.forEach((dense, i) => {
    if (!dense) return;
    const part = Math.min(1, dense / most);
    const tall = Math.max(1, room * (log ? Math.log1p(1e4 * part) / Math.log1p(1e4) : part ** 0.5));
    const middle = (pixels[i] + pixels[i + 1]) / 2 / length;
    pen.globalAlpha = middle >= from && middle <= to ? 0.75 : 0.35;
    pen.fillRect(pixels[i], strip + 2 * ratio, Math.max(1, pixels[i + 1] - pixels[i]), tall);
  });
}
