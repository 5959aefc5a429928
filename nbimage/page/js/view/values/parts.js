// What a page has only where it is asked for: its modules put themselves here, before the explorer
// begins (nbimage/page/view_html.py says which pages have which).

/** @typedef {import("../base/types.js").Explorer} Explorer */
/** @typedef {import("../base/types.js").Control} Control */
/** @typedef {import("../base/types.js").Pane} Pane */
/** @typedef {import("../base/types.js").Config} Config */
/** @typedef {import("../base/types.js").State} State */
/**
 * Planes at right angles; what the state becomes when the cursor is put somewhere, or moved.
 * @typedef {Control & {panes: () => import("../base/types.js").PaneSpec[],
 *   ready: () => Promise<void>,
 *   moveTo: (pane: Pane, world: {x: number, y: number}) => Partial<State>,
 *   move: (pane: Pane, dx: number, dy: number) => Partial<State>}} OrthoControl
 */
/**
 * @typedef {object} AxesPart
 * @property {(explorer: Explorer) => {axes: HTMLElement, keys: Record<string, () => void>,
 *   fill: (controls: Control[]) => void}} axes
 * @property {(explorer: Explorer) => Control} control
 * @property {(index: number[], projections: State["projections"],
 *   axes: Config["axes"]) => import("../base/types.js").PlaneName} name
 * @property {new (image: any, axes: Config["axes"]) => import("../base/types.js").Source} Source
 * @property {string} style
 */
/**
 * @typedef {object} Parts
 * @property {{control: (explorer: Explorer) => import("../base/types.js").CompareControl, style:
 *   string}} [compare]
 * @property {(explorer: Explorer) => OrthoControl} [ortho]
 * @property {(explorer: Explorer) => Control[]} [layers]
 * @property {AxesPart} [axes]
 * @property {(data: any, encoding: string, shape: import("./samples.js").Shape, size: number) =>
 *   Promise<Uint8Array>} [steps]
 * @property {{World: new (config: import("../base/types.js").WorldConfig) =>
 *   import("../base/types.js").World, findLines: (sky: any, pane: Pane) =>
 *   import("../base/types.js").SkyLines | null}} [sky]
 */

/** @type {Parts} */
export const parts = {};

/** Whether this script has what a page asks for. @param {HTMLElement} root */
export const hasParts = ({ dataset }) => (dataset.parts ?? "") === Object.keys(parts).join(" ");

/**
 * What Python says of an element, once: null if it has been read, or is not there yet.
 * @param {Element} root
 * @returns {Config | null}
 */
export function readConfig(root) {
  const { dataset } = /** @type {HTMLElement} */ (root);
  const json = root.querySelector(":scope > script[type='application/json']");
  if (dataset.ready || !json) return null;
  dataset.ready = "1";
  return JSON.parse(json.textContent ?? "{}");
}
