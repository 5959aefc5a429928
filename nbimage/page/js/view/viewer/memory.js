// What a live update takes over from the viewer that it replaces: a display id is all they have in
// common.

import { pageMemory } from "../base/page_memory.js";

/** @typedef {import("../base/types.js").State} State */
/** @typedef {import("./viewer.js").Viewer} Viewer */
/**
 * @typedef {object} Remembered
 * @property {string} shape of what was shown: another one begins anew
 * @property {Partial<State>} state
 * @property {import("../base/camera.js").Focus} focus
 * @property {string} style of the frame, if its edges have been dragged
 * @property {boolean} active it had the keyboard's focus
 * @property {WeakRef<HTMLElement>} host
 */

const scriptName = document.currentScript?.dataset.name ?? "";

/** Have the next update's script find this one, which is unpacked. @param {() => void} run */
export const onUpdate = (run) => {
  pageMemory().scripts[scriptName] = run;
};

/** @param {Viewer} viewer */
const describeShape = ({ config: { images, axes, layout } }) =>
  JSON.stringify([
    layout,
    images.map(({ name, rows, columns, channels }) => [name, rows, columns, channels]),
    axes.map(({ size }) => size),
  ]);

/** Called whenever something is drawn. @param {Viewer} viewer */
export function remember(viewer) {
  const {
    config: { id },
    state,
    focus,
    frame,
    host,
    shadow,
    initial,
  } = viewer;
  if (!id) return;
  const { displays, viewport, ...rest } = state;
  // else the next ones are those of its data
  const chosen = displays === initial ? {} : { displays };
  const active = shadow.activeElement !== null;
  pageMemory().viewers.set(id, {
    shape: describeShape(viewer),
    state: { ...rest, ...chosen },
    focus: { ...focus },
    style: frame.dataset.sized ? frame.style.cssText : "",
    active,
    host: new WeakRef(host),
  });
}

/**
 * What was kept, if the viewer shows the like: it stays to be seen until the new one is ready.
 * @param {Viewer} viewer
 */
export function recall(viewer) {
  const found = viewer.config.id ? pageMemory().viewers.get(viewer.config.id) : undefined;
  return found?.shape === describeShape(viewer) ? found : null;
}
