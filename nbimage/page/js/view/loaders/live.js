// The explorer as a widget: tiles, and all that changes, go by messages between the page and the
// kernel.

import { decodeBase64, viewBytes } from "../base/bytes.js";
import { button, made } from "../base/dom.js";
import { tileKey } from "../base/tile_key.js";
import { tiledViewer } from "../tiles/tiled_viewer.js";
import { telling } from "./remote_state.js";

/** @typedef {import("../base/types.js").Address} Address */
/** @typedef {import("../base/types.js").Loader} Loader */
/** @typedef {import("../base/types.js").Found} Found */
/** @typedef {import("../base/types.js").About} About */
/**
 * What a front-end gives: its own words for a message.
 * @typedef {{send: (content: any) => void, on: (name: string, told: (...all: any[]) => void) =>
 *   void, off: (name: string, told: (...all: any[]) => void) => void}} Model
 */
/**
 * @typedef {{image: number, address: number[], dtype: string, rough?: boolean, share?: number,
 *   error?: string, text?: string, bytes?: number}} TileSaid
 */

// tiles of an image that are asked for at once: what is left behind is soon over
const ON_THE_WAY = 16;
const DECODED_IN = 1000; // milliseconds
const GONE = "the kernel is gone: run the cell again";

/** @implements {Loader} */
class LiveLoader {
  /** @type {Address[]} */
  #wanted = [];
  /** @type {Set<string>} asked for and not answered yet */
  #coming = new Set();
  /** @type {Map<string, number>} when those came that are being decoded */
  #handed = new Map();
  /** @type {Map<string, {said: TileSaid, data: Uint8Array}>} those that came unasked */
  #given = new Map();
  /** @type {Parameters<Loader["on"]>[0]} */
  #told = () => {};
  #share = 1;

  /** @param {Talk} talk @param {number} image */
  constructor(talk, image) {
    this.talk = talk;
    this.image = image;
  }

  /** @param {Parameters<Loader["on"]>[0]} told */
  on(told) {
    this.#told = told;
  }

  progress() {
    return this.#share < 1 ? this.#share : null;
  }

  stop() {
    this.#share = 1;
    this.talk.send({ type: "stop", image: this.image });
  }

  /** Have a tile at hand before it is asked for. @param {TileSaid} said @param {Uint8Array} data */
  give(said, data) {
    this.#given.set(tileKey(addressOf(said)), { said, data });
  }

  /** @param {Address[]} wanted */
  ask(wanted) {
    this.#wanted = wanted;
    for (const address of wanted) {
      const key = tileKey(address);
      const given = this.#given.get(key);
      if (!given) continue;
      this.#given.delete(key);
      this.got(given.said, given.data);
    }
    this.#next();
  }

  #next() {
    const now = performance.now();
    const open = this.#wanted.filter(
      (one) => !(now - (this.#handed.get(tileKey(one)) ?? -DECODED_IN) < DECODED_IN),
    );
    const keys = open.map(tileKey);
    const wanted = new Set(keys);
    const left = [...this.#coming].filter((key) => !wanted.has(key)).length;
    const first = keys.slice(0, ON_THE_WAY / 2);
    const more = keys.slice(0, ON_THE_WAY);
    if (
      !left &&
      first.every((key) => this.#coming.has(key)) &&
      (this.#coming.size > ON_THE_WAY / 2 || more.every((key) => this.#coming.has(key)))
    )
      return;
    this.#coming = new Set(more);
    this.talk.want(this.image, open.slice(0, ON_THE_WAY));
  }

  /** @param {TileSaid} said @param {Uint8Array | null} data */
  got(said, data) {
    const { dtype, rough = false, share = 1, error = "" } = said;
    const address = addressOf(said);
    const key = tileKey(address);
    this.#coming.delete(key);
    this.#share = share;
    this.#wanted = this.#wanted.filter((one) => tileKey(one) !== key);
    if (!rough && !error) this.#handed.set(key, performance.now());
    if (this.#handed.size > 256) this.#handed = new Map([...this.#handed].slice(-64));
    this.#told(address, error || !data ? null : { dtype, data, code: "bytes" }, { error, rough });
  }

  /** Ask for a tile that was lost. @param {TileSaid} said */
  again(said) {
    this.#coming.delete(tileKey(addressOf(said)));
    this.#next();
  }

  /** Nothing comes any more. @param {string} why */
  fail(why) {
    this.#coming.clear();
    for (const address of this.#wanted.splice(0)) this.#told(address, null, { error: why });
  }
}

/** @param {TileSaid} said @returns {Address} */
const addressOf = ({ address: [plane, level, column, row] }) => ({ plane, level, column, row });

/** One page's talk with the kernel. */
class Talk {
  /** @type {Map<number, Address[]>} what has to be said of each image */
  #wanted = new Map();
  #epoch = 0;
  #over = false;
  /** @type {LiveLoader[]} */
  loaders = [];
  /** @type {(said: any) => void} */
  heard = () => {};

  /** @param {Model} model @param {HTMLElement} el @param {string} client */
  constructor(model, el, client) {
    this.text = false; // tiles have to be sent as letters
    this.model = model;
    this.el = el;
    this.client = client;
    model.on("msg:custom", this.#listen);
    model.on("comm_live_update", this.#look);
  }

  /** @param {any} content */
  send(content) {
    if (!this.#gone) {
      try {
        return this.model.send({ ...content, client: this.client });
      } catch {
        this.#over = true;
      }
    }
    setTimeout(() => {
      for (const loader of this.loaders) loader.fail(GONE);
    });
  }

  /** @param {number} image @param {Address[]} tiles */
  want(image, tiles) {
    if (!this.#wanted.size)
      queueMicrotask(() => {
        // all that a frame wants, of all images, at once
        const wanted = [...this.#wanted].map(([image, all]) => ({
          image,
          tiles: all.map(({ plane, level, column, row }) => [plane, level, column, row]),
        }));
        this.#wanted.clear();
        this.send({ type: "want", epoch: ++this.#epoch, text: this.text, wanted });
      });
    this.#wanted.set(image, tiles);
  }

  end() {
    this.send({ type: "bye" });
    this.#over = true;
    this.model.off("msg:custom", this.#listen);
    this.model.off("comm_live_update", this.#look);
  }

  /** JupyterLab marks the views of a kernel that has ended. */
  get #gone() {
    return this.#over || this.el.closest(".jupyter-widgets-disconnected") !== null;
  }

  #look = () => {
    setTimeout(() => {
      if (this.#gone) for (const loader of this.loaders) loader.fail(GONE);
    });
  };

  #listen = (/** @type {any} */ said, /** @type {(DataView | ArrayBuffer)[]} */ buffers = []) => {
    if (said.type === "tile") {
      if (said.client === this.client) this.#tile(said, buffers);
    } else if (said.type === "state" && said.client !== this.client) this.heard(said);
    else if (said.type === "gone") {
      this.#over = true;
      for (const loader of this.loaders) loader.fail(GONE);
    }
  };

  /** @param {TileSaid} said @param {(DataView | ArrayBuffer)[]} buffers */
  #tile(said, [buffer]) {
    const loader = this.loaders[said.image];
    const data = said.text ? decodeBase64(said.text) : buffer ? viewBytes(buffer) : null;
    if (!said.error && !said.text && data?.length !== said.bytes) {
      // a front-end that loses what is binary
      this.text = true;
      return loader?.again(said);
    }
    loader?.got(said, data);
  }
}

/**
 * Begin; returns what ends it.
 * @param {{model: Model, el: HTMLElement, client: string, hello: any, buffers: Uint8Array[]}} all
 */
function begin({ model, el, client, hello, buffers }) {
  const root = made("div", { className: "nbimage-live" });
  const talk = new Talk(model, el, client);
  root.style.maxWidth = "100%";
  talk.text = hello.texts !== undefined;
  el.append(root);
  const viewer = tiledViewer(root, hello.config, (image) => {
    const loader = new LiveLoader(talk, image);
    talk.loaders[image] = loader;
    return loader;
  });
  hello.tiles.forEach((/** @type {TileSaid} */ said, /** @type {number} */ i) =>
    talk.loaders[said.image].give(said, buffers[i]),
  );
  const state = telling(viewer, (changes) => talk.send({ type: "state", changes }), hello.eager);
  viewer.parts.push(state);
  talk.heard = state.heard;
  /** @type {HTMLElement[]} */
  let hidden = [];
  const show = () =>
    viewer.start().then(
      () => {
        hidden = stills(el, hello.view);
        for (const one of hidden) one.style.display = "none";
      },
      (error) => {
        const retry = button("retry", "", () => {
          root.replaceChildren();
          show();
        });
        root.replaceChildren(
          made("span", { textContent: `${error instanceof Error ? error.message : error} ` }),
          retry,
        );
      },
    );
  show();
  return () => {
    state.end();
    talk.end();
    root.remove();
    for (const one of hidden) one.style.display = "";
  };
}

/**
 * The pictures that stand for this view.
 * @param {HTMLElement} el
 * @param {string} view
 * @returns {HTMLElement[]}
 */
function stills(el, view) {
  const near = el.closest(".jp-OutputArea") ?? document;
  const found = /** @type {HTMLElement[]} */ ([...near.querySelectorAll(".nbimage-still")]).filter(
    (one) => one.dataset.view === view,
  );
  return found.map((one) => one.closest(".jp-OutputArea-child") ?? one);
}

export default begin;
