// Rules that find limits in a sample of values, as Python has them.

const RANKS = 1000; // values that zscale looks at, as in IRAF
const SORTED = 2 ** 16; // values from which these are taken by rank
const CONTRAST = 0.25;
const FAR = 2.5; // standard deviations from the line
const ROUNDS = 5;
const KEPT = 0.5; // the part of the values that must lie near the line
const FEWEST = 5;

/**
 * A percentile of sorted values, between two of them where need be, as NumPy has it.
 * @param {ArrayLike<number>} sorted
 * @param {number} percent
 */
export function findPercentile(sorted, percent) {
  const position = (sorted.length - 1) * (percent / 100);
  const before = Math.floor(position);
  const part = position - before;
  const low = sorted[before];
  const high = sorted[Math.min(before + 1, sorted.length - 1)];
  return low === high
    ? low
    : part < 0.5
      ? low + (high - low) * part
      : high - (high - low) * (1 - part);
}

/** Rounds as NumPy does: halves to even numbers. @param {number} x */
const roundEven = (x) => (x % 1 === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

/**
 * The limits of IRAF's zscale: a line through sorted values, without what lies far off it.
 * @param {Float64Array} values finite ones
 * @returns {[number, number]}
 */
export function findZscale(values) {
  const every = Math.ceil(values.length / SORTED);
  const sorted = values.filter((_, i) => i % every === 0).sort();
  const count = Math.min(sorted.length, RANKS);
  const ranked = Float64Array.from({ length: count }, (_, i) => {
    return sorted[roundEven(count > 1 ? i * ((sorted.length - 1) / (count - 1)) : 0)];
  });
  const [low, high] = [ranked[0], ranked[count - 1]];
  const least = Math.max(FEWEST, Math.floor(count * KEPT));
  let near = new Uint8Array(count).fill(1);
  let kept = count;
  let before = count + 1;
  let slope = 0;
  for (let round = 0; round < ROUNDS && least <= kept && kept < before; round++) {
    before = kept;
    const line = fitLine(ranked, near);
    slope = line.slope;
    const off = ranked.map((value, i) => value - (line.start + slope * i));
    const spread = deviate(off, near);
    const far = near.map((one, i) => (one && Math.abs(off[i]) <= FAR * spread ? 0 : 1));
    const width = Math.max(1, Math.floor(count / 100));
    const back = (width - 1) >> 1; // as `np.convolve(…, "same")` lies
    near = near.map((_, i) => {
      for (let j = i - width + 1 + back; j <= i + back; j++) if (far[j]) return 0;
      return 1;
    });
    kept = near.reduce((sum, one) => sum + one, 0);
  }
  if (kept < least) return [low, high];
  const middle = (count - 1) >> 1;
  const median = (ranked[middle] + ranked[count >> 1]) / 2;
  slope /= CONTRAST;
  return [
    Math.max(low, median - (middle - 1) * slope),
    Math.min(high, median + (count - middle) * slope),
  ];
}

/**
 * The line nearest to the points that count.
 * @param {Float64Array} up
 * @param {Uint8Array} near
 */
function fitLine(up, near) {
  let [size, x, y] = [0, 0, 0];
  up.forEach((value, i) => {
    if (!near[i]) return;
    size++;
    x += i;
    y += value;
  });
  x /= size;
  y /= size;
  let [across, both] = [0, 0];
  up.forEach((value, i) => {
    if (!near[i]) return;
    across += (i - x) ** 2;
    both += (i - x) * (value - y);
  });
  const slope = across ? both / across : 0;
  return { slope, start: y - slope * x };
}

/** Their standard deviation. @param {Float64Array} off @param {Uint8Array} near */
function deviate(off, near) {
  const some = off.filter((_, i) => near[i]);
  const mean = some.reduce((sum, one) => sum + one, 0) / some.length;
  return Math.sqrt(some.reduce((sum, one) => sum + (one - mean) ** 2, 0) / some.length);
}
