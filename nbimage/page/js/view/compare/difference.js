// What is between two images, sample by sample, and numbers of it.

import { runAside } from "../values/aside.js";
import { minus } from "../values/format.js";
import { sampleValues } from "../values/histogram.js";
import { Plane } from "../values/samples.js";
import { flipHalo } from "./flip.js";
import "./similarity.js";

/** @typedef {import("../base/types.js").ImageConfig} ImageConfig */
/** @typedef {import("../base/types.js").Placement} Placement */
/** @typedef {{plane: Plane, image: ImageConfig, position: Placement}} Located */
/**
 * What is between two images, a − b at a's samples, and numbers of what is finite in both.
 * @typedef {object} Difference
 * @property {Plane} plane
 * @property {number} limit the largest magnitude in the plane
 * @property {number} usual that below which 99.5 % lie; the largest one where these are all 0
 * @property {number} most the largest magnitude of a channel, and where it is in a; of SSIM the
 *   least
 * @property {number} row
 * @property {number} column
 * @property {Record<string, number>} numbers
 */

const USUAL = 0.995;
const PIXELS_PER_DEGREE = (3840 * Math.PI) / 180;
const BAND = 2 ** 16; // samples that are worked on at once
const SLICE = 2 ** 18; // of those that take less

/** Samples around one that are read for it. @param {string} mode */
export const reachOf = (mode) =>
  mode === "ssim" ? 5 : mode === "flip" ? flipHalo(PIXELS_PER_DEGREE) : 0;

/** How many channels an image has without alpha. @param {ImageConfig} image */
export const countSolid = ({ kind, channels }) =>
  kind === "composite" ? channels : kind === "gray" ? 1 : 3;

/**
 * Of each sample along an axis the nearest one of another image, -1 where there is none.
 * @param {number} count @param {number} from @param {number} step
 * @param {number} most @param {number} start @param {number} size
 */
const nearestSamples = (count, from, step, most, start, size) =>
  Int32Array.from({ length: count }, (_, i) => {
    const at = Math.floor((from + step * (i + 0.5) - start) / size);
    return at < most ? Math.max(-1, at) : -1;
  });

/**
 * For each row and each column of a those of b.
 * @param {Located} a @param {Located} b
 */
function register({ plane: { rows, columns }, position: p }, { plane, position: q }) {
  return {
    down: nearestSamples(rows, p.y, p.sy, plane.rows, q.y, q.sy),
    across: nearestSamples(columns, p.x, p.sx, plane.columns, q.x, q.sx),
  };
}

/** The range of an image's values, of uint8 and uint16 all. @param {ImageConfig} image */
const peakOf = ({ full, extent, ...image }) => {
  const spans = extent.slice(0, countSolid(/** @type {any} */ (image))).flat();
  return [255, 65535].includes(full) ? full : Math.max(...spans) - Math.min(...spans);
};

/**
 * Both channel by channel, without alpha; one of gray is the same in all. Composites become gray:
 * the sum of those of their channels that are on.
 * @param {Located} a
 * @param {Located} b
 * @param {string} kind "difference", "absolute", "relative": its share of |b|
 * @param {boolean[]} on
 * @param {import("../base/types.js").Box} [viewed] samples of a that count in the numbers
 * @returns {Generator<number, Difference | null>} how much is done, when other work may be; null:
 *   their channels don't match
 */
export function* subtractImages(a, b, kind, on, viewed) {
  const { rows, columns, channels: step, own: left, dtype } = a.plane;
  const { own: right, channels: stride, columns: wide } = b.plane;
  const [mine, theirs] = [countSolid(a.image), countSolid(b.image)];
  const channels = Math.max(mine, theirs);
  if (mine !== theirs && mine > 1 && theirs > 1) return null;
  const { down, across } = register(a, b);
  const dtypes = [dtype, b.plane.dtype];
  const large = dtypes.every((one) => one.endsWith("int64")); // beyond what floats hold
  const fine = dtypes.every((one) => /8|16|float32/.test(one));
  const summed = [a.image.kind, b.image.kind].includes("composite");
  const shown = summed ? 1 : channels;
  const [relative, absolute] = [kind === "relative", kind === "absolute"];
  const data = new (fine ? Float32Array : Float64Array)(rows * columns * shown);
  const { x0 = 0, y0 = 0, x1 = columns, y1 = rows } = viewed ?? {};
  let values = 0;
  let unmatched = 0;
  let sum = 0;
  let total = 0;
  let squares = 0;
  let most = 0;
  let found = 0;
  let limit = 0;
  const share = (/** @type {number} */ less, /** @type {number} */ of) =>
    relative && less ? less / Math.abs(of) : less;
  const set = (/** @type {number} */ to, /** @type {number} */ value) => {
    data[to] = value;
    const size = Math.abs(value);
    if (size < Infinity && size > limit) limit = size;
  };
  for (let i = 0, at = 0, next = SLICE; i < rows; i++) {
    if (at > next) {
      yield i / rows;
      next = at + SLICE;
    }
    for (let j = 0; j < columns; j++, at++) {
      const there = down[i] < 0 ? -1 : across[j];
      const against = (down[i] * wide + there) * stride;
      const counts = i >= y0 && i < y1 && j >= x0 && j < x1;
      let shade = 0;
      let whole = 0;
      for (let c = 0; c < channels; c++) {
        if (summed && !on[c]) continue;
        const x = left[at * step + (mine > 1 ? c : 0)];
        const y = there < 0 ? NaN : right[against + (theirs > 1 ? c : 0)];
        const exact = large && there >= 0;
        // @ts-expect-error both are big integers
        const less = exact ? Number(x - y) : Number(x) - Number(y);
        const own = share(less, Number(y));
        const size = Math.abs(own);
        if (counts && size < Infinity) {
          values++;
          sum += own;
          total += size;
          squares += own * own;
          if (size > most) [most, found] = [size, at];
          // not if both are NaN, or the same infinity
        } else if (counts && x !== y && (x === x || y === y)) unmatched++;
        if (summed) {
          shade += absolute ? size : less;
          whole += Number(y);
        } else set(at * shown + c, absolute ? size : own);
      }
      if (summed) set(at, share(shade, whole));
    }
  }
  const plane = Plane.of(
    { rows, columns, channels: shown, labels: a.image.labels || b.image.labels },
    fine ? "float32" : "float64",
    data,
  );
  const [some] = sampleValues(plane, [...Array(shown).keys()], false);
  const sizes = some.map(Math.abs).sort();
  const rank = USUAL * (sizes.length - 1);
  const below = sizes[Math.floor(rank)];
  const MSE = squares / values;
  const RMSE = Math.sqrt(MSE);
  const peak = peakOf(a.image);
  return {
    plane,
    limit,
    usual: below + (sizes[Math.ceil(rank)] - below) * (rank % 1) || limit,
    most,
    row: Math.floor(found / columns),
    column: found % columns,
    numbers: {
      mean: sum / values,
      MAE: total / values,
      MSE,
      RMSE,
      ...(!relative && { PSNR: 20 * Math.log10(peak / RMSE), peak }),
      values,
      ...(unmatched && { unmatched }),
    },
  };
}

/**
 * What is black and what is white to FLIP.
 * @param {ImageConfig} one @param {ImageConfig} other
 */
function grayEnds(one, other) {
  if ([255, 65535].includes(one.full)) return [0, one.full];
  const spans = [one, other].map(({ extent, base, ...image }) =>
    extent
      .slice(0, countSolid(/** @type {any} */ (image)))
      .flat()
      .map((end) => end + Number(base)),
  );
  if (one.full === 1 && spans.flat().every((end) => end >= 0 && end <= 1)) return [0, 1];
  return [Math.min(...spans[0]), Math.max(...spans[0])];
}

/**
 * The map of SSIM or FLIP, band by band beside other work; as `subtractImages`.
 * @param {Located} a
 * @param {Located} b
 * @param {"ssim" | "flip"} kind
 * @param {boolean[]} on
 * @param {import("../base/types.js").Box | undefined} viewed
 * @param {(share: number) => boolean} report how much is done: whether to go on
 * @returns {Promise<Difference | null>}
 */
export async function perceiveImages(a, b, kind, on, viewed, report) {
  const { rows, columns } = a.plane;
  const [mine, theirs] = [countSolid(a.image), countSolid(b.image)];
  const channels = Math.max(mine, theirs);
  if (mine !== theirs && mine > 1 && theirs > 1) return null;
  const summed = [a.image.kind, b.image.kind].includes("composite");
  const alike = kind === "ssim";
  const ppd = PIXELS_PER_DEGREE;
  const reach = reachOf(kind);
  const each = [...Array(channels).keys()].filter((c) => !summed || on[c]);
  const groups = alike || summed || channels === 1 ? each.map((c) => [c]) : [each];
  const [low, high] = alike ? [0, 1] : grayEnds(a.image, b.image);
  const inside = (/** @type {number} */ i, /** @type {number} */ size) => {
    if (!alike) return Math.min(Math.max(i, 0), size - 1);
    const at = ((i % (2 * size)) + 2 * size) % (2 * size);
    return Math.min(at, 2 * size - 1 - at);
  };
  const { down, across } = register(a, b);
  const width = columns + 2 * reach;
  const wide = Int32Array.from({ length: width }, (_, j) => inside(j - reach, columns));
  const take = (
    /** @type {Located} */ { plane: { own, channels: step, columns } },
    /** @type {number} */ c,
    /** @type {number[]} */ lines,
    /** @type {Int32Array} */ columnsOf,
  ) => {
    const band = new Float64Array(lines.length * width);
    let to = 0;
    for (const row of lines)
      for (const column of columnsOf) {
        const value =
          row < 0 || column < 0 ? NaN : Number(own[(row * columns + column) * step + c]);
        const share = (value - low) / (high - low);
        band[to++] = alike ? value : Math.min(Math.max(share, 0), 1);
      }
    return band;
  };
  const data = new Float32Array(rows * columns);
  const height = Math.max(Math.floor(BAND / width) - 2 * reach, 2 * reach);
  let next = 0;
  const work = async () => {
    while (next < rows) {
      const start = next;
      next += height;
      const count = Math.min(height, rows - start);
      const lines = Array.from({ length: count + 2 * reach }, (_, i) =>
        inside(start + i - reach, rows),
      );
      const others = lines.map((row) => down[row]);
      for (const group of groups) {
        const bands = [
          ...group.map((c) => take(a, mine > 1 ? c : 0, lines, wide)),
          ...group.map((c) =>
            take(
              b,
              theirs > 1 ? c : 0,
              others,
              wide.map((j) => across[j]),
            ),
          ),
        ];
        const found = await runAside(kind, bands, width, { peak: peakOf(a.image), ppd });
        for (let i = 0; i < count; i++)
          for (let j = 0; j < columns; j++)
            data[(start + i) * columns + j] += found[i * width + j] / groups.length;
      }
      await new Promise((done) => setTimeout(done));
      if (!report(Math.min(1, next / rows))) next = Infinity;
    }
  };
  await Promise.all([work(), work()]);
  if (next === Infinity) return null;
  const edge = alike && Math.min(rows, columns) > 10 ? 5 : 0;
  const { x0 = 0, y0 = 0, x1 = columns, y1 = rows } = viewed ?? {};
  let sum = 0;
  let values = 0;
  let found = 0;
  let most = alike ? Infinity : -1;
  for (let i = Math.max(y0, edge); i < Math.min(y1, rows - edge); i++)
    for (let j = Math.max(x0, edge); j < Math.min(x1, columns - edge); j++) {
      const value = data[i * columns + j];
      if (value !== value) continue;
      sum += value;
      values++;
      if (alike ? value < most : value > most) [most, found] = [value, i * columns + j];
    }
  const shape = { rows, columns, channels: 1 };
  return {
    plane: Plane.of(shape, "float32", data),
    limit: 1,
    usual: 1,
    most,
    row: Math.floor(found / columns),
    column: found % columns,
    numbers: { mean: sum / values, values },
  };
}

/** So many digits, or all of a whole number. @param {number} value */
export const formatBrief = (value, digits = 6) =>
  minus(
    String(Number.isInteger(value) ? value : +value.toPrecision(digits)).replace("Infinity", "inf"),
  ).replace("inf", "∞");

/**
 * The numbers of a difference in words, each with its name.
 * @param {Difference | null} found
 * @returns {string[][]}
 */
export function describeNumbers(found) {
  const { most = 0, numbers = {} } = found ?? {};
  if (!numbers.values) return [["nothing in common", ""]];
  const same = most || numbers.unmatched ? [] : [["identical", ""]];
  const all = Object.entries(numbers).map(([name, value]) => [
    name,
    `${formatBrief(value)}${name === "PSNR" ? " dB" : ""}`,
  ]);
  return [...same, ...all];
}

/**
 * Items of a dict in Python.
 * @param {Difference} found @param {boolean} least whether `most` is the least
 */
export const numbersAsPython = ({ most, numbers }, least) =>
  Object.entries({ [least ? "min" : "max"]: most, ...numbers })
    .map(
      ([name, value]) =>
        `"${name.toLowerCase()}": ${Number.isFinite(value) ? value : `float("${value}")`}`,
    )
    .join(", ");
