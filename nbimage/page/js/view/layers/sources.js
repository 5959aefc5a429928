// Where the samples of images and of the labels over them come from.

import { parts } from "../values/parts.js";
import { Embedded } from "../values/samples.js";

/** @typedef {import("../base/types.js").Config} Config */
/** @typedef {import("../base/types.js").Source} Source */
/** @typedef {import("../base/types.js").Placement} Placement */
/** @typedef {import("../base/types.js").TilesConfig} TilesConfig */
/**
 * A label image over the images, as an image of one channel; or an item of an overlay.
 * @typedef {object} LayerConfig
 * @property {string} kind "labels", or that of the item
 * @property {string} name
 * @property {number} image over which it lies, -1: all
 * @property {number | null} [count] how many labels or things there are
 * @property {number} [labels] of how many colors labels have one each
 * @property {number} rows
 * @property {number} columns
 * @property {Placement} [position] of labels in samples of the image
 * @property {TilesConfig} [tiles]
 * @property {number[]} [steps] by how many planes a step along each of `axes` leads on
 * @property {number[]} [lengths] how many planes there are along each of `axes`, 0: one for all
 * @property {string} [palette] base64 of RGBA, that of label 0 first
 * @property {Record<string, (string | null)[]>} [tints] colors by a property, in the order of `ids`
 *   ("": their own)
 * @property {Record<string, [number, number]>} [ranges] of properties that are numbers
 * @property {Label[]} [ids] of which something is known, in the order of `properties`
 * @property {Record<string, string | null>} [names] by label, or by the number of a thing
 * @property {Record<string, any[]>} [properties] numbers, texts, null
 * @property {number[][][]} [shapes] of each thing its rings, x and y in turn in samples
 * @property {string[]} [colors] one, or one each
 * @property {(number | null)[]} [values]
 * @property {number} [width] CSS pixels of lines
 * @property {string} [fill]
 * @property {number} [alpha] of the fill
 * @property {(string | null)[]} [texts] at the things
 * @property {number} [size] of markers in CSS pixels; of texts in samples
 * @property {string} [marker]
 * @property {string} [anchor]
 * @property {[number, number, string][]} [written] x, y and a text
 */
/** A label: a number where a page's own hold it. @typedef {number | string} Label */
/**
 * @typedef {{visible: boolean, opacity: number, fill: boolean, picked: Label | null, by: string |
 *   null}} LayerState fill: false of outlines; by: the column that colors labels
 */

/** The images, then the label images over them. @param {Config} config */
export const allImages = ({ images, layers }) => [
  ...images,
  .../** @type {any[]} */ (layers.filter(({ kind }) => kind === "labels")),
];

/**
 * Whether labels have no plane here: of those that become one, or beyond the last.
 * @param {LayerConfig} layer @param {{projections: unknown[]}} state @param {number[]} [index]
 */
export const isAway = ({ lengths = [] }, { projections }, index = []) =>
  lengths.some((count, axis) => count && (projections[axis] || index[axis] >= count));

/** @type {WeakMap<Config, Source[]>} */
const labelled = new WeakMap();

/** The source of each layer; overlays: null. @param {Config} config @returns {(Source | null)[]} */
export function labelSources(config) {
  const found = labelled.get(config)?.values();
  return config.layers.map(({ kind }) =>
    kind === "labels" ? (found?.next().value ?? null) : null,
  );
}

/**
 * The sources of the images; those of labels are kept for `labelSources`.
 * @param {Config} config
 * @param {Source[]} [given] of all images
 * @returns {Source[]}
 */
export function openSources(config, given) {
  const { images, axes } = config;
  const open = (/** @type {any} */ one, /** @type {number} */ i) =>
    parts.axes && i < images.length ? new parts.axes.Source(one, axes) : new Embedded(one);
  const all = given ?? allImages(config).map(open);
  labelled.set(config, all.slice(images.length));
  return all.slice(0, images.length);
}
