// The pinned cursor, and its readout.

import { describeSample } from "../values/readout.js";

/** @typedef {import("../base/types.js").Item} Item */
/** @typedef {import("../base/types.js").State} State */
/** @typedef {import("../values/readout.js").Reading} Reading */
/** @typedef {import("./pane.js").Pane} Pane */
/** @typedef {import("./viewer.js").Viewer} Viewer */

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

/** Where, and which values there, if these are known. @param {Reading} reading */
export const readingText = ({ where, values }) => (values ? `${where}: ${values}` : where);

/**
 * What is at the pinned sample.
 * @param {Viewer} viewer
 * @returns {Reading | null}
 */
export function readPinned(viewer) {
  const { cursor } = viewer.state;
  const pane = viewer.panes[0];
  const item = pane.items()[0];
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
    if (sample) return readSample(viewer, pane, item, sample);
  }
  return null;
}

/**
 * @param {Viewer} viewer
 * @param {Pane} pane
 * @param {Item} item
 * @param {{x: number, y: number}} sample
 */
function readSample({ config, panes, compare, ortho }, { spec }, item, sample) {
  const depth = config.axes.at(-1)?.name ?? "z";
  const [across, along] = spec.axes ?? ["x", "y"];
  const others = compare?.read().map((one) => ({ name: one.image.name, item: one }));
  const facets = () =>
    panes.flatMap((pane) => pane.items().map((one) => ({ name: pane.spec.name, item: one })));
  const all = others ?? (ortho ? [{ name: "", item }] : facets());
  return describeSample(item, sample, all, [
    across === "z" ? depth : across,
    along === "z" ? depth : along,
  ]);
}
