// Layers: label images and overlays over the image's panes.

import { withItem } from "../base/camera.js";
import { LabelFacts } from "./label_colors.js";
import { addVisible, drawLabels, locate, wordsOf } from "./label_painter.js";
import { layerPanel } from "./layer_panel.js";
import { isAway, labelSources } from "./sources.js";
import { drawOverlay, findThing } from "./vectors.js";

/** @typedef {import("../base/types.js").Explorer} Explorer */
/** @typedef {import("../base/types.js").LayerState} LayerState */
/** @typedef {import("../base/types.js").Label} Label */
/** @typedef {import("../base/types.js").Item} Item */
/** @typedef {import("../base/types.js").Pane} Pane */
/** @typedef {import("../base/types.js").Plane} Plane */
/** @typedef {import("../base/types.js").Placement} Placement */
/** @typedef {{plane: Plane, key: string, position: Placement}} Laid */

const REST = 150; // milliseconds after which the labels that are seen are listed
/** @type {LayerState} */
const FIRST = { visible: true, opacity: 1, fill: true, picked: null, by: null };

/**
 * @param {Explorer} explorer
 * @returns {import("../base/types.js").Control[]} none where there are no layers
 */
export function layersControl(explorer) {
  const { config, state } = explorer;
  const sources = labelSources(config);
  const layers = config.layers;
  if (!layers.length) return [];
  if (state.layers?.length !== layers.length) state.layers = layers.map(() => FIRST);
  const facts = layers.map((layer) => (layer.kind === "labels" ? new LabelFacts(layer) : null));
  /** @type {WeakMap<Pane, Record<string, import("./label_painter.js").Painted | undefined>>} */
  const painted = new WeakMap();
  /** @type {{word: (id: number) => number, state: LayerState}[]} */
  const colors = [];
  const asked = layers.map(() => -1);
  let timer = 0;

  const colorsOf = (/** @type {number} */ i, /** @type {LabelFacts} */ known) => {
    const own = state.layers[i];
    if (colors[i]?.state !== own)
      colors[i] = { word: wordsOf((id) => known.color(id, own.by), own), state: own };
    return colors[i];
  };

  /**
   * The labels that lie over an item.
   * @param {number} i
   * @param {Item} item
   * @returns {Laid | null}
   */
  const laidOver = (i, item) => {
    const { steps = [], position } = layers[i];
    const source = sources[i];
    if (!source || !position) return null;
    const within = (/** @type {Placement} */ { x, y, sx, sy }, own = position) => ({
      x: x + own.x * sx,
      y: y + own.y * sy,
      sx: sx * own.sx,
      sy: sy * own.sy,
    });
    const cut = item.cut?.(i);
    if (item.cut) return cut ? { ...cut, position: within(item.position, cut.position) } : null;
    const index = item.index ?? state.index;
    if (isAway(layers[i], state, index)) return null;
    const number = steps.reduce((sum, step, axis) => sum + step * index[axis], 0);
    const plane = source.peek(number);
    if (!plane && asked[i] !== number) {
      asked[i] = number;
      source.plane(number).then(explorer.draw, explorer.draw);
    }
    const base = layers[i].image < 0 ? config.images[0].position : item.position;
    return plane && { plane, key: `${number}`, position: within(base) };
  };

  /** Which items of a pane a layer lies over. @param {number} i @param {Pane} pane */
  const itemsOf = (i, pane) => {
    const { image } = layers[i];
    const items = pane.items();
    return image < 0
      ? items.slice(0, 1).map((item) => ({ ...item, clip: undefined }))
      : items.filter((item) => config.images.indexOf(item.image) === image);
  };

  const screenOf = (/** @type {Pane} */ pane) => {
    const { x, y } = pane.toScreen(0, 0);
    const { scale } = pane;
    return (/** @type {number} */ right, /** @type {number} */ down) => ({
      x: x + right * scale,
      y: y + down * scale,
    });
  };
  /** Overlays lie on rows and columns. @param {Pane} pane */
  const isFlat = ({ spec: { axes: [across, along] = ["x", "y"] } }) =>
    across === "x" && along === "y";

  const over = (/** @type {Pane} */ pane, /** @type {CanvasRenderingContext2D} */ pen) => {
    const { a: ratio, e, f } = pen.getTransform();
    const [width, height] = [Math.round(pane.width * ratio), Math.round(pane.height * ratio)];
    const kept = painted.get(pane) ?? {};
    painted.set(pane, kept);
    layers.forEach((layer, i) => {
      const { visible, opacity } = state.layers[i];
      if (!visible) return;
      const known = facts[i];
      if (!known) {
        if (!isFlat(pane) || !pane.items().length) return;
        pen.save();
        pen.globalAlpha = opacity;
        drawOverlay(pen, layer, screenOf(pane), pane.scale);
        pen.restore();
        return;
      }
      itemsOf(i, pane).forEach((item, slot) => {
        const laid = laidOver(i, item);
        if (!laid) return;
        pen.save();
        pen.setTransform(1, 0, 0, 1, e, f);
        pen.imageSmoothingEnabled = false;
        if (item.clip) {
          const [from, to] = item.clip.map((share) => Math.round(share * width));
          pen.beginPath();
          pen.rect(from, 0, to - from, height);
          pen.clip();
        }
        const name = `${i}:${slot}`;
        const spot = locate(pane, laid.position, ratio);
        const before = kept[name];
        kept[name] = drawLabels(pen, before, laid.plane, laid.key, spot, colorsOf(i, known), {
          width,
          height,
          ratio,
        });
        pen.restore();
        if (kept[name] !== before) list();
      });
    });
  };

  /**
   * What is at a position of a pane, in world units.
   * @param {number} i
   * @param {Pane} pane
   * @param {{x: number, y: number}} at
   */
  const labelAt = (i, pane, at) => {
    for (const item of itemsOf(i, pane)) {
      const share = pane.toScreen(at.x, at.y).x / pane.width;
      if (item.clip && (share < item.clip[0] || share >= item.clip[1])) continue;
      const laid = laidOver(i, item);
      if (!laid) continue;
      const { x, y, sx, sy } = laid.position;
      const column = Math.floor((at.x - x) / sx);
      const row = Math.floor((at.y - y) / sy);
      const { plane } = laid;
      if (column < 0 || row < 0 || column >= plane.columns || row >= plane.rows) continue;
      const id = plane.at(row, column)?.[0];
      if (id) return id; // neither 0 nor NaN
    }
    return null;
  };

  const change = (/** @type {number} */ i, /** @type {Partial<LayerState>} */ changes) =>
    explorer.set(
      i < 0
        ? { image: { ...state.image, ...changes } }
        : { layers: withItem(state.layers, i, { ...state.layers[i], ...changes }) },
    );

  const inView = (/** @type {number} */ i) => {
    /** @type {Set<number>} */
    const all = new Set();
    for (const pane of explorer.panes)
      for (const [name, one] of Object.entries(painted.get(pane) ?? {}))
        if (one && name.startsWith(`${i}:`)) addVisible(one, all);
    return [...all].sort((a, b) => a - b);
  };
  const { panel, refresh } = layerPanel(explorer, facts, inView, change);
  const list = () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, REST);
  };
  explorer.on((changed) => {
    if (changed.index) list();
    const hides = (
      /** @type {import("./sources.js").LayerConfig} */ layer,
      /** @type {number} */ i,
    ) => state.layers[i].visible && isAway(layer, state);
    if (changed.projections && layers.some(hides)) explorer.hint("Labels are not in projections");
    if (changed.layers || changed.image || changed.panels || changed.projections) refresh();
  });
  refresh();

  /** @type {import("../base/types.js").Control} */
  const control = {
    panel,
    opens: { name: "layers", word: "Layers", hint: "Layers", key: "y" },
    help: [["Panels", "click a label", "pick it out (again: all of them)"]],
    over,
    read: (pane, world) => {
      const at = pane.toScreen(world.x, world.y);
      return layers
        .flatMap((layer, i) => {
          if (!state.layers[i].visible) return [];
          const known = facts[i];
          if (known) {
            const id = labelAt(i, pane, world);
            if (id === null) return [];
            const name = known.name(id);
            if (known.count < 2) return [{ text: name || layer.name }];
            const about = [...(name ? [`${layer.name} ${id}`] : []), ...known.about(id)];
            return [{ text: name || `${layer.name} ${id}`, detail: about.join(", ") }];
          }
          if (!isFlat(pane) || !(layer.names || layer.values)) return [];
          const number = findThing(layer, screenOf(pane), at);
          const text = layer.names?.[number] ?? layer.values?.[number];
          return text === undefined || text === null
            ? []
            : [{ text: String(text), detail: layer.name }];
        })
        .reverse();
    },
    clicked: (pane, at) => {
      let done = false;
      for (let i = layers.length - 1; i >= 0; i--) {
        const { picked, visible } = state.layers[i];
        if (!visible || (facts[i]?.count ?? 0) < 2) continue;
        /** @type {number | bigint | null} */
        const id = done ? null : labelAt(i, pane, at);
        done ||= id !== null;
        const found = typeof id === "bigint" ? asLabel(id) : id;
        const next = found === picked ? null : found;
        if (next !== picked) change(i, { picked: next });
      }
    },
  };
  return [control];
}

/** As Python has it: a number where that is exact. @param {bigint} id @returns {Label} */
const asLabel = (id) => (Number.isSafeInteger(Number(id)) ? Number(id) : String(id));
