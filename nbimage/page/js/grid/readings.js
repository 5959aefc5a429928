// The values below the pointer: the data's own where the page has them, else as far as a pixel
// tells.

import { decodeBase64, TYPES } from "../view/base/bytes.js";
import { formatValue, minus } from "../view/values/format.js";
import { formatCoordinate, unitOf } from "../view/values/readout.js";
import { readPixels } from "./pixels.js";

/** @typedef {import("../view/base/types.js").Coordinates} Coordinates */
/**
 * What colors stand for, as `grids.readings` writes it.
 * @typedef {object} Scale
 * @property {number[][]} edges of the 256 bins, a channel each; two are the ends of even ones
 * @property {number} channels
 * @property {1} [whole] the values are integers
 * @property {1} [below] what lies below the limits has the color of the lowest bin
 * @property {1} [above]
 * @property {string} [palette] eight hexadecimal digits a bin; none: gray
 * @property {string[]} [texts] what bins stand for, where these are no numbers
 * @property {[string, string][]} covers colors of their own, and what they stand for
 */
/**
 * @typedef {object} Reading
 * @property {number} columns
 * @property {number} rows of the data
 * @property {number} scale what its colors stand for, by its number in the list of all
 * @property {number} [x] the coordinates of its columns, in the same list
 * @property {number} [y] those of its rows, from the data's first one
 * @property {1} [lower] the first row is at the bottom
 * @property {string} [samples] the data, in base64
 * @property {string[]} [texts] the data as text
 * @property {string} [dtype]
 * @property {string} [unit]
 * @property {Record<string, string>} [names] of labels
 * @property {Record<string, string>} [colors] the labels that have a color, by its number
 */

const CHANNELS = [[], [""], ["", "alpha "], ["R ", "G ", "B "], ["R ", "G ", "B ", "alpha "]];
const NOTHING = "no value";

/**
 * A function from the share of a picture's width and height to what is there.
 * @param {HTMLElement} item
 * @param {string} common what is known of it, if it says nothing of its own
 * @param {(Scale | Coordinates)[]} scales
 * @returns {Promise<(x: number, y: number) => string>}
 */
export async function makeReader(item, common, scales) {
  const known = item.dataset.reading ?? common;
  if (!known) return () => "";
  const reading = /** @type {Reading} */ (JSON.parse(known));
  const image = item.querySelector("img");
  const { columns, rows } = reading;
  const [across, down] = [image?.naturalWidth ?? 0, image?.naturalHeight ?? 0];
  const whole = across === columns && down === rows;
  const read = (whole && ((await readSamples(reading, image, scales)) ?? null)) || (() => "");
  const [ofColumns, ofRows] = [reading.x, reading.y].map((one) =>
    one === undefined ? null : /** @type {Coordinates} */ (scales[one]),
  );
  return (x, y) => {
    const locate = (/** @type {number} */ share, /** @type {number} */ count) =>
      Math.min(count - 1, Math.max(0, Math.floor(share * count)));
    const [column, line] = [locate(x, across), locate(y, down)];
    const row = reading.lower ? down - 1 - line : line;
    const beside = span(column, across, columns, ofColumns);
    const where = `row ${span(row, down, rows, ofRows)}, column ${beside}`;
    const text = read(column, line, row);
    return text ? `${where}: ${text}` : where;
  };
}

/**
 * One of `shown` indices of a side as those of all that are there, or with its coordinate.
 * @param {number} index @param {number} shown @param {number} all
 * @param {Coordinates | null} coordinates
 */
function span(index, shown, all, coordinates) {
  const factor = Math.ceil(all / shown);
  const there = formatCoordinate(coordinates, index, all);
  if (factor === 1) return there ? `${index} (${there})` : String(index);
  return `${index * factor}–${Math.min(all, (index + 1) * factor) - 1}`;
}

/**
 * @param {Reading} reading @param {HTMLImageElement | null} image
 * @param {(Scale | Coordinates)[]} scales
 * @returns {Promise<((column: number, line: number, row: number) => string) | null>}
 */
async function readSamples(reading, image, scales) {
  const { columns, rows, samples, texts, dtype = "", names, unit = "", colors } = reading;
  const ending = unit && ` ${unitOf(unit)}`;
  const finish = (/** @type {string} */ text) =>
    /\d/.test(text)
      ? `${minus(text)}${ending}${names?.[text] ? ` ${names[text]}` : ""}`
      : minus(text);
  if (texts) return (column, _, row) => finish(texts[row * columns + column]);
  if (samples) {
    const Kind = TYPES[/** @type {keyof typeof TYPES} */ (dtype)] ?? Uint8Array;
    const data = new Kind(/** @type {ArrayBuffer} */ (decodeBase64(samples).slice().buffer));
    const channels = data.length / (rows * columns);
    return (column, _, row) => {
      const from = (row * columns + column) * channels;
      const words = CHANNELS[channels].map((name, i) => {
        const value = data[from + i];
        if (value !== value) return NOTHING;
        return name + (dtype === "bool" ? (value ? "True" : "False") : formatValue(value, dtype));
      });
      return words.every((word) => word === NOTHING) ? NOTHING : finish(words.join(", "));
    };
  }
  const pixels = image && (await readPixels(image.src));
  if (!pixels) return null;
  if (colors) {
    const known = new Map(Object.entries(colors));
    return (column, line) => finish(known.get(keyOf(pixels(column, line))) ?? "");
  }
  const scale = /** @type {Scale | undefined} */ (scales[reading.scale]);
  if (!scale) return null;
  const explain = makeExplainer(scale);
  return (column, line) => finish(explain(pixels(column, line)));
}

const keyOf = (/** @type {number[]} */ color) =>
  color[3] ? color.map((part) => part.toString(16).padStart(2, "0")).join("") : "00000000";

/** A function from a color to the values that have it. @param {Scale} scale */
function makeExplainer(scale) {
  const { edges, channels, palette, texts, covers } = scale;
  /** @type {Map<string, [number, number][]>} runs of bins that have a color */
  const runs = new Map();
  for (let bin = 0; palette && bin < 256; bin++) {
    const color = palette.slice(8 * bin, 8 * bin + 8);
    const key = color.endsWith("00") ? "00000000" : color;
    const known = runs.get(key) ?? [];
    const last = known[known.length - 1];
    if (last?.[1] === bin - 1) last[1] = bin;
    else known.push([bin, bin]);
    runs.set(key, known);
  }
  const edge = (/** @type {number} */ channel, /** @type {number} */ i) => {
    const own = edges[channel % edges.length];
    return own.length > 2 ? own[i] : own[0] * (1 - i / 256) + own[1] * (i / 256);
  };
  const inBins = (/** @type {number} */ channel, /** @type {[number, number]} */ [first, last]) => {
    if (texts) {
      const own = [...new Set(texts.slice(first, last + 1).filter(Boolean))];
      return own.length > 2 ? `${own[0]} to ${own[own.length - 1]}` : own.join(" or ");
    }
    const ends = [edge(channel, first), edge(channel, last + 1)];
    const flipped = ends[0] > ends[1]; // vmin is above vmax
    if (flipped) ends.reverse();
    if (edges[channel % edges.length].length > 2) {
      const loose = (ends[1] - ends[0]) / 1000; // they are not known more closely
      [ends[0], ends[1]] = [ends[0] - loose, ends[1] + loose];
    }
    const lowest = first === 0 && scale.below;
    const highest = last === 255 && scale.above;
    if (lowest && highest) return "any";
    if (lowest || highest) {
      const up = !lowest !== flipped; // all values above
      return up ? `≥ ${formatLimit(ends[0], false)}` : `≤ ${formatLimit(ends[1], true)}`;
    }
    return formatRange(ends[0], ends[1], !!scale.whole, flipped ? first === 0 : last === 255);
  };
  return (/** @type {number[]} */ color) => {
    const key = keyOf(color);
    const words = covers.filter(([one]) => one === key).map(([, text]) => text);
    if (channels > 2) {
      if (!color[3] && words.length) return words.join(" or ");
      const named = CHANNELS[channels].map((name, i) =>
        i > 2 ? `${name}${color[3]}` : name + inBins(i, [color[i], color[i]]),
      );
      return [...words, named.join(", ")].join(" or ");
    }
    const gray = color[0] === color[1] && color[1] === color[2] && color[3];
    for (const run of palette ? (runs.get(key) ?? []) : gray ? [[color[0], color[0]]] : [])
      words.push(inBins(0, /** @type {[number, number]} */ (run)));
    if (channels === 2 && color[3] < 255) words.push(`alpha ${color[3]}`);
    return words.join(channels === 2 ? ", " : " or ");
  };
}

/** A limit in four digits, rounded so that what lies beyond it still does. */
function formatLimit(/** @type {number} */ x, /** @type {boolean} */ up) {
  const step = 10 ** (Math.floor(Math.log10(Math.abs(x) || 1)) - 3);
  const steps = x / step;
  return String(+((up ? Math.ceil(steps - 1e-9) : Math.floor(steps + 1e-9)) * step).toPrecision(6));
}

/** All values from one to another: of integers those between, of others the middle and how far. */
function formatRange(
  /** @type {number} */ low,
  /** @type {number} */ high,
  /** @type {boolean} */ whole,
  /** @type {boolean} */ closed,
) {
  if (whole) {
    const first = Math.ceil(low);
    const last = closed ? Math.floor(high) : Math.max(first, Math.ceil(high) - 1);
    return first >= last ? String(first) : `${first} to ${last}`;
  }
  const [middle, half] = [low / 2 + high / 2, high / 2 - low / 2];
  if (!half) return String(+middle.toPrecision(6));
  const exponent = Math.floor(Math.log10(half));
  const step = 10 ** exponent;
  const rounded = Math.round(middle / step) * step;
  const about = Math.ceil((half + Math.abs(middle - rounded)) / step - 1e-6) * step;
  const format = (/** @type {number} */ x) =>
    exponent < 0 && exponent > -7 ? String(+x.toFixed(-exponent)) : String(+x.toPrecision(12));
  return `≈ ${format(rounded)} ± ${format(about)}`;
}
