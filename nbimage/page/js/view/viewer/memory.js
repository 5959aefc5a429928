// What a viewer takes over from the one that it replaces: of the same display id, or of the same
// cell, that has been run again. As long as the page is open.

import { pageMemory } from "../base/page_memory.js";

/** @typedef {import("../base/types.js").State} State */
/** @typedef {import("./viewer.js").Viewer} Viewer */
/**
 * @typedef {object} Remembered
 * @property {string} shape of what was shown: another one begins anew
 * @property {Record<string, string>} asked what Python asked for, key by key
 * @property {Record<string, any>} state
 * @property {import("../base/camera.js").Focus} focus
 * @property {string} style of the frame, if its edges have been dragged
 * @property {boolean} active it had the keyboard's focus
 * @property {WeakRef<HTMLElement>} host
 */

const MOST = 200; // viewers that are remembered
// JupyterLab's and Notebook's; VS Code's; those of others. VS Code makes them anew.
const CELLS = ".jp-Cell, .cell_container, [data-cell-id]";

const scriptName = document.currentScript?.dataset.name ?? "";

/** Have the next update's script find this one, which is unpacked. @param {() => void} run */
export const onUpdate = (run) => {
  pageMemory().scripts[scriptName] = run;
};

/**
 * Which viewer of the page this is: by its display id, or by its cell and how many stand before it
 * there; "" where neither is known.
 * @param {Viewer} viewer
 */
function findKey({ config: { id }, root }) {
  if (id) return `id ${id}`;
  /** @type {HTMLElement | null | undefined} */
  let cell = root.closest(CELLS);
  for (let at = root.getRootNode(); !cell && at instanceof ShadowRoot; at = at.host.getRootNode())
    cell = at.host.closest(CELLS);
  if (!cell) return "";
  const { cells } = pageMemory();
  const known = cells.get(cell) ?? Math.random();
  cells.set(cell, known);
  const name = cell.dataset.cellId || (cell.matches(".cell_container") && cell.id) || known;
  const before = [...cell.getElementsByClassName(root.className)].indexOf(root);
  return `${root.className} ${name} ${before}`;
}

/** @param {Viewer} viewer */
const describeShape = ({ config: { images, axes, layout, palettes }, state }) =>
  JSON.stringify([
    layout,
    images.map(({ name, kind, rows, columns, channels, labels, planes, tiles }) => [
      [name, kind, rows, columns, channels, labels],
      tiles?.dtype ?? planes[0]?.dtype,
    ]),
    axes.map(({ name, size }) => [name, size]),
    [state.displays.length, Object.keys(palettes)],
  ]);

/** Limits that were found in data are asked for by how they are found. @param {Viewer} viewer */
const describeAsked = ({ config: { asked, state } }) =>
  Object.fromEntries(
    Object.entries(state).map(([key, value]) => [
      key,
      key === "displays"
        ? asked + JSON.stringify(state.displays.map(({ vmin, vmax, edges, ...rest }) => rest))
        : JSON.stringify(value),
    ]),
  );

/** Called whenever something is drawn. @param {Viewer} viewer */
export function remember({ memory, state, focus, frame, host, shadow, initial }) {
  if (!memory.key) return;
  const { displays, viewport, playing, ...rest } = state;
  const { viewers } = pageMemory();
  viewers.delete(memory.key); // so that it is the latest one
  viewers.set(memory.key, {
    shape: memory.shape,
    asked: memory.asked,
    // else the next ones are those of its data
    state: displays === initial ? rest : { ...rest, displays },
    focus: { ...focus },
    style: frame.dataset.sized ? frame.style.cssText : "",
    active: shadow.activeElement !== null,
    host: new WeakRef(host),
  });
  if (viewers.size > MOST) viewers.delete(viewers.keys().next().value ?? "");
}

/**
 * Go on with what was kept, if the viewer shows the like: but what Python asks for now, and did not
 * before, is new. What was shown stays to be seen until the new one is ready.
 * @param {Viewer} viewer
 */
export function recall(viewer) {
  const { state, focus, frame } = viewer;
  const key = findKey(viewer);
  const memory = {
    key,
    shape: describeShape(viewer),
    asked: describeAsked(viewer),
    given: /** @type {Record<string, any>} */ ({ ...state }), // by Python
  };
  /** @type {Remembered | undefined} */
  const found = pageMemory().viewers.get(key);
  if (!key || found?.shape !== memory.shape) return { ...memory, found: null };
  const kept = Object.entries(found.state).filter(
    ([name]) => found.asked[name] === memory.asked[name],
  );
  Object.assign(state, Object.fromEntries(kept));
  if (found.asked.viewport === memory.asked.viewport) {
    state.viewport = null;
    Object.assign(focus, found.focus);
  }
  if (found.style) {
    frame.style.cssText = found.style;
    frame.dataset.sized = "1";
  }
  return { ...memory, found };
}
