// The histogram: how many samples have which values, and the bars that show it.

const MOST_COUNTED = 500_000; // samples of a plane
const ENOUGH = 1 / 8; // of those, as many must count, or all of the plane are walked
const STRIP = 8; // CSS pixels of the colors below the bars

/**
 * Finite values of a plane, of a large one many that are spread over it, and the least above 0.
 * Where few count, they are found wherever they are.
 * @param {import("./samples.js").Plane} plane
 * @param {number[]} channels
 * @param {boolean} positive those above 0 alone
 * @returns {[Float64Array<ArrayBuffer>, number]}
 */
export function sampleValues(plane, channels, positive) {
  const { data } = plane.level(0);
  const size = plane.rows * plane.columns;
  const some = Math.min(size, MOST_COUNTED / channels.length);
  const values = new Float64Array(some * channels.length + 3);
  const counts = (/** @type {number} */ x) => Number.isFinite(x) && !(positive && x <= 0);
  let count = 0;
  let least = Infinity;
  for (let i = 0; i < some; i++) {
    // uneven steps meet all columns
    const at = Math.floor(((i + ((i * 0.618) % 1)) * size) / some) * plane.channels;
    for (const c of channels) {
      const value = data[at + c];
      if (value > 0 && value < least) least = value;
      if (counts(value)) values[count++] = value;
    }
  }
  if (some === size || count >= ENOUGH * some * channels.length) {
    return [values.subarray(0, count), least];
  }
  count = 0;
  let step = 1;
  let skipped = 0;
  for (let at = 0; at < size * plane.channels; at += plane.channels) {
    for (const c of channels) {
      const value = data[at + c];
      if (value > 0 && value < least) least = value;
      if (!counts(value) || ++skipped < step) continue;
      skipped = 0;
      values[count++] = value;
      if (count < values.length) continue;
      step *= 2; // every other one stays
      count >>= 1;
      for (let i = 0; i < count; i++) values[i] = values[2 * i + 1];
    }
  }
  return [values.subarray(0, count), least];
}

/**
 * Draw bars, those between two ends above the colors of their values.
 * @param {HTMLCanvasElement} canvas
 * @param {HTMLElement} plot whose size it has
 * @param {{counts: Uint32Array, bars: number, ends: number[], color: (at: number) =>
 *   ArrayLike<number>}} what `ends` and `at` are shares of the width
 */
export function drawHistogram(canvas, plot, { counts, bars, ends, color }) {
  canvas.width = plot.clientWidth * devicePixelRatio;
  canvas.height = plot.clientHeight * devicePixelRatio;
  const { width, height } = canvas;
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const room = height - (STRIP + 1) * devicePixelRatio;
  const [from, to] = ends.slice().sort((a, b) => a - b);
  const [second, first] = counts.slice().sort().slice(-2);
  // one value of its own, such as a background's 0, hides no other
  const tallest = Math.min(first, 4 * second) || first;
  for (let x = 0; x < width; x++) {
    const at = (x + 0.5) / width;
    const tall = Math.sqrt(Math.min(1, counts[Math.round(at * bars)] / tallest)) * room;
    const inside = at > from && at < to;
    pen.fillStyle = inside ? "#888" : "#8885"; // on light and on dark; what is clipped
    pen.fillRect(x, room - tall, 1, tall);
    if (!inside) continue;
    const [red, green, blue, alpha = 255] = Array.from(color(at));
    pen.fillStyle = `rgba(${red},${green},${blue},${alpha / 255})`;
    pen.fillRect(x, room + devicePixelRatio, 1, height);
  }
}

/**
 * Have the pointer move the nearer of two limits, or both from between.
 * @param {HTMLElement} plot
 * @param {object} drag
 * @param {() => number[]} drag.shares of the width, at which the limits are
 * @param {(shares: number[], held: number[]) => void} drag.move where they are now, and which moved
 * @param {(end: number) => void} drag.focus called with the limit that keys are for
 */
export function dragLimits(plot, { shares, move, focus }) {
  let frame = 0;
  plot.onpointerdown = ({ button, pointerId, clientX, offsetX }) => {
    if (button || plot.onpointermove) return;
    const width = plot.clientWidth;
    const before = shares();
    const [first, last] = before.map((share) => offsetX - share * width);
    // of two at one position that with room to move
    const end = Math.abs(first) - Math.abs(last) || width / 2 - offsetX;
    const between = Math.min(Math.abs(first), Math.abs(last)) > 10 && first * last < 0;
    const held = between ? [1, 1] : end > 0 ? [0, 1] : [1, 0];
    let by = 0;
    plot.setPointerCapture(pointerId);
    plot.onpointermove = (event) => {
      if (event.pointerId !== pointerId) return;
      by = (event.clientX - clientX) / width;
      if (frame) return;
      frame = requestAnimationFrame(() => {
        frame = 0;
        move(
          before.map((share) => share + by),
          held,
        );
      });
    };
    focus(end > 0 ? 1 : 0);
  };
  plot.onmousedown = (event) => event.preventDefault(); // it would take the focus away again
  plot.onlostpointercapture = () => {
    plot.onpointermove = null;
  };
}
