// The explorer: an element's picture becomes a stage of panes, with all controls around it.

import { Camera, withItem } from "../base/camera.js";
import { followColors } from "../base/control_style.js";
import { button, element, setAria } from "../base/dom.js";
import { resizeEdges } from "../base/edges.js";
import { listenToGestures } from "../base/gestures.js";
import { STYLE } from "../base/style.js";
import { CONTRAST_STYLE, contrastControl } from "../contrast/contrast.js";
import { figureControls } from "../figure/controls.js";
import { openSources } from "../layers/sources.js";
import { SHAPES_STYLE } from "../shapes/panel.js";
import { shapesControl } from "../shapes/shapes.js";
import { decodePalette } from "../values/color.js";
import { parts } from "../values/parts.js";
import { sideColumn, toolBar } from "./controls.js";
import { countLetters, drawCursor, readPinned, readUnder } from "./cursor.js";
import { pressKey, viewerKeys } from "./keys.js";
import { gridStyle, planePanes, stageHeight, worldBox } from "./layout.js";
import { recall, remember } from "./memory.js";
import { Pane } from "./pane.js";
import { pointerTip, READING_STYLE, readingLine } from "./reading_line.js";
import { Shell } from "./shell.js";
import { tailControl } from "./tail.js";

/** @typedef {import("../base/types.js").Explorer} Explorer */
/** @typedef {import("../base/types.js").State} State */
/** @typedef {import("../base/types.js").Control} Control */
/** @typedef {import("../base/types.js").PaneSpec} PaneSpec */
/** @typedef {import("../base/types.js").Box} Box */
/** @typedef {{pane: Pane, at: {x: number, y: number}}} Hover */
/**
 * What another page has besides: other sources than those in the page, and controls.
 * @typedef {object} Extra
 * @property {(draw: () => void) => import("../base/types.js").Source[]} [sources] of images,
 *   labels
 * @property {(explorer: Explorer) => Control[]} [controls]
 * @property {string} [style]
 */

/** @implements {Explorer} */
export class Viewer extends Shell {
  /** @type {((change: Partial<State>) => void)[]} */
  #listeners = [];
  /** @type {(() => void)[]} */
  #drawn = [];
  #frame = 0;
  #loads = 0;
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
  /**
   * @param {HTMLElement} root
   * @param {import("../base/types.js").Config} config
   * @param {Extra} extra
   */
  constructor(root, config, extra = {}) {
    super();
    this.root = root;
    this.config = config;
    this.state = config.state;
    this.initial = config.state.displays;
    this.memory = recall(this);
    this.calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.sources = openSources(config, extra.sources?.(this.draw));
    this.style = extra.style ?? "";
    this.palettes = Object.fromEntries(
      Object.entries(config.palettes).map(([name, text]) => [name, decodePalette(text)]),
    );
    this.compare = (config.layout === "compare" && parts.compare?.control(this)) || null;
    this.ortho = (config.layout === "ortho" && parts.ortho?.(this)) || null;
    // pictures have no values
    const valued = config.images.every(({ tiles }) => !tiles || tiles.dtype);
    /** @type {Control[]} */
    this.controls = [
      ...(parts.axes ? [parts.axes.control(this)] : []),
      ...(valued ? [contrastControl(this)] : []),
      ...(parts.layers?.(this) ?? []),
      shapesControl(this),
      ...(valued ? [tailControl(this)] : []),
      ...(this.compare ? [this.compare] : []),
      ...(this.ortho ? [this.ortho] : []),
      ...(extra.controls?.(this) ?? []),
      ...figureControls(this),
    ];
    this.axes = parts.axes?.axes(this);
    this.axes?.fill(this.controls);
    this.keys = Object.assign(
      viewerKeys(this),
      this.axes?.keys,
      ...this.controls.map(({ opens }) => opens && { [opens.key]: () => this.open(opens.name) }),
      ...this.controls.map((control) => control.keys ?? {}),
    );
    this.tools = Object.assign({}, ...this.controls.map((control) => control.tools ?? {}));
    const { columns, rows, tiles, planes } = config.images[0];
    const letters = countLetters(this);
    this.read = readingLine(`${rows}×${columns} ${(tiles ?? planes[0]).dtype}`, letters);
    this.readPin = readingLine("", letters);
    this.tip = pointerTip();
    this.zoomed.onclick = () => this.zoom(1);
    this.#build();
  }

  /** Show it instead of the plain picture, once the first planes are at hand. */
  async start() {
    const fallback = /** @type {HTMLElement | null} */ (
      this.root.querySelector(".nbimage-fallback")
    );
    const { found } = this.memory;
    const before = found?.host.deref();
    const show = (/** @type {HTMLElement} */ host) => {
      if (fallback) fallback.style.display = "none";
      this.root.append(host);
    };
    if (before && !before.isConnected) show(before); // an update: no other picture in between
    await this.#load();
    if (before?.parentNode === this.root) before.remove();
    show(this.host);
    followColors(this.host);
    this.#arrange();
    const { viewport } = this.state;
    if (viewport) {
      this.panes[0].camera.show(viewport);
      this.focus.fitted = false;
    }
    this.#resized();
    if (found?.active && document.activeElement === document.body)
      this.panes[0].canvas.focus({ preventScroll: true });
    const sizes = new ResizeObserver(() => this.#resized());
    sizes.observe(this.stage);
    sizes.observe(this.ruler);
  }

  set = (/** @type {Partial<State>} */ change) => {
    Object.assign(this.state, change);
    if (change.index || change.projections || change.pair || change.mode)
      this.#load().catch((error) => this.hint(`Some values can't be read: ${error}`));
    if (change.pair || change.mode) this.#arrange();
    for (const listener of this.#listeners) listener(change);
    if (change.panels) this.#resized();
    this.draw();
  };

  on = (/** @type {(change: Partial<State>) => void} */ listener) => {
    this.#listeners.push(listener);
  };

  displayOf = (/** @type {number} */ image) =>
    this.state.displays[Math.min(image, this.state.displays.length - 1)];

  planeNumber = (index = this.state.index) =>
    parts.axes?.name(index, this.state.projections, this.config.axes) ?? 0;

  draw = () => {
    if (this.host.isConnected) this.#frame ||= requestAnimationFrame(() => this.#render());
  };

  settled = async () => {
    let awaited = null;
    while (awaited !== this.#loading) {
      awaited = this.#loading;
      await awaited;
    }
    await this.ortho?.ready();
    await this.compare?.ready();
    await new Promise((done) => {
      this.#drawn.push(() => done(undefined));
      this.draw();
    });
  };

  open = (/** @type {string} */ name, on = !this.state.panels.includes(name)) => {
    const rest = this.state.panels.filter((one) => one !== name);
    if (on === (rest.length === this.state.panels.length))
      this.set({ panels: on ? [...rest, name] : rest });
  };

  #build() {
    this.frame.append(
      ...resizeEdges(this.frame),
      ...this.controls.flatMap((control) => control.grip ?? []),
    );
    const styles = element("style", {
      textContent: [
        STYLE,
        parts.axes?.style,
        CONTRAST_STYLE,
        SHAPES_STYLE,
        parts.compare?.style,
        READING_STYLE,
        this.style,
      ].join(""),
    });
    this.frame.append(this.tip.node);
    const readout = element("div", { className: "readout" }, this.read.node);
    const notes = this.controls.flatMap((control) => control.note ?? []);
    this.top.append(...this.controls.flatMap((control) => control.beside ?? []));
    const { bar, help, all } = toolBar(this);
    this.bar = bar;
    this.help = help;
    this.below.append(...notes, readout, this.pinned, this.axes?.axes ?? "", ...all);
    this.side = sideColumn(this);
    this.shell.append(this.side);
    this.shadow.append(styles, this.ruler, this.shell, this.spoken);
    this.shell.addEventListener("keydown", (event) => pressKey(this, event));
  }

  // Panes

  #arrange() {
    const { stages } = this.config;
    if (stages && !this.frame.dataset.sized) {
      const [width, height] = stages[this.state.mode === "side" ? 0 : 1];
      Object.assign(this.config, { width, height });
    }
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
        focused: () => this.held(),
        hint: () => this.teach(),
      });
      return pane;
    });
    this.hover = null;
    this.top.classList.toggle(
      "named",
      specs.some(({ name }) => name),
    );
    this.stage.replaceChildren(...this.panes.map((pane) => pane.element));
    this.#resized();
    if (focused) this.panes[0].canvas.focus({ preventScroll: true });
  }

  #resized() {
    const { share, width: own } = this.config;
    if (!this.frame.dataset.sized)
      // with the border
      this.frame.style.width = `${(share * this.ruler.clientWidth || own) + 2}px`;
    const { clientWidth: width } = this.stage;
    if (!width) return; // in a hidden tab
    if (!this.frame.dataset.sized)
      this.frame.style.height = `${stageHeight(this.config, this.panes, width - 2) + 2}px`;
    const { clientHeight: height } = this.stage;
    this.arrange();
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
    const count = all[facet]?.size ?? 1; // of -1 there is none
    const shown = Array.from({ length: count }, (_, k) => withItem(index, facet, k));
    const images = this.compare && !/side|blink/.test(mode) ? pair : this.sources.map((_, i) => i);
    /** @type {import("../base/types.js").Plane[]} */
    const held = [];
    const own = ++this.#loads;
    const wanted = () => own === this.#loads; // planes that are long in making
    const coming = images.flatMap((image) =>
      shown.map(async (one) => {
        held.push(await this.sources[image].plane(this.planeNumber(one), wanted));
        this.draw();
      }),
    );
    this.ortho?.ready(); // its other planes come after what is seen at once
    const loading = Promise.all(coming);
    this.#loading = loading;
    await loading;
    if (loading === this.#loading) this.#held = held;
  }

  over = (/** @type {Pane} */ pane) => {
    if (!this.ortho) drawCursor(pane, this.state.cursor);
    for (const control of this.controls) control.over?.(pane, pane.context);
  };

  #render() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (!this.host.isConnected) return;
    for (const pane of this.panes) {
      pane.render();
      this.over(pane);
    }
    this.#read();
    remember(this);
    for (const done of this.#drawn.splice(0)) done();
  }

  // The readout

  #read() {
    const found = this.hover && readUnder(this, this.hover);
    this.read.show(found);
    this.tip.show(this.state.tip ? found : null, this.hover);
    const zoomed = `${Math.round(this.focus.scale * 100)} %`;
    if (this.zoomed.textContent !== zoomed) {
      this.zoomed.textContent = zoomed;
      setAria(this.zoomed, { label: `${zoomed}: one to one (1)` });
    }
    const pin = readPinned(this);
    this.pinned.hidden = !pin;
    if (!pin) return;
    if (!this.pinned.firstChild) {
      this.pinned.append(
        this.readPin.node,
        button("copy", "Copy the value (Ctrl+C)", () => this.copy(readPinned(this)?.alone ?? "")),
        button("×", "Unpin (Esc)", () => this.set({ cursor: null }), { label: "Unpin" }),
      );
    }
    this.readPin.show(pin, true);
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
    if (!first) for (const control of this.controls) control.clicked?.(pane, world);
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
