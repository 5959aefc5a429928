// Which sample a device pixel shows, for all that draw samples and all that read them.

import { element } from "../base/dom.js";
import { holds, intersect, widen } from "./patches.js";

/** @typedef {import("./bins.js").Patch} Patch */
/** @typedef {Patch & {canvas: HTMLCanvasElement}} Picture a pixel a sample */
/**
 * A picture, and some of it as large as it is on the screen.
 * @typedef {Picture & {large: Picture & {zoom: string, fresh: boolean}}} Painted
 */
/**
 * Where samples lie, in device pixels: the first one's corner, and how large one is.
 * @typedef {{left: number, top: number, kx: number, ky: number}} OnScreen
 */

/**
 * The sample at the center of a device pixel.
 * @param {number} pixel
 * @param {number} left where the first sample begins, in device pixels
 * @param {number} each device pixels a sample
 */
export const sampleAt = (pixel, left, each) => Math.floor((pixel + 0.5 - left) / each);

/**
 * The first device pixel of a sample.
 * @param {number} sample
 * @param {number} left
 * @param {number} each
 */
export function firstPixel(sample, left, each) {
  let pixel = Math.round(left + sample * each) - 1;
  while (sampleAt(pixel, left, each) < sample) pixel++;
  return pixel;
}

/**
 * Samples with the same number of pixels each, one after the other: the first one, how many, the
 * first pixel, how many.
 * @param {number} from
 * @param {number} count
 * @param {number} each device pixels a sample
 */
function runs(from, count, each) {
  const first = firstPixel(from, 0, each);
  /** @type {number[][]} */
  const all = [];
  let begin = first;
  let before = 0;
  for (let sample = from; sample < from + count; sample++) {
    const end = firstPixel(sample + 1, 0, each);
    const pixels = end - begin;
    if (pixels && pixels === before) {
      const last = all[all.length - 1];
      last[1]++;
      last[3] += pixels;
    } else if (pixels) all.push([sample, 1, begin - first, pixels]);
    before = pixels;
    begin = end;
  }
  return all;
}

const between = element("canvas"); // as wide as the outcome, as high as what it is made of

/**
 * What is seen of a picture, at least, with whole device pixels for each sample: the same in every
 * browser, whose own enlarging differs where a sample ends at a pixel's center.
 * @param {Painted} part
 * @param {Patch} visible
 * @param {number} kx device pixels a sample
 * @param {number} ky
 */
export function stretch(part, visible, kx, ky) {
  const { large } = part;
  const zoom = `${kx} ${ky}`;
  const same = large.zoom === zoom;
  if (same && large.fresh && holds(large, visible)) return large;
  Object.assign(large, same ? intersect(widen(visible), part) : visible, { zoom, fresh: true });
  const { left, top, width, height, canvas } = large;
  const [wide, tall] = [
    firstPixel(left + width, 0, kx) - firstPixel(left, 0, kx),
    firstPixel(top + height, 0, ky) - firstPixel(top, 0, ky),
  ];
  const across = clear(between, wide, height);
  for (const [start, samples, begin, pixels] of runs(left, width, kx)) {
    const from = start - part.left;
    across.drawImage(part.canvas, from, top - part.top, samples, height, begin, 0, pixels, height);
  }
  const down = clear(canvas, wide, tall);
  for (const [start, samples, begin, pixels] of runs(top, height, ky))
    down.drawImage(between, 0, start - top, wide, samples, 0, begin, wide, pixels);
  return large;
}

/** @param {HTMLCanvasElement} canvas @param {number} width @param {number} height */
function clear(canvas, width, height) {
  Object.assign(canvas, { width, height });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.imageSmoothingEnabled = false;
  return pen;
}
