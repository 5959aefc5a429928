// Paints labels at the screen's own pixels: each has the color of the label at its center.

import { clamp } from "../base/camera.js";
import { element } from "../base/dom.js";
import { sampleAt } from "../values/nearest.js";

/** @typedef {import("../base/types.js").Plane} Plane */
/** @typedef {import("../base/types.js").Numbers} Numbers */
/** @typedef {import("../base/types.js").LayerState} LayerState */
/** @typedef {import("../values/nearest.js").OnScreen} OnScreen */
/**
 * What is kept of a layer in a pane; from where to where in device pixels from the layer's corner.
 * @typedef {{key: string, zoom: string, canvas: HTMLCanvasElement, x0: number, y0: number, x1:
 *   number, y1: number, ids: Numbers, version: number, colors: unknown}} Painted
 */

const DIMMED = 0.25; // of the opacity, while another label is picked

/**
 * A function from a label to the word of its color.
 * @param {(id: number) => string} color
 * @param {LayerState} state
 */
export function wordsOf(color, { opacity, picked }) {
  /** @type {Map<number, number>} */
  const known = new Map();
  return (/** @type {number} */ id) => {
    let word = known.get(id);
    if (word === undefined) {
      word = 0;
      if (id && id === id) {
        const [r, g, b, a] = [1, 3, 5, 7].map((at) =>
          parseInt(`${color(id)}ff`.slice(at, at + 2), 16),
        );
        const share = picked === null || id === +picked ? opacity : opacity * DIMMED;
        word = ((Math.round(a * share) << 24) | (b << 16) | (g << 8) | r) >>> 0;
      }
      known.set(id, word);
    }
    return word;
  };
}

/**
 * Where a layer's samples lie.
 * @param {import("../base/types.js").Pane} pane
 * @param {import("../base/types.js").Placement} position
 * @param {number} ratio device pixels a CSS pixel
 * @returns {OnScreen}
 */
export function locate({ camera }, { x, y, sx, sy }, ratio) {
  const corner = camera.toScreen(x, y);
  return {
    left: Math.round(corner.x * ratio),
    top: Math.round(corner.y * ratio),
    kx: camera.scale * sx * ratio,
    ky: camera.scale * sy * ratio,
  };
}

/**
 * Draw labels, of what was painted before as much as holds.
 * @param {CanvasRenderingContext2D} pen in device pixels
 * @param {Painted | undefined} before
 * @param {Plane} plane
 * @param {string} key the same key, the same labels
 * @param {OnScreen} spot
 * @param {{word: (id: number) => number, state: LayerState}} colors a new one for other colors
 * @param {{width: number, height: number, ratio: number}} screen
 * @returns {Painted | undefined}
 */
export function drawLabels(pen, before, plane, key, spot, colors, { width, height, ratio }) {
  const { left, top, kx, ky } = spot;
  const wide = Math.ceil(plane.columns * kx);
  const high = Math.ceil(plane.rows * ky);
  let [x0, x1] = [clamp(-left, 0, wide), clamp(width - left, 0, wide)];
  let [y0, y1] = [clamp(-top, 0, high), clamp(height - top, 0, high)];
  if (x1 <= x0 || y1 <= y0) return before;
  const tiled = "tiled" in plane ? plane : null;
  const level = tiled ? clamp(Math.floor(0.25 - Math.log2(Math.max(kx, ky))), 0, plane.most) : 0;
  const [sx, sy] = [kx * 2 ** level, ky * 2 ** level];
  const shape = plane.shape(level);
  const span = (
    /** @type {number} */ from,
    /** @type {number} */ to,
    /** @type {number} */ count,
  ) => [clamp(Math.floor(from), 0, count - 1), clamp(Math.ceil(to), 1, count)];
  const part = () => {
    const [c0, c1] = span((x0 - ratio) / sx, (x1 + ratio) / sx, shape.columns);
    const [r0, r1] = span((y0 - ratio) / sy, (y1 + ratio) / sy, shape.rows);
    return { left: c0, top: r0, width: c1 - c0, height: r1 - r0 };
  };
  tiled?.request(level, part());
  const version = tiled?.version ?? 0;
  const zoom = [kx, ky, ratio].join();
  const same = before?.key === key && before.zoom === zoom;
  let painted = before;
  if (
    !before ||
    !same ||
    before.colors !== colors ||
    before.version !== version ||
    x0 < before.x0 ||
    y0 < before.y0 ||
    x1 > before.x1 ||
    y1 > before.y1
  ) {
    if (same) {
      // a pan: so that the next frames of it need nothing new
      const [mx, my] = [Math.ceil((x1 - x0) / 6), Math.ceil((y1 - y0) / 6)];
      [x0, x1] = [Math.max(0, x0 - mx), Math.min(wide, x1 + mx)];
      [y0, y1] = [Math.max(0, y0 - my), Math.min(high, y1 + my)];
    }
    const border = Math.max(1, Math.round(ratio));
    const window = plane.window(level, part());
    const across = centers(x0 - border, x1 + border, sx, shape.columns, window.left);
    const down = centers(y0 - border, y1 + border, sy, shape.rows, window.top);
    const ids = pick(window, across, down);
    const canvas = before?.canvas ?? element("canvas");
    const [w, h] = [x1 - x0, y1 - y0];
    if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    const picture = new ImageData(w, h);
    paint(new Uint32Array(picture.data.buffer), w, h, ids, border, colors);
    context.putImageData(picture, 0, 0);
    painted = { key, zoom, canvas, x0, y0, x1, y1, ids, version, colors };
  }
  if (painted) pen.drawImage(painted.canvas, left + painted.x0, top + painted.y0);
  return painted;
}

/**
 * Which sample is at the center of each device pixel.
 * @param {number} from @param {number} to @param {number} each @param {number} count
 * @param {number} first that is at hand
 */
function centers(from, to, each, count, first) {
  const out = new Int32Array(to - from);
  for (let i = 0; i < out.length; i++)
    out[i] = clamp(sampleAt(from + i, 0, each), 0, count - 1) - first;
  return out;
}

/**
 * @param {import("../values/samples.js").Window} window
 * @param {Int32Array} across @param {Int32Array} down
 */
function pick({ data, columns }, across, down) {
  const wide = across.length;
  const Kind = /** @type {Float64ArrayConstructor} */ (data.constructor);
  const ids = new Kind(wide * down.length);
  for (let y = 0, to = 0; y < down.length; y++, to += wide) {
    if (y && down[y] === down[y - 1]) {
      ids.copyWithin(to, to - wide, to);
      continue;
    }
    const row = down[y] * columns;
    for (let x = 0; x < wide; x++) ids[to + x] = data[row + across[x]];
  }
  return ids;
}

/**
 * @param {Uint32Array} words
 * @param {number} width
 * @param {number} height
 * @param {Numbers} ids with a border
 * @param {number} border device pixels of an outline
 * @param {{word: (id: number) => number, state: LayerState}} colors
 */
function paint(words, width, height, ids, border, { word, state: { fill, picked } }) {
  const wide = width + 2 * border;
  const below = border * wide;
  const chosen = picked === null ? NaN : +picked;
  let last = NaN;
  let color = 0;
  for (let y = 0, to = 0; y < height; y++) {
    let at = (y + border) * wide + border;
    for (let x = 0; x < width; x++, at++, to++) {
      const id = ids[at];
      if (id !== last) {
        last = id;
        color = word(id);
      }
      if (!color) continue;
      if (fill && id !== chosen) {
        words[to] = color;
        continue;
      }
      const edge =
        ids[at - border] !== id ||
        ids[at + border] !== id ||
        ids[at - below] !== id ||
        ids[at + below] !== id;
      if (edge) words[to] = id === chosen ? color | 0xff000000 : color;
      else if (fill) words[to] = color;
    }
  }
}

/**
 * Adds the labels that are seen of what was painted.
 * @param {Painted} painted
 * @param {Set<number>} all
 */
export function addVisible({ ids }, all) {
  let last = NaN;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i];
    if (id === last) continue;
    last = id;
    if (id && id === id) all.add(id);
  }
}
