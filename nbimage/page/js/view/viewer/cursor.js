// The pinned cursor, and its readout.

import { withItem } from "../base/camera.js";
import { describeSample, formatCoordinate, formatIndex } from "../values/readout.js";

/** @typedef {import("../base/types.js").Item} Item */
/** @typedef {import("../base/types.js").State} State */
/** @typedef {import("../values/readout.js").Reading} Reading */
/** @typedef {import("./pane.js").Pane} Pane */
/** @typedef {import("./viewer.js").Viewer} Viewer */

const FLOAT = 10; // letters of most numbers in five digits

/**
 * Arms, and around a large sample a frame, which leaves its value to be read.
 * @param {Pane} pane
 * @param {State["cursor"]} cursor
 */
export function drawCursor(pane, cursor) {
  if (!cursor) return;
  const { x, y } = pane.toScreen(cursor.x + 0.5, cursor.y + 0.5);
  const pen = pane.context;
  const half = Math.max(4, pane.scale / 2);
  for (const [color, width] of /** @type {const} */ ([
    ["#000", 3],
    ["#fff", 1],
  ])) {
    pen.beginPath();
    if (pane.scale < 20) {
      for (const [dx, dy] of [
        [1, 0],
        [-1, 0],
        [0, 1],
        [0, -1],
      ]) {
        pen.moveTo(x + dx * half, y + dy * half);
        pen.lineTo(x + dx * (half + 9), y + dy * (half + 9));
      }
    } else pen.rect(x - half, y - half, 2 * half, 2 * half);
    Object.assign(pen, { strokeStyle: color, lineWidth: width });
    pen.stroke();
  }
}

/** A position's values in one text. @param {Reading} reading */
export const readingText = ({ values, unit, where, index, names }) =>
  [
    values.map(({ name, full }) => `${name} ${full}`.trim()).join(", ") + (unit && ` ${unit}`),
    where,
    index,
    ...names,
  ]
    .filter(Boolean)
    .join("; ");

/**
 * The item whose samples one tells of: its own, or those of an image.
 * @param {Viewer} viewer @param {Item} item
 */
const ownItem = ({ compare, config }, item) =>
  compare?.items().find(({ image }) => image === config.images[item?.of ?? -1]) ?? item;

/**
 * What is at the pinned sample.
 * @param {Viewer} viewer
 * @returns {Reading | null}
 */
export function readPinned(viewer) {
  const { cursor } = viewer.state;
  const pane = viewer.panes[0];
  const item = ownItem(viewer, pane.items()[0]);
  if (!cursor || !item) return null;
  const x = Math.floor((cursor.x + 0.5 - item.position.x) / item.position.sx);
  const y = Math.floor((cursor.y + 0.5 - item.position.y) / item.position.sy);
  if (x < 0 || y < 0 || x >= item.image.columns || y >= item.image.rows) return null;
  return readSample(viewer, pane, item, { x, y });
}

/**
 * What is under the pointer.
 * @param {Viewer} viewer
 * @param {import("./viewer.js").Hover} hover
 * @returns {Reading | null}
 */
export function readUnder(viewer, { pane, at }) {
  const items = pane.items();
  for (const [i, item] of items.entries()) {
    const share = at.x / pane.width;
    if (item.clip && (share < item.clip[0] || share >= item.clip[1])) continue;
    const sample = pane.under(i, at.x, at.y);
    if (!sample) continue;
    const own = ownItem(viewer, item);
    const there = pane.under(i, at.x, at.y, own);
    return there ? readSample(viewer, pane, own, there) : readSample(viewer, pane, item, sample);
  }
  return null;
}

/**
 * @param {Viewer} viewer
 * @param {Pane} pane
 * @param {Item} item
 * @param {{x: number, y: number}} sample
 * @returns {Reading}
 */
function readSample(viewer, pane, item, sample) {
  const { config, state, panes, compare, ortho, controls } = viewer;
  const others = compare?.items().map((one) => ({ name: one.image.name, item: one }));
  const facets = () =>
    panes.flatMap((pane) => pane.items().map((one) => ({ name: pane.spec.name, item: one })));
  const all = others ?? (ortho ? [{ name: "", item }] : facets());
  const found = describeSample(item, sample, all);
  const [right, down] = pane.spec.axes ?? ["x", "y"];
  const { rows, columns, lower } = config.images[0];
  let { row, column } = found;
  let index = indexOf(item, config, state.index);
  if (ortho) {
    // the two planes at right angles lie along the last axis
    /** @type {Record<string, number>} */
    const through = { x: columns >> 1, y: rows >> 1, ...state.cursor, z: state.index.at(-1) ?? 0 };
    through[right] = sample.x;
    through[down] = sample.y;
    const { x, y, z } = through;
    [row, column, index] = [
      lower ? rows - 1 - y : y,
      x,
      withItem(state.index, state.index.length - 1, z),
    ];
  }
  const world = {
    x: item.position.x + (sample.x + 0.5) * item.position.sx,
    y: item.position.y + (sample.y + 0.5) * item.position.sy,
  };
  const named = controls.flatMap((control) => control.read?.(pane, world) ?? []);
  return {
    ...found,
    row,
    column,
    index: formatIndex(config.order, index, row, column),
    names: [...named.map(({ text }) => text), ...found.names],
  };
}

/**
 * The indices of the plane that an item shows, which facets have one each; of axes that are
 * projected how.
 * @param {Item} item
 * @param {import("../base/types.js").Config} config
 * @param {number[]} shown
 * @returns {(number | string)[]}
 */
function indexOf({ key }, { axes, facet }, shown) {
  const name = key.split(":")[1] ?? "";
  if (/[a-z]/.test(name)) return name.split(".").map((part) => part.replace(/(?<=[a-z])\d.*$/, ""));
  if (facet < 0 && !/^\d+$/.test(name)) return shown;
  let number = +name; // of the plane that is drawn, not of one that is still to come
  return axes
    .map(({ size }) => size)
    .reduceRight(
      (found, size) => {
        found.unshift(number % size);
        number = Math.floor(number / size);
        return found;
      },
      /** @type {number[]} */ ([]),
    );
}

/**
 * How many letters coordinates and indices have at most, as far as corners tell.
 * @param {Viewer} viewer
 * @returns {{value: number, where: number, index: number}}
 */
export function countLetters({ config: { images, axes, order } }) {
  const [{ x, y, rows, columns, extent, planes, tiles }] = images;
  // with those beside the ends: neighbours differ in digits after the point
  const longest = (
    /** @type {import("../base/types.js").Coordinates | null} */ along,
    /** @type {number} */ count,
  ) =>
    Math.max(
      ...[0, 1, 2, 3, count - 4, count - 3, count - 2, count - 1].map(
        (at) => formatCoordinate(along, Math.min(count - 1, Math.max(0, at)), count).length,
      ),
    );
  const whole = (tiles?.dtype ?? planes[0].dtype).includes("int") && images[0].base === "0";
  const ends = extent.flat().map((value) => (whole ? String(value).length : FLOAT + +(value < 0)));
  const last = axes.map(({ size }) => size - 1);
  return {
    value: Math.max(...ends),
    where: longest(x, columns) + longest(y, rows) + 2,
    index: formatIndex(order, last, rows - 1, columns - 1).length,
  };
}
