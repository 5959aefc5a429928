// The explorer: an element's picture becomes a stage of panes, with all controls around it.

import { Camera } from "../base/camera.js";
import { button, element } from "../base/dom.js";
import { resizeEdges } from "../base/edges.js";
import { listenToGestures } from "../base/gestures.js";
import { STYLE } from "../base/style.js";
import { decodePalette } from "../values/color.js";
import { COMPARE_STYLE, compareControl } from "../values/compare.js";
import { CONTRAST_STYLE, contrastControl } from "../values/contrast.js";
import { MEASURE_STYLE, measureControl } from "../values/measure.js";
import { Embedded } from "../values/samples.js";
import { AXES_STYLE, axes } from "./axes.js";
import { copyText } from "./clipboard.js";
import { helpLines, toolBar } from "./controls.js";
import { drawCursor, readingText, readPinned, readUnder } from "./cursor.js";
import { pressKey, viewerKeys } from "./keys.js";
import { gridStyle, planePanes, stageHeight, worldBox } from "./layout.js";
import { recall, remember } from "./memory.js";
import { orthoPlanes } from "./ortho.js";
import { Pane } from "./pane.js";

/** @typedef {import("../base/types.js").Explorer} Explorer */
/** @typedef {import("../base/types.js").State} State */
/** @typedef {import("../base/types.js").Control} Control */
/** @typedef {import("../base/types.js").PaneSpec} PaneSpec */
/** @typedef {import("../base/types.js").Box} Box */
/** @typedef {{pane: Pane, at: {x: number, y: number}}} Hover */
/**
 * What another page has besides: other sources than those in the page, and controls.
 * @typedef {object} Extra
 * @property {(draw: () => void) => import("../base/types.js").Source[]} [sources]
 * @property {(explorer: Explorer) => Control[]} [controls]
 * @property {string} [style]
 */

const LEAST_BELOW = 480; // CSS pixels that the controls have, if the page has them

/** @implements {Explorer} */
export class Viewer {
  /** @type {((change: Partial<State>) => void)[]} */
  #listeners = [];
  /** @type {(() => void)[]} */
  #drawn = [];
  #frame = 0;
  #hiding = 0;
  #clickedAt = 0;
  /** @type {State["cursor"]} */
  #pinnedBefore = null; // before clicks that may turn out to be a double one
  /** @type {Promise<unknown>} */
  #loading = Promise.resolve();
  /** @type {import("../base/types.js").Plane[]} */
  #held = []; // so that what is wanted now is at hand until something else is
  /** @type {Hover | null} */
  hover = null;
  /** @type {Pane[]} */
  panes = [];
  /** @type {import("../base/camera.js").Focus} */
  focus = { x: 0, y: 0, z: 0, scale: 0, fitted: true };
  host = element("div");
  stage = element("div", { className: "stage" });
  hinted = element("div", { className: "hint" });
  frame = element("div", { className: "frame" }, this.stage, this.hinted);
  where = element("span");
  zoomed = element("span");
  pinned = element("div", { className: "pinned", hidden: true });
  quiet = element("div", { className: "quiet" });
  below = element("div");
  help = element("div", { className: "help", hidden: true });

  /**
   * @param {HTMLElement} root
   * @param {import("../base/types.js").Config} config
   * @param {Extra} extra
   */
  constructor(root, config, extra = {}) {
    this.root = root;
    this.config = config;
    this.state = config.state;
    this.initial = config.state.displays;
    this.remembered = recall(this);
    if (this.remembered) {
      Object.assign(this.state, this.remembered.state, { viewport: null, playing: -1 });
      if (this.remembered.style) {
        this.frame.style.cssText = this.remembered.style;
        this.frame.dataset.sized = "1";
      }
    }
    this.calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    /** @type {import("../base/types.js").Source[]} */
    this.sources = extra.sources?.(this.draw) ?? config.images.map((image) => new Embedded(image));
    this.style = extra.style ?? "";
    this.palettes = Object.fromEntries(
      Object.entries(config.palettes).map(([name, text]) => [name, decodePalette(text)]),
    );
    this.compare = config.layout === "compare" ? compareControl(this) : null;
    this.ortho = config.layout === "ortho" ? orthoPlanes(this) : null;
    // pictures have no values
    const valued = config.images.every(({ tiles }) => !tiles || tiles.dtype);
    /** @type {Control[]} */
    this.controls = [
      axes(this),
      ...(valued ? [contrastControl(this), measureControl(this)] : []),
      ...(this.compare ? [this.compare] : []),
      ...(this.ortho ? [this.ortho] : []),
      ...(extra.controls?.(this) ?? []),
    ];
    this.keys = Object.assign(
      viewerKeys(this),
      ...this.controls.map((control) => control.keys ?? {}),
    );
    this.tools = Object.assign({}, ...this.controls.map((control) => control.tools ?? {}));
    this.host.dataset.lmSuppressShortcuts = "true"; // JupyterLab leaves the keys to it
    this.host.dataset.jpSuppressContextMenu = "";
    this.shadow = this.host.attachShadow({ mode: "open" });
    this.#build();
  }

  /** Show it instead of the plain picture, once the first planes are at hand. */
  async start() {
    const fallback = /** @type {HTMLElement | null} */ (
      this.root.querySelector(".nbimage-fallback")
    );
    const { remembered } = this;
    const before = remembered?.host.deref();
    const show = (/** @type {HTMLElement} */ host) => {
      if (fallback) fallback.style.display = "none";
      this.root.append(host);
    };
    if (before && !before.isConnected) show(before); // an update: no other picture in between
    await this.#load();
    if (before?.parentNode === this.root) before.remove();
    show(this.host);
    this.#arrange();
    if (remembered) Object.assign(this.focus, remembered.focus);
    const { viewport } = this.state;
    if (viewport) {
      this.panes[0].camera.show(viewport);
      this.focus.fitted = false;
    }
    this.#resized();
    if (remembered?.active && document.activeElement === document.body)
      this.panes[0].canvas.focus({ preventScroll: true });
    new ResizeObserver(() => this.#resized()).observe(this.stage);
  }

  set = (/** @type {Partial<State>} */ change) => {
    Object.assign(this.state, change);
    if (change.index || change.pair || change.mode)
      this.#load().catch((error) => this.hint(`Some values can't be read: ${error}`));
    if (change.pair || change.mode) this.#arrange();
    for (const listener of this.#listeners) listener(change);
    this.draw();
  };

  on = (/** @type {(change: Partial<State>) => void} */ listener) => {
    this.#listeners.push(listener);
  };

  displayOf = (/** @type {number} */ image) =>
    this.state.displays[Math.min(image, this.state.displays.length - 1)];

  planeNumber = (index = this.state.index) => {
    return this.config.axes.reduce((number, { size }, axis) => number * size + index[axis], 0);
  };

  draw = () => {
    this.#frame ||= requestAnimationFrame(() => this.#render());
  };

  settled = async () => {
    let awaited = null;
    while (awaited !== this.#loading) {
      awaited = this.#loading;
      await awaited;
    }
    await this.ortho?.ready();
    await new Promise((done) => {
      this.#drawn.push(() => done(undefined));
      this.draw();
    });
  };

  announce = (/** @type {string} */ text) => {
    this.quiet.textContent = text;
  };

  copy = async (/** @type {string} */ text) => {
    const done = await copyText(text, this.shadow);
    const brief = text.length > 60 ? `${text.slice(0, 59)}…` : text;
    this.hint(done ? `Copied: ${brief}` : "The browser does not let this page copy");
  };

  /** @param {string} text */
  hint(text) {
    this.hinted.textContent = text;
    this.hinted.classList.add("on");
    this.announce(text);
    clearTimeout(this.#hiding);
    this.#hiding = setTimeout(() => this.hinted.classList.remove("on"), 1200);
  }

  #build() {
    const { width } = this.config;
    if (!this.frame.dataset.sized) this.frame.style.width = `${width + 2}px`; // with the border
    this.frame.append(
      ...resizeEdges(this.frame),
      ...this.controls.flatMap((control) => control.grip ?? []),
    );
    this.quiet.setAttribute("aria-live", "polite");
    this.help.append(...helpLines(this));
    const [sliders, ...panels] = this.controls.flatMap((control) => control.panel ?? []);
    const styles = element("style", {
      textContent: [
        STYLE,
        AXES_STYLE,
        CONTRAST_STYLE,
        MEASURE_STYLE,
        COMPARE_STYLE,
        this.style,
      ].join(""),
    });
    const readout = element("div", { className: "readout" }, this.where, this.zoomed);
    this.below.append(sliders, readout, this.pinned, toolBar(this), ...panels, this.help);
    this.shadow.append(styles, this.frame, this.below, this.quiet);
    this.stage.addEventListener("keydown", (event) => pressKey(this, event));
  }

  // Panes

  #arrange() {
    const specs = this.compare?.panes() ?? this.ortho?.panes() ?? planePanes(this);
    const focused = this.panes.some((pane) => pane.canvas === this.shadow.activeElement);
    this.panes = specs.map((spec) => {
      const pane = new Pane(
        spec,
        new Camera(this.focus, worldBox(this.config, spec), spec.axes),
        this,
      );
      listenToGestures(pane, this, {
        tool: () => this.tools[this.state.tool],
        hover: (at) => {
          this.hover = at && { pane, at };
          this.draw();
        },
        click: (at, first) => this.#clicked(pane, at, first),
        twice: () => this.set({ cursor: this.#pinnedBefore }),
        focused: () => this.shadow.activeElement !== null,
        hint: (text) => this.hint(text),
      });
      return pane;
    });
    this.hover = null;
    this.stage.replaceChildren(...this.panes.map((pane) => pane.element));
    this.#resized();
    if (focused) this.panes[0].canvas.focus({ preventScroll: true });
  }

  #resized() {
    const { clientWidth: width } = this.stage;
    if (!width) return; // in a hidden tab
    if (!this.frame.dataset.sized)
      this.frame.style.height = `${stageHeight(this.config, this.panes, width - 2) + 2}px`;
    const { clientHeight: height } = this.stage;
    this.below.style.maxWidth = `${Math.max(LEAST_BELOW, this.frame.offsetWidth)}px`;
    Object.assign(this.stage.style, gridStyle(this.config, this.panes, width, height));
    for (const pane of this.panes)
      Object.assign(pane.camera, { width: pane.width, height: pane.height });
    if (this.focus.fitted || !this.focus.scale) this.fit();
    if (this.host.isConnected) this.#render(); // at once: what is resized is cleared
  }

  // Planes, and drawing them

  async #load() {
    const { axes: all, facet } = this.config;
    const { index, mode, pair } = this.state;
    const shown =
      facet < 0 ? [index] : Array.from({ length: all[facet].size }, (_, k) => index.with(facet, k));
    const images = this.compare && mode !== "side" ? pair : this.sources.map((_, i) => i);
    /** @type {import("../base/types.js").Plane[]} */
    const held = [];
    const coming = images.flatMap((image) =>
      shown.map(async (one) => {
        held.push(await this.sources[image].plane(this.planeNumber(one)));
        this.draw();
      }),
    );
    this.ortho?.ready(); // its other planes come after what is seen at once
    const loading = Promise.all(coming);
    this.#loading = loading;
    await loading;
    if (loading === this.#loading) this.#held = held;
  }

  #render() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (!this.host.isConnected) return;
    const ratio = devicePixelRatio || 1;
    for (const pane of this.panes) {
      pane.render();
      pane.context.setTransform(ratio, 0, 0, ratio, 0, 0);
      if (!this.ortho) drawCursor(pane, this.state.cursor);
      for (const control of this.controls) control.over?.(pane, pane.context);
    }
    this.#read();
    remember(this);
    for (const done of this.#drawn.splice(0)) done();
  }

  // The readout

  #read() {
    const { columns, rows } = this.config.images[0];
    const found = this.hover && readUnder(this, this.hover);
    this.where.textContent = found ? readingText(found) : `${columns}×${rows}`;
    this.zoomed.textContent = `${Math.round(this.focus.scale * 100)} %`;
    const pin = readPinned(this);
    this.pinned.hidden = !pin;
    if (!pin) return;
    if (!this.pinned.firstChild) {
      this.pinned.append(
        element("span"),
        button("copy", "Copy the value (Ctrl+C)", () => this.copy(readPinned(this)?.alone ?? "")),
        button("×", "Unpin (Esc)", () => this.set({ cursor: null }), { label: "Unpin" }),
      );
    }
    /** @type {HTMLElement} */ (this.pinned.firstChild).textContent = readingText(pin);
  }

  // What buttons, keys and clicks do

  fit() {
    for (const { camera } of this.panes) camera.show(camera.world);
    this.focus.scale = Math.min(...this.panes.map(({ camera }) => camera.fitting));
    this.focus.fitted = true;
    this.draw();
  }

  /** @param {number} scale */
  zoom(scale) {
    this.panes[0].camera.zoom(scale);
    this.draw();
  }
  /** @param {1 | -1} way */
  step(way) {
    this.panes[0].camera.step(way);
    this.draw();
  }

  full() {
    const done = document.fullscreenElement
      ? document.exitFullscreen()
      : this.host.requestFullscreen?.();
    done?.catch(() => this.hint("The browser does not allow full screen here"));
  }

  /** @param {Pane} pane @param {{x: number, y: number}} at @param {boolean} first */
  #clicked(pane, at, first) {
    const [item] = pane.items();
    const sample = item && pane.under(0, at.x, at.y); // the one that is drawn there
    const world = sample
      ? {
          x: item.position.x + (sample.x + 0.5) * item.position.sx,
          y: item.position.y + (sample.y + 0.5) * item.position.sy,
        }
      : pane.toWorld(at.x, at.y);
    if (performance.now() - this.#clickedAt > 500) this.#pinnedBefore = this.state.cursor;
    this.#clickedAt = performance.now();
    if (this.ortho) return this.set(this.ortho.moveTo(pane, world));
    if (first) return;
    const found = { x: Math.floor(world.x), y: Math.floor(world.y) };
    const { cursor } = this.state;
    const { columns, rows } = this.config.images[0];
    if (found.x < 0 || found.y < 0 || found.x >= columns || found.y >= rows) return;
    this.set({ cursor: cursor?.x === found.x && cursor.y === found.y ? null : found });
  }

  /** Pin what is under the pointer, or in the middle; or unpin. */
  pinHere() {
    if (this.state.cursor && !this.ortho) return this.set({ cursor: null });
    const { pane, at } = this.hover ?? {
      pane: this.panes[0],
      at: { x: this.panes[0].width / 2, y: this.panes[0].height / 2 },
    };
    this.#clicked(pane, at, false);
  }
}
