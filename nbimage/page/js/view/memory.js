// What a live update takes over from the viewer that it replaces: a display id is all they have in common.

/** @typedef {import("./types.js").State} State */
/** @typedef {import("./viewer.js").Viewer} Viewer */
/**
 * @typedef {object} Kept
 * @property {string} shape of what was shown: another one begins anew
 * @property {Partial<State>} state
 * @property {import("./camera.js").Focus} focus
 * @property {string} style of the frame, if its edges have been dragged
 * @property {boolean} active it had the keyboard's focus
 * @property {WeakRef<HTMLElement>} host
 */

/** @typedef {{kept: Map<string, Kept>, scripts: Record<string, () => void>}} Memory */

/** Of the page, since each output has a script of its own; there is none without display ids. @returns {Memory} */
const memory = () => (/** @type {{nbimageViews?: Memory}} */ (globalThis).nbimageViews ??= { kept: new Map(), scripts: {} });
const scriptName = document.currentScript?.dataset.name ?? "";

/** Have the next update's script find this one, which is unpacked. @param {() => void} run */
export const again = (run) => { memory().scripts[scriptName] = run; };

/** @param {Viewer} viewer */
const shapeOf = ({ config: { images, axes, layout } }) =>
  JSON.stringify([layout, images.map(({ name, rows, columns, channels }) => [name, rows, columns, channels]), axes.map(({ size }) => size)]);

/** Called whenever something is drawn. @param {Viewer} viewer */
export function keep(viewer) {
  const { config: { id }, state, focus, frame, host, shadow, given } = viewer;
  if (!id) return;
  const { looks, region, ...rest } = state;
  const chosen = looks === given ? {} : { looks }; // else the next ones are those of its data
  const active = shadow.activeElement !== null;
  memory().kept.set(id, { shape: shapeOf(viewer), state: { ...rest, ...chosen }, focus: { ...focus }, style: frame.dataset.sized ? frame.style.cssText : "", active, host: new WeakRef(host) });
}

/** What was kept, if the viewer shows the like: it stays to be seen until the new one is ready. @param {Viewer} viewer */
export function recall(viewer) {
  const kept = viewer.config.id ? memory().kept.get(viewer.config.id) : undefined;
  return kept?.shape === shapeOf(viewer) ? kept : null;
}
