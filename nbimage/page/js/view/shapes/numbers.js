// Arithmetic of shapes: their sizes, the statistics of samples, and where profiles are read.
// nbimage/view/shapes has the same in Python.

/** @typedef {import("../base/types.js").Shape} Shape */
/** @typedef {import("./inside.js").Points} Points */
/**
 * @typedef {{count: number, missing: number, min: number | bigint, max: number | bigint,
 *   mean: number, median: number, std: number, sum: number | bigint}} Statistics
 */

/** A sum of which no digit gets lost (Neumaier). */
function summing() {
  let [sum, lost] = [0, 0];
  return {
    add: (/** @type {number} */ value) => {
      const next = sum + value;
      lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum;
      sum = next;
    },
    total: () => sum + lost,
  };
}

/**
 * Of the finite values of a channel at some samples.
 * @param {import("../values/samples.js").Plane} plane
 * @param {ArrayLike<number>} at where the first channel is in `data`
 * @param {number} channel
 * @returns {Statistics}
 */
export function findStatistics(plane, at, channel = 0) {
  const { own, base } = plane;
  const { data } = plane.level(0);
  const known = new Float64Array(at.length);
  const sum = summing();
  let [count, low, high] = [0, -1, -1];
  for (let i = 0; i < at.length; i++) {
    const from = at[i] + channel;
    const value = data[from];
    if (value - value !== 0) continue;
    known[count++] = value;
    sum.add(value);
    // what is the same in `data` may not be in the array's own, of 64 bits
    if (low < 0 || own[from] < own[low]) low = from;
    if (high < 0 || own[from] > own[high]) high = from;
  }
  const mean = sum.total() / count;
  const squares = summing();
  const off = summing(); // what the mean was rounded by
  for (let i = 0; i < count; i++) {
    off.add(known[i] - mean);
    squares.add((known[i] - mean) ** 2);
  }
  const some = known.subarray(0, count).sort();
  const median = (some[(count - 1) >> 1] + some[count >> 1]) / 2;
  const zero = Number(base);
  return {
    count,
    missing: at.length - count,
    min: low < 0 ? NaN : own[low],
    max: high < 0 ? NaN : own[high],
    mean: zero + mean,
    median: zero + median,
    std: Math.sqrt(Math.max(0, squares.total() - off.total() ** 2 / count) / count),
    sum: base ? base * BigInt(count) + BigInt(Math.round(sum.total())) : sum.total(),
  };
}

/** The perimeter of an ellipse, by the arithmetic-geometric mean. */
/** @param {number} a @param {number} b half its axes */
function ellipseLength(a, b) {
  if (!a || !b) return 4 * Math.max(a, b);
  let [mean, geometric, rest, factor] = [a, b, (a * a + b * b) / 2, 0.25];
  while (Math.abs(mean - geometric) > 1e-15 * mean) {
    rest -= factor * (mean - geometric) ** 2;
    factor *= 2;
    [mean, geometric] = [(mean + geometric) / 2, Math.sqrt(mean * geometric)];
  }
  return (2 * Math.PI * rest) / mean;
}

/**
 * Its length, or perimeter, and its area.
 * @param {Pick<Shape, "kind" | "points">} shape
 * @param {number} sx @param {number} sy how long a step to the right and down is
 */
export function measureShape({ kind, points }, sx = 1, sy = 1) {
  const all = points.map(({ x, y }) => ({ x: x * sx, y: y * sy }));
  const [a, b] = all;
  if (kind === "box" || kind === "ellipse") {
    const wide = Math.abs(b.x - a.x);
    const high = Math.abs(b.y - a.y);
    return kind === "box"
      ? { length: 2 * (wide + high), area: wide * high }
      : { length: ellipseLength(wide / 2, high / 2), area: (Math.PI * wide * high) / 4 };
  }
  const length = summing();
  const area = summing();
  all.forEach((one, i) => {
    const before = all[i ? i - 1 : all.length - 1];
    if (i || kind === "polygon") length.add(Math.hypot(one.x - before.x, one.y - before.y));
    area.add((before.x - a.x) * (one.y - a.y) - (one.x - a.x) * (before.y - a.y));
  });
  return { length: length.total(), area: kind === "polygon" ? Math.abs(area.total()) / 2 : 0 };
}

/**
 * The same as np.linspace(from, to, count).
 * @param {number} from @param {number} to @param {number} count
 */
export const linspace = (from, to, count) =>
  Array.from({ length: count }, (_, i) =>
    i && i === count - 1 ? to : i * ((to - from) / (count - 1 || 1)) + from,
  );

/**
 * Where the profile of a line is read: as skimage.measure.profile_line of order 0, a step of about
 * a sample apart; each one at `width` positions across the line.
 * @param {Points} points
 * @param {number} width
 * @returns {{share: number, across: Points}[]} share of the line's length
 */
export function profilePoints(points, width) {
  const { length } = measureShape({ kind: "line", points });
  const count = Math.ceil(length) + 1;
  let [k, gone] = [0, 0]; // the part that it is in, and what lies before that
  return linspace(0, 1, count).map((share) => {
    const far = () => Math.hypot(points[k + 1].x - points[k].x, points[k + 1].y - points[k].y);
    while (k < points.length - 2 && share * length > gone + far()) {
      gone += far();
      k++;
    }
    const [dx, dy] = [points[k + 1].x - points[k].x, points[k + 1].y - points[k].y];
    const on = (share * length - gone) / (far() || 1);
    const x = points[k].x + on * dx;
    const y = points[k].y + on * dy;
    const turn = Math.atan2(dy, dx);
    const wx = ((width - 1) * Math.sin(-turn)) / 2;
    const wy = ((width - 1) * Math.cos(turn)) / 2;
    const rows = linspace(y - wy, y + wy, width);
    return { share, across: linspace(x - wx, x + wx, width).map((x, i) => ({ x, y: rows[i] })) };
  });
}

/**
 * Round numbers between two, at most so many.
 * @param {number} low @param {number} high @param {number} most
 */
export function roundTicks(low, high, most) {
  if (!(high > low)) return [low];
  let step = 10 ** Math.floor(Math.log10((high - low) / most));
  for (const factor of [2, 2.5, 2, 2, 2.5, 2]) if ((high - low) / step > most - 1) step *= factor;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, i) => +((first + i) * step).toPrecision(12));
}
