// Which panes there are, what of the world each has, and how they are laid out.

import { withItem } from "../base/camera.js";
import { planeItems } from "../values/plane_items.js";

/** @typedef {import("../base/types.js").Config} Config */
/** @typedef {import("../base/types.js").PaneSpec} PaneSpec */
/** @typedef {import("../base/types.js").Item} Item */

const GAP = 4; // CSS pixels between panes
const NAME = 18; // CSS pixels of a name above a pane

/**
 * One pane of one image, or one for each index along an axis.
 * @param {import("../base/types.js").Explorer} explorer
 * @returns {PaneSpec[]}
 */
export function planePanes(explorer) {
  const { config, state } = explorer;
  const { facet } = config;
  const items = (/** @type {number[]} */ at) => planeItems(explorer, 0, at);
  if (facet < 0) return [{ name: "", items: () => items(state.index) }];
  const { name, size, labels } = config.axes[facet];
  return Array.from({ length: size }, (_, k) => ({
    name: `${name} = ${labels[k] ?? k}`,
    items: () => items(withItem(state.index, facet, k)),
  }));
}

/**
 * From where to where all that there is lies.
 * @param {Config} config
 * @returns {Record<"x" | "y" | "z", [number, number]>}
 */
function extents({ images, axes, spacing }) {
  const positions = images.map(({ position, columns, rows }) => ({
    ...position,
    right: position.x + columns * position.sx,
    bottom: position.y + rows * position.sy,
  }));
  return {
    x: [Math.min(...positions.map(({ x }) => x)), Math.max(...positions.map(({ right }) => right))],
    y: [
      Math.min(...positions.map(({ y }) => y)),
      Math.max(...positions.map(({ bottom }) => bottom)),
    ],
    z: [0, spacing * (axes.at(-1)?.size ?? 1)],
  };
}

/**
 * What a pane can show.
 * @param {Config} config
 * @param {PaneSpec} spec
 * @returns {import("../base/types.js").Box}
 */
export function worldBox(config, { axes: [across, along] = ["x", "y"] }) {
  const all = extents(config);
  const [[x0, x1], [y0, y1]] = [all[across], all[along]];
  return { x0, y0, x1, y1 };
}

/**
 * The height of the stage: as it was asked for; on a narrow page lower, but not lower than one pane
 * below another has room in.
 * @param {Config} config @param {{spec: PaneSpec}[]} panes @param {number} width
 */
export function stageHeight(config, panes, width) {
  if (config.stages) {
    const { x, y } = extents(config);
    const columns = findColumns(config, panes, width, config.height);
    const rows = Math.ceil(panes.length / columns);
    const wide = (width + 2 - GAP * (columns - 1)) / columns - 2; // without borders
    const name = panes[0].spec.name ? NAME : 0;
    return rows * ((wide * (y[1] - y[0])) / (x[1] - x[0]) + name + 2 + GAP) - GAP - 2;
  }
  if (width >= config.width) return config.height;
  const { x, y } = extents(config);
  const ratio = (config.height * width) / config.width;
  if (config.layout === "ortho") return ratio;
  const each = ((y[1] - y[0]) / (x[1] - x[0])) * width + (panes[0].spec.name ? NAME : 0);
  return Math.min(config.height, Math.max(ratio, panes.length * each));
}

/**
 * In how many columns panes are largest.
 * @param {Config} config @param {{spec: PaneSpec}[]} panes @param {number} width
 * @param {number} height
 */
function findColumns(config, panes, width, height) {
  const { x, y } = extents(config);
  const count = panes.length;
  const name = panes[0].spec.name ? NAME : 0;
  const scale = (/** @type {number} */ columns) => {
    const rows = Math.ceil(count / columns);
    const wide = (width - GAP * (columns - 1)) / columns - 2;
    const tall = (height - GAP * (rows - 1)) / rows - name - 2;
    return Math.min(wide / (x[1] - x[0]), tall / (y[1] - y[0]));
  };
  let columns = Math.min(config.columns || 1, count);
  if (!config.columns)
    for (let more = 2; more <= count; more++) if (scale(more) > scale(columns)) columns = more;
  return columns;
}

/**
 * The grid of the panes: for planes at right angles as they are long, else in those columns in
 * which they are largest.
 * @param {Config} config
 * @param {{spec: PaneSpec}[]} panes
 * @param {number} width
 * @param {number} height
 */
export function gridStyle(config, panes, width, height) {
  const { x, y, z } = extents(config);
  const across = x[1] - x[0];
  const along = y[1] - y[0];
  const count = panes.length;
  const name = panes[0].spec.name ? NAME : 0;
  if (config.layout === "ortho") {
    const scale = Math.min(
      (width - GAP - 4) / (across + z[1]),
      (height - GAP - 4 - 2 * name) / (along + z[1]),
    );
    const parts = (/** @type {number} */ first, more = 0) =>
      `${first * scale + 2 + more}px minmax(0, 1fr)`;
    return { gridTemplateColumns: parts(across), gridTemplateRows: parts(along, name) };
  }
  const columns = findColumns(config, panes, width, height);
  const equal = (/** @type {number} */ number) => `repeat(${number}, minmax(0, 1fr))`;
  return {
    gridTemplateColumns: equal(columns),
    gridTemplateRows: equal(Math.ceil(count / columns)),
  };
}
