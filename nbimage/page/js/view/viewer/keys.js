// What keys do while a pane has the focus.

import { clamp } from "../base/camera.js";
import { readingText, readPinned, readUnder } from "./cursor.js";

/** @typedef {import("./viewer.js").Viewer} Viewer */

/**
 * Move the pinned cursor, or all that is seen.
 * @param {Viewer} viewer
 * @param {number} dx
 * @param {number} dy
 * @param {boolean} far
 */
function move(viewer, dx, dy, far) {
  const { cursor } = viewer.state;
  const { columns, rows } = viewer.config.images[0];
  const pane =
    viewer.panes.find(({ canvas }) => canvas === viewer.shadow.activeElement) ?? viewer.panes[0];
  const { camera } = pane;
  if (viewer.ortho) {
    viewer.set(viewer.ortho.move(pane, dx * (far ? 10 : 1), dy * (far ? 10 : 1)));
    return sayPinned(viewer);
  }
  if (!cursor) {
    const step = far ? 240 : 60;
    camera.pan(-dx * step, -dy * step);
    return viewer.draw();
  }
  const step = far ? 10 : 1;
  const next = {
    x: clamp(cursor.x + dx * step, 0, columns - 1),
    y: clamp(cursor.y + dy * step, 0, rows - 1),
  };
  const at = camera.toScreen(next.x + 0.5, next.y + 0.5);
  const out = (/** @type {number} */ p, /** @type {number} */ size) =>
    p < 0 ? -p : p > size ? size - p : 0;
  camera.pan(out(at.x - 10, camera.width - 20), out(at.y - 10, camera.height - 20));
  viewer.set({ cursor: next });
  sayPinned(viewer);
}

/**
 * What the viewer's own keys do.
 * @param {Viewer} viewer
 * @returns {Record<string, () => void>}
 */
export function viewerKeys(viewer) {
  const near = () => viewer.step(1);
  return {
    "+": near,
    "=": near,
    "-": () => viewer.step(-1),
    0: () => viewer.fit(),
    1: () => viewer.zoom(1),
    f: () => viewer.full(),
    p: () => viewer.pinHere(),
    "?": () => viewer.help?.togglePopover(),
    Escape: () => {
      const focused = /** @type {HTMLElement | null} */ (viewer.shadow.activeElement);
      if (viewer.state.cursor) viewer.set({ cursor: null });
      else focused?.blur();
    },
  };
}

const FIELDS = "input:not([type=range], [type=checkbox]), select, textarea";
const OWN_KEYS = /^( |Enter|Tab|Home|End|Page.*|Arrow.*)$/; // of buttons and sliders

/** Whether what has the focus types, so that keys and the wheel are not the picture's. */
export const isField = (/** @type {Element | null} */ one) => !!one?.matches(FIELDS);

/**
 * A picture's keys, of which those that a button or a slider has no use for work there too; Esc
 * leads from anywhere to the picture.
 * @param {Viewer} viewer @param {KeyboardEvent} event
 */
export function pressKey(viewer, event) {
  const target = /** @type {Element} */ (event.target);
  if (viewer.shadow.querySelector(".popup.open") && event.key !== "?") return;
  if (!viewer.stage.contains(target)) {
    if (event.key === "Escape") viewer.panes[0].canvas.focus({ preventScroll: true });
    else if (isField(target) || OWN_KEYS.test(event.key) || event.ctrlKey || event.metaKey) return;
    else if (!viewer.keys[event.key] || event.altKey) return;
    else viewer.keys[event.key]();
    event.preventDefault();
    return event.stopPropagation();
  }
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const way = ways[/** @type {keyof typeof ways} */ (event.key)];
  const key = viewer.keys[event.key];
  const plain = !event.ctrlKey && !event.altKey && !event.metaKey;
  if ((event.ctrlKey || event.metaKey) && event.key === "c") {
    const found = readPinned(viewer) ?? (viewer.hover && readUnder(viewer, viewer.hover));
    if (found) viewer.copy(found.alone);
  } else if (plain && way) move(viewer, way[0], way[1], event.shiftKey);
  else if (plain && key) key();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** @param {Viewer} viewer */
function sayPinned(viewer) {
  const pin = readPinned(viewer);
  if (pin) viewer.announce(readingText(pin));
}
