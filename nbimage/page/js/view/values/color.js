// Samples to colors: the same pixels as in Python.

import { decodeBase64 } from "../base/bytes.js";
import { areNumbered, MISSING } from "../base/labels.js";
import { findBins } from "./bins.js";
import { channelLimits } from "./norms.js";

/** @typedef {import("../base/types.js").DisplaySettings} DisplaySettings */
/** @typedef {import("../base/types.js").ImageConfig} ImageConfig */
/** @typedef {import("../base/types.js").Plane} Plane */
/** @typedef {import("./bins.js").Patch} Patch */
/** @typedef {import("./norms.js").Limits} Limits */

const OPAQUE = 0xff << 24;

/**
 * The limits of an image's last channel, if that is alpha: its full scale unless it has its own.
 * @param {DisplaySettings} display
 * @param {ImageConfig} image
 * @returns {Limits | null}
 */
function alphaLimits(display, image) {
  const { kind, channels, full, alpha } = image;
  if (kind === "composite" || channels % 2) return null;
  if (display.vmin.length === channels) return channelLimits(display, channels - 1, image);
  const [vmin, vmax] = alpha ?? [0, full];
  return { vmin, vmax, norm: "linear", parameter: null };
}

/**
 * A palette's (256, 4) bytes out of the base64 of those, or of (256, 3).
 * @param {string} text
 * @returns {Uint8Array}
 */
export function decodePalette(text) {
  const bytes = decodeBase64(text);
  if (bytes.length === 1024) return bytes;
  return Uint8Array.from({ length: 1024 }, (_, i) =>
    (i & 3) === 3 ? 255 : bytes[(i >> 2) * 3 + (i & 3)],
  );
}

/**
 * A part of a level in colors.
 * @param {Plane} plane
 * @param {number} level
 * @param {Patch} patch
 * @param {ImageConfig} image
 * @param {DisplaySettings} display
 * @param {Uint8Array} palette (256, 4) @returns {ImageData}
 */
export function paintPatch(plane, level, patch, image, display, palette) {
  const numbered = areNumbered(image, display);
  const samples = numbered ? null : plane.window(level, patch);
  const picture = new ImageData(patch.width, patch.height);
  const words = new Uint32Array(picture.data.buffer);
  const bins = (/** @type {number} */ c, limits = channelLimits(display, c, image)) =>
    samples
      ? findBins(plane.channels, samples, c, patch, limits, display)
      : plane.numbers(level, patch, image.labels ?? 0);
  if (image.kind === "composite") addChannels(words, bins, image, display);
  else if (image.kind === "gray") {
    const table = new Uint32Array(MISSING + 1);
    const colors = new Uint32Array(palette.slice().buffer);
    const gray = bins(0);
    table.set(display.invert && !numbered ? colors.reverse() : colors);
    for (let i = 0; i < words.length; i++) words[i] = table[gray[i]];
  } else {
    const [red, green, blue] = [0, 1, 2].map((c) =>
      display.on[c] === false ? new Uint16Array(words.length) : bins(c),
    );
    for (let i = 0; i < words.length; i++) {
      const r = red[i];
      const g = green[i];
      const b = blue[i];
      words[i] = (r | g | b) & MISSING ? 0 : OPAQUE | (b << 16) | (g << 8) | r;
    }
  }
  const limits = alphaLimits(display, image);
  if (limits) {
    const cover = bins(image.channels - 1, limits);
    for (let i = 0; i < words.length; i++) {
      if (words[i]) words[i] = (words[i] & 0xffffff) | (cover[i] & MISSING ? 0 : cover[i] << 24);
    }
  }
  return picture;
}

/**
 * Adds up the channels' colors, each by its bins: what has none in any channel stays clear.
 * @param {Uint32Array} words
 * @param {(channel: number) => Uint16Array} bins
 * @param {ImageConfig} image
 * @param {DisplaySettings} display
 */
function addChannels(words, bins, { colors }, display) {
  // ten bits a color, and a count of channels in the two above
  const table = new Int32Array(MISSING + 1);
  let least = OPAQUE; // where no channel is on
  colors.forEach((channel, c) => {
    if (!display.on[c]) return;
    const color = display.colors?.[c] ?? channel.color;
    least = 0;
    const found = bins(c);
    for (let i = 0; i < 256; i++) {
      const [red, green, blue] = color.map((most) => Math.floor((most * i + 127) / 255));
      table[i] = red | (green << 10) | (blue << 20) | (1 << 30);
    }
    for (let i = 0; i < words.length; i++) {
      const sum = words[i] + table[found[i]];
      const over = ((sum >> 8) | (sum >> 9)) & 0x00100401; // those above 255
      words[i] = ((sum | ((over << 8) - over)) & 0x0ff3fcff) | ((sum | (sum >> 1)) & (1 << 30));
    }
  });
  for (let i = 0; i < words.length; i++) {
    const sum = words[i];
    words[i] =
      (sum >> 30 ? OPAQUE : least) | ((sum >> 4) & 0xff0000) | ((sum >> 2) & 0xff00) | (sum & 255);
  }
}
