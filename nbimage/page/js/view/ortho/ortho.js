// A volume by three planes at right angles, which meet in the cursor.

import { clamp, withItem } from "../base/camera.js";
import { labelSources } from "../layers/sources.js";
import { planeItems } from "../values/plane_items.js";
import { Plane } from "../values/samples.js";

/** @typedef {import("../base/types.js").Explorer} Explorer */
/** @typedef {{x: number, y: number, z: number}} Spot */

const TOGETHER = 4; // planes that are decoded at the same time

/**
 * All planes along the last axis, at the current index along the others: of the image, or of labels
 * over it.
 */
class Volume {
  #explorer;
  #first = ""; // the numbers of its planes
  /** @type {Plane[]} */
  #planes = [];
  #whole = Promise.resolve();
  /** @type {Record<string, {position: number, plane: Plane}>} */
  #cuts = {};
  /** How many planes are at hand. */
  count = 0;

  /**
   * @param {Explorer} explorer
   * @param {import("../base/types.js").Source} source
   * @param {{rows: number, columns: number, channels?: number, labels?: number, base?: string}}
   *   image
   * @param {(index: number[]) => import("../base/types.js").PlaneName} [planeNumber]
   */
  constructor(explorer, source, image, planeNumber = explorer.planeNumber) {
    this.#explorer = explorer;
    this.source = source;
    this.image = image;
    this.planeNumber = planeNumber;
    this.axis = explorer.config.axes.length - 1;
    this.size = explorer.config.axes[this.axis].size;
  }

  /** The same key, the same planes. */
  get key() {
    return this.#first;
  }

  /**
   * @param {() => void} [report] called for each plane that has come
   * @returns {Promise<void>} settled when all are at hand
   */
  load(report) {
    const { source } = this;
    const { index } = this.#explorer.state;
    const numbers = Array.from({ length: this.size }, (_, z) =>
      this.planeNumber(withItem(index, this.axis, z)),
    );
    const first = [numbers[0], numbers.at(-1)].join();
    if (first === this.#first) return this.#whole;
    /** @type {Plane[]} */
    const planes = [];
    [this.#first, this.#planes, this.#cuts, this.count] = [first, planes, {}, 0];
    let next = 0;
    const fetching = async () => {
      while (next < this.size && this.#planes === planes) {
        const z = next++;
        planes[z] = /** @type {Plane} */ (
          source.peek(numbers[z]) ?? (await source.plane(numbers[z]))
        );
        // else those of another index are requested by now
        if (this.#planes === planes) this.count++;
        report?.();
      }
    };
    this.#whole = Promise.all(Array.from({ length: TOGETHER }, fetching)).then(() => {});
    return this.#whole;
  }

  /**
   * The plane through a row ("xz", which has z downwards) or through a column ("zy", z to the
   * right).
   * @param {"xz" | "zy"} way
   * @param {number} position
   * @returns {Plane | null} null: not all is at hand
   */
  cut(way, position) {
    if (this.count < this.size) return null;
    if (this.#cuts[way]?.position !== position)
      this.#cuts[way] = { position, plane: this.#gathered(way === "xz", position) };
    return this.#cuts[way].plane;
  }

  /** @param {boolean} across @param {number} position */
  #gathered(across, position) {
    const { rows, columns, channels = 1, labels, base } = this.image;
    const { size } = this;
    const [{ dtype, own }] = this.#planes;
    // each is stored as small as can be
    const mixed = this.#planes.some((plane) => plane.dtype !== dtype);
    const Type = /** @type {typeof Float64Array} */ (mixed ? Float64Array : own.constructor);
    const row = columns * channels;
    const [shape, length, unit, stride, step] = across
      ? [{ rows: size, columns, channels }, columns, row, channels, channels]
      : [{ rows, columns: size, channels }, rows, channels, row, size * channels];
    const out = new Type(length * size * channels);
    this.#planes.forEach(({ own }, z) => {
      for (let i = 0; i < length; i++) {
        const from = position * unit + i * stride;
        const to = z * unit + i * step;
        for (let c = 0; c < channels; c++) {
          // or a BigInt, of planes that are all of them
          const value = /** @type {number} */ (own[from + c]);
          out[to + c] = mixed ? Number(value) : value;
        }
      }
    });
    return Plane.of({ ...shape, labels }, mixed ? "float64" : dtype, out, base);
  }
}

/** @param {Explorer} explorer @returns {import("../values/parts.js").OrthoControl} */
export function orthoPlanes(explorer) {
  const {
    axes,
    images: [image],
    layers,
    spacing,
  } = explorer.config;
  const { rows, columns } = image;
  const volume = new Volume(explorer, explorer.sources[0], image);
  const sources = labelSources(explorer.config);
  const laid = layers.map((layer, i) => {
    const source = sources[i];
    const { steps = [] } = layer;
    const numberOf = (/** @type {number[]} */ index) =>
      steps.reduce((sum, step, along) => sum + step * index[along], 0);
    return source && new Volume(explorer, source, layer, numberOf);
  });
  const { axis, size } = volume;
  const { name, labels } = axes[axis];
  const depth = {
    label: "",
    unit: "",
    ...(labels.length ? { texts: labels } : { first: 0, step: 1 }),
  };
  const spot = () => ({
    ...(explorer.state.cursor ?? { x: columns >> 1, y: rows >> 1 }),
    z: explorer.state.index[axis],
  });
  const ready = async () => {
    await volume.load(explorer.draw);
    await Promise.all(laid.map((one) => one?.load(explorer.draw)));
  };
  /** @param {"xz" | "zy"} way @param {number} slice @param {number} i of a layer */
  const cutLabels = (way, slice, i) => {
    const { sx, sy } = layers[i].position ?? { sx: 1, sy: 1 };
    const across = way === "xz";
    const at = Math.floor((slice + 0.5) / (across ? sy : sx));
    const plane = laid[i]?.cut(way, at);
    const position = { x: 0, y: 0, sx: across ? sx : 1, sy: across ? 1 : sy };
    return plane ? { plane, key: `${way} ${laid[i]?.key} ${at}`, position } : null;
  };
  /** @param {"xz" | "zy"} way @returns {import("../base/types.js").Item[]} */
  const cut = (way) => {
    const across = way === "xz";
    const { x, y, z } = spot();
    const slice = across ? y : x;
    const plane = volume.cut(way, slice);
    if (!plane) return [];
    const position = { x: 0, y: 0, sx: across ? 1 : spacing, sy: across ? spacing : 1 };
    const shown = across
      ? { ...image, rows: size, y: depth, lower: false, position }
      : { ...image, columns: size, x: depth, position };
    return [
      {
        key: `${way} ${/** @type {number} */ (explorer.planeNumber()) - z} ${slice}`,
        plane,
        image: shown,
        display: explorer.displayOf(0),
        position,
        cut: (/** @type {number} */ i) => cutLabels(way, slice, i),
      },
    ];
  };
  const put = (/** @type {Spot} */ to) => {
    const [x, y, z] = [
      clamp(to.x, 0, columns - 1),
      clamp(to.y, 0, rows - 1),
      clamp(to.z, 0, size - 1),
    ];
    return { cursor: { x, y }, index: withItem(explorer.state.index, axis, z) };
  };
  const flat = () => planeItems(explorer, 0);
  return {
    ready,
    panes: () => [
      { name: "x, y", axes: ["x", "y"], items: flat },
      { name: `${name}, y`, axes: ["z", "y"], items: () => cut("zy") },
      { name: `x, ${name}`, axes: ["x", "z"], items: () => cut("xz") },
    ],
    moveTo: ({ spec: { axes: [right, down] = ["x", "y"] } }, at) => {
      const sample = (/** @type {string} */ way, /** @type {number} */ world) =>
        Math.floor(world / (way === "z" ? spacing : 1));
      return put({ ...spot(), [right]: sample(right, at.x), [down]: sample(down, at.y) });
    },
    move: ({ spec: { axes: [right, down] = ["x", "y"] } }, dx, dy) => {
      const from = spot();
      return put({ ...from, [right]: from[right] + dx, [down]: from[down] + dy });
    },
    over: (pane, pen) => {
      const { x, y, z } = spot();
      const world = { x: x + 0.5, y: y + 0.5, z: (z + 0.5) * spacing };
      const [right, down] = pane.spec.axes ?? ["x", "y"];
      const at = pane.toScreen(world[right], world[down]);
      for (const [width, color] of /** @type {const} */ ([
        [3, "rgba(0,0,0,.5)"],
        [1, "#fff"],
      ])) {
        pen.beginPath();
        for (const [dx, dy] of [
          [1, 0],
          [-1, 0],
          [0, 1],
          [0, -1],
        ]) {
          pen.moveTo(at.x + 8 * dx, at.y + 8 * dy);
          pen.lineTo(at.x + 1e4 * dx, at.y + 1e4 * dy);
        }
        Object.assign(pen, { lineWidth: width, strokeStyle: color });
        pen.stroke();
      }
      if (volume.count === size) return;
      Object.assign(pen, {
        fillStyle: "#888",
        font: "12px system-ui",
        textAlign: "left",
        textBaseline: "top",
      });
      pen.fillText(`${volume.count} / ${size}`, 6, 6);
    },
  };
}
