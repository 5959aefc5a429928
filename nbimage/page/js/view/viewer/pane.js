// One canvas: the pixels of what it is asked to draw, the grid and values of large ones.

import { clamp } from "../base/camera.js";
import { element } from "../base/dom.js";
import { paintPatch } from "../values/color.js";
import { formatValue, minus } from "../values/format.js";
import { firstPixel, sampleAt, stretch } from "../values/nearest.js";
import { holds, intersect, subtract, widen } from "../values/patches.js";
import { clipBackground } from "./background.js";

/** @typedef {import("../base/types.js").Item} Item */
/** @typedef {import("../base/types.js").DisplaySettings} DisplaySettings */
/** @typedef {import("../values/bins.js").Patch} Patch */
/**
 * @typedef {import("../values/nearest.js").Painted & {key: string, display: DisplaySettings | null,
 *   version: number, spare: HTMLCanvasElement}} PaintedPatch
 */
/** @typedef {import("./background.js").Drawn} Drawn */
/** @typedef {import("../values/nearest.js").OnScreen} OnScreen */

const GRID_FROM = 20; // CSS pixels a sample
const VALUES_FROM = 40;

export class Pane {
  /** @type {Item[]} */
  #items = [];
  /** @type {PaintedPatch[]} */
  #painted = [];
  /** @type {Drawn[]} */
  #drawn = [];

  /**
   * @param {import("../base/types.js").PaneSpec} spec
   * @param {import("../base/camera.js").Camera} camera
   * @param {import("../base/types.js").Explorer} explorer
   */
  constructor(spec, camera, explorer) {
    this.spec = spec;
    this.camera = camera;
    this.explorer = explorer;
    this.element = document.createElement("div");
    this.element.className = "pane";
    this.canvas = element("canvas", { className: "picture" });
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.setAttribute(
      "aria-label",
      `${spec.name ? `${spec.name}: ` : ""}${explorer.config.alt}`,
    );
    this.behind = element("div", { className: "behind" });
    this.behind.style.background = explorer.config.background ?? "";
    this.box = document.createElement("div");
    this.box.append(this.behind, this.canvas);
    this.box.addEventListener(
      "dblclick",
      (event) => {
        // two clicks of a tool do not zoom
        if (explorer.state.tool !== "move") event.stopPropagation();
      },
      true,
    );
    if (spec.name) {
      const name = document.createElement("div");
      name.className = "name";
      name.textContent = spec.name;
      name.title = spec.name;
      this.element.append(name);
    }
    this.element.append(this.box);
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d"));
  }

  get width() {
    return this.box.clientWidth;
  }
  get height() {
    return this.box.clientHeight;
  }
  get scale() {
    return this.camera.scale;
  }
  items() {
    return this.#items;
  }
  visible() {
    return this.camera.visible();
  }
  /** @param {number} x @param {number} y */
  toWorld(x, y) {
    return this.camera.toWorld(x, y);
  }
  /** @param {number} x @param {number} y */
  toScreen(x, y) {
    return this.camera.toScreen(x, y);
  }

  /**
   * The sample that is drawn at a position of the pane, in CSS pixels.
   * @param {number} index of an item
   * @param {number} x
   * @param {number} y
   * @param {Item} [own] one whose samples lie there too, of which it is asked instead
   */
  under(index, x, y, own = this.#items[index]) {
    const { position: from } = this.#items[index];
    const { left, top, kx, ky, step } = this.#drawn[index];
    const { columns, rows } = own.image;
    const to = own.position;
    const ratio = devicePixelRatio || 1;
    const find = (
      /** @type {number} */ at,
      /** @type {number} */ scale, // the canvas has whole pixels, the pane need not
      /** @type {number} */ first,
      /** @type {number} */ each,
      /** @type {number} */ count,
    ) => {
      // of the screen's pixel; a mouse is at its edge, but for what rounding adds
      const center = Math.floor(at * ratio + 1 / 64) + 0.5;
      const found = sampleAt(Math.floor(center * scale), first, each);
      return found < 0 || found >= count ? null : found & -step;
    };
    const [wide, tall] = [kx / from.sx, ky / from.sy];
    const column = find(
      x,
      this.canvas.width / (this.width * ratio),
      left + (to.x - from.x) * wide,
      to === from ? kx : to.sx * wide,
      columns,
    );
    const row = find(
      y,
      this.canvas.height / (this.height * ratio),
      top + (to.y - from.y) * tall,
      to === from ? ky : to.sy * tall,
      rows,
    );
    return column === null || row === null ? null : { x: column, y: row };
  }

  render(ratio = devicePixelRatio || 1) {
    const pen = this.context;
    const width = Math.round(this.width * ratio);
    const height = Math.round(this.height * ratio);
    if (!width || !height || !this.scale) return; // in a hidden tab
    if (this.canvas.width !== width || this.canvas.height !== height)
      Object.assign(this.canvas, { width, height });
    const items = this.spec.items();
    if (!items.length && this.#items.length) return; // what was there stays until the next one is
    this.#items = items;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, width, height);
    const { visible, opacity } = this.explorer.state.image;
    const alpha = visible ? opacity : 0;
    this.behind.style.opacity = String(alpha);
    this.#drawn = items.map((item, slot) => {
      pen.save();
      pen.globalAlpha = alpha;
      if (item.clip) {
        const from = Math.round(item.clip[0] * width);
        pen.beginPath();
        pen.rect(from, 0, Math.round(item.clip[1] * width) - from, height);
        pen.clip();
      }
      const drawn = this.#draw(item, slot, width, height, ratio);
      pen.restore();
      return drawn;
    });
    clipBackground(this.behind, items, this.#drawn, width, height, ratio);
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  }

  /**
   * @param {Item} item
   * @param {number} slot
   * @param {number} width
   * @param {number} height
   * @param {number} ratio
   * @returns {Drawn}
   */
  #draw(item, slot, width, height, ratio) {
    const { plane, position, image } = item;
    const { camera, context: pen } = this;
    const kx = camera.scale * position.sx * ratio;
    const ky = camera.scale * position.sy * ratio;
    const corner = camera.toScreen(position.x, position.y);
    const left = Math.round(corner.x * ratio);
    const top = Math.round(corner.y * ratio);
    const index = clamp(Math.floor(0.25 - Math.log2(Math.max(kx, ky))), 0, plane.most);
    const level = plane.shape(index);
    const size = 2 ** index;
    const x0 = clamp(Math.floor(-left / kx / size), 0, level.columns);
    const x1 = clamp(Math.ceil((width - left) / kx / size), 0, level.columns);
    const y0 = clamp(Math.floor(-top / ky / size), 0, level.rows);
    const y1 = clamp(Math.ceil((height - top) / ky / size), 0, level.rows);
    const visible = { left: x0, top: y0, width: x1 - x0, height: y1 - y0 };
    const [wide, tall] = [kx * size, ky * size];
    const toCanvas = (/** @type {Patch} */ one) => ({
      left: left + one.left * wide,
      top: top + one.top * tall,
      width: one.width * wide,
      height: one.height * tall,
    });
    /** @type {Patch[]} */
    let lacking = [];
    if (x1 > x0 && y1 > y0) {
      const part = this.#paint(item, slot, index, visible);
      const smooth = !image.labels && Math.max(kx, ky) < 1 && (!index || (wide < 2 && tall < 2));
      pen.imageSmoothingEnabled = smooth;
      pen.imageSmoothingQuality = "high";
      if (smooth || (Number.isInteger(wide) && Number.isInteger(tall))) {
        const at = toCanvas(part);
        pen.drawImage(part.canvas, at.left, at.top, at.width, at.height);
      } else {
        const { canvas, ...from } = stretch(part, visible, wide, tall);
        pen.drawImage(
          canvas,
          left + firstPixel(from.left, 0, wide),
          top + firstPixel(from.top, 0, tall),
        );
      }
      if ("tiled" in plane) lacking = plane.lacking(index, visible).map(toCanvas);
      const square = Math.min(kx, ky) / ratio;
      if (square >= GRID_FROM) this.#grid({ left, top, kx, ky }, x0, y0, x1, y1);
      if (square >= VALUES_FROM) this.#values(item, { left, top, kx, ky }, x0, y0, x1, y1, ratio);
    }
    return { left, top, kx, ky, lacking, step: image.labels ? size : 1 };
  }

  /**
   * The colors of a part of a level, kept for the next frames.
   * @param {Item} item
   * @param {number} slot
   * @param {number} index
   * @param {Patch} visible
   */
  #paint(item, slot, index, visible) {
    const { key, plane, display } = item;
    const name = `${key}@${index}`;
    const tiled = "tiled" in plane ? plane : null;
    const version = tiled?.version ?? 0;
    this.#painted[slot] ??= {
      key: "",
      display: null,
      version: 0,
      canvas: element("canvas"),
      spare: element("canvas"),
      left: 0,
      top: 0,
      width: 0,
      height: 0,
      large: { canvas: element("canvas"), zoom: "", fresh: false, ...visible },
    };
    const part = this.#painted[slot];
    const same = part.key === name && part.display === display;
    const { left, top, width, height } = part;
    const before = { left, top, width, height };
    tiled?.request(index, visible);
    const news =
      !same || part.version === version ? [] : (tiled?.changed(index, part.version) ?? [before]);
    if (!same || !holds(before, visible)) this.#frame(part, plane.shape(index), same, visible);
    Object.assign(part, { key: name, display, version });
    for (const one of [...(same ? subtract(before, part) : [part]), ...news]) {
      const some = intersect(one, part);
      if (some.width > 0 && some.height > 0) this.#fill(part, item, index, some);
    }
    return part;
  }

  /**
   * Have room for another part of a level, with what has been painted of it where it belongs.
   * @param {PaintedPatch} part
   * @param {{rows: number, columns: number}} level
   * @param {boolean} same the level and its colors are the same
   * @param {Patch} visible
   */
  #frame(part, level, same, visible) {
    const all = { left: 0, top: 0, width: level.columns, height: level.rows };
    const { left, top, width, height } = same ? intersect(widen(visible), all) : visible;
    const canvas = same ? part.spare : part.canvas;
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    if (canvas.width !== width || canvas.height !== height)
      Object.assign(canvas, { width, height });
    else pen.clearRect(0, 0, width, height);
    if (same) {
      pen.drawImage(part.canvas, part.left - left, part.top - top);
      part.spare = part.canvas;
    }
    Object.assign(part, { canvas, left, top, width, height });
    part.large.fresh = false;
  }

  /** @param {PaintedPatch} part @param {Item} item @param {number} index @param {Patch} some */
  #fill(part, { plane, display, image }, index, some) {
    const pen = /** @type {CanvasRenderingContext2D} */ (part.canvas.getContext("2d"));
    const tiled = "tiled" in plane ? plane : null;
    part.large.fresh = false;
    if (tiled?.pictured) return tiled.compose(pen, index, part, some);
    pen.putImageData(
      paintPatch(plane, index, some, image, display, this.explorer.palettes[display.cmap]),
      some.left - part.left,
      some.top - part.top,
    );
    for (const { left, top, width, height } of tiled?.lacking(index, some) ?? [])
      pen.clearRect(left - part.left, top - part.top, width, height);
  }

  /**
   * @param {OnScreen} drawn
   * @param {number} x0
   * @param {number} y0
   * @param {number} x1
   * @param {number} y1
   */
  #grid({ left, top, kx, ky }, x0, y0, x1, y1) {
    const pen = this.context;
    pen.strokeStyle = "rgba(128,128,128,.5)";
    pen.lineWidth = 1;
    pen.beginPath();
    for (let x = x0; x <= x1; x++) {
      const at = firstPixel(x, left, kx) + 0.5;
      pen.moveTo(at, top + y0 * ky);
      pen.lineTo(at, top + y1 * ky);
    }
    for (let y = y0; y <= y1; y++) {
      const at = firstPixel(y, top, ky) + 0.5;
      pen.moveTo(left + x0 * kx, at);
      pen.lineTo(left + x1 * kx, at);
    }
    pen.stroke();
  }

  /**
   * @param {Item} item
   * @param {OnScreen} drawn
   * @param {number} x0
   * @param {number} y0
   * @param {number} x1
   * @param {number} y1
   * @param {number} ratio
   */
  #values({ plane }, { left, top, kx, ky }, x0, y0, x1, y1, ratio) {
    const pen = this.context;
    const square = Math.min(kx, ky);
    Object.assign(pen, {
      textAlign: "center",
      textBaseline: "middle",
      lineJoin: "round",
      strokeStyle: "#000",
      fillStyle: "#fff",
    });
    for (let y = y0; y < y1; y++) {
      for (let x = x0; x < x1; x++) {
        const texts = (plane.at(y, x) ?? []).map((value) => short(value, plane.dtype));
        if (!texts.length) continue;
        const size = Math.min(
          13 * ratio,
          (1.5 * square) / Math.max(...texts.map((text) => text.length)),
          (0.8 * square) / texts.length,
        );
        pen.font = `${size}px system-ui, sans-serif`;
        pen.lineWidth = size / 5;
        texts.forEach((text, i) => {
          const down = top + (y + 0.5) * ky + (i - (texts.length - 1) / 2) * size * 1.15;
          pen.strokeText(text, left + (x + 0.5) * kx, down);
          pen.fillText(text, left + (x + 0.5) * kx, down);
        });
      }
    }
  }
}

/** @param {number | bigint} value @param {string} dtype */
function short(value, dtype) {
  const whole = typeof value === "bigint" || Number.isInteger(value) || !Number.isFinite(value);
  return minus(whole ? formatValue(value, dtype) : String(+value.toPrecision(3)));
}
