// The explorer as a widget: tiles, and all that changes, go by messages between the page and the kernel.

import { made } from "./dom.js";
import { telling } from "./remote_state.js";
import { tiledViewer } from "./tiled.js";

/** @typedef {import("./types.js").Address} Address */
/** @typedef {import("./types.js").Loader} Loader */
/** @typedef {import("./types.js").Found} Found */
/** @typedef {import("./types.js").About} About */
/** What a front-end gives: its own words for a message. @typedef {{send: (content: any) => void, on: (name: string, told: (...all: any[]) => void) => void, off: (name: string, told: (...all: any[]) => void) => void}} Model */
/** @typedef {{image: number, address: number[], dtype: string, rough?: boolean, share?: number, error?: string, text?: string, bytes?: number}} TileSaid */

const ON_THE_WAY = 16; // tiles of an image that are asked for at once: what is left behind is soon over
const DECODED_IN = 1000; // milliseconds
const GONE = "the kernel is gone: run the cell again";

/** @param {Address} address */
const liveKey = ({ plane, level, column, row }) => `${plane}/${level}/${column}_${row}`;

/** @implements {Loader} */
export class LiveLoader {
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
  on(told) { this.#told = told; }

  progress() { return this.#share < 1 ? this.#share : null; }

  stop() {
    this.#share = 1;
    this.talk.send({ type: "stop", image: this.image });
  }

  /** Have a tile at hand before it is asked for. @param {TileSaid} said @param {Uint8Array} data */
  give(said, data) { this.#given.set(liveKey(addressOf(said)), { said, data }); }

  /** @param {Address[]} wanted */
  ask(wanted) {
    this.#wanted = wanted;
    for (const address of wanted) {
      const key = liveKey(address), given = this.#given.get(key);
      if (given) this.#given.delete(key), this.got(given.said, given.data);
    }
    this.#next();
  }

  #next() {
    const now = performance.now(), open = this.#wanted.filter((one) => !(now - (this.#handed.get(liveKey(one)) ?? -DECODED_IN) < DECODED_IN));
    const keys = open.map(liveKey), wanted = new Set(keys);
    const left = [...this.#coming].filter((key) => !wanted.has(key)).length;
    const first = keys.slice(0, ON_THE_WAY / 2), more = keys.slice(0, ON_THE_WAY);
    if (!left && first.every((key) => this.#coming.has(key)) && (this.#coming.size > ON_THE_WAY / 2 || more.every((key) => this.#coming.has(key)))) return;
    this.#coming = new Set(more);
    this.talk.want(this.image, open.slice(0, ON_THE_WAY));
  }

  /** @param {TileSaid} said @param {Uint8Array | null} data */
  got(said, data) {
    const { dtype, rough = false, share = 1, error = "" } = said, address = addressOf(said), key = liveKey(address);
    this.#coming.delete(key);
    this.#share = share;
    this.#wanted = this.#wanted.filter((one) => liveKey(one) !== key);
    if (!rough && !error) this.#handed.set(key, performance.now());
    if (this.#handed.size > 256) this.#handed = new Map([...this.#handed].slice(-64));
    this.#told(address, error || !data ? null : { dtype, data, code: "bytes" }, { error, rough });
  }

  /** Ask for a tile that was lost. @param {TileSaid} said */
  again(said) {
    this.#coming.delete(liveKey(addressOf(said)));
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
export class Talk {
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
    setTimeout(() => { for (const loader of this.loaders) loader.fail(GONE); });
  }

  /** @param {number} image @param {Address[]} tiles */
  want(image, tiles) {
    if (!this.#wanted.size) queueMicrotask(() => { // all that a frame wants, of all images, at once
      const wanted = [...this.#wanted].map(([image, all]) => ({ image, tiles: all.map(({ plane, level, column, row }) => [plane, level, column, row]) }));
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
  get #gone() { return this.#over || this.el.closest(".jupyter-widgets-disconnected") !== null; }

  #look = () => { setTimeout(() => { if (this.#gone) for (const loader of this.loaders) loader.fail(GONE); }); };

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
    const loader = this.loaders[said.image], data = said.text ? lettersOf(said.text) : buffer ? rawOf(buffer) : null;
    if (!said.error && !said.text && data?.length !== said.bytes) { // a front-end that loses what is binary
      this.text = true;
      return loader?.again(said);
    }
    loader?.got(said, data);
  }
}

/** @param {DataView | ArrayBuffer} buffer */
const rawOf = (buffer) => (ArrayBuffer.isView(buffer) ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength) : new Uint8Array(buffer));
/** @param {string} text */
const lettersOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/**
 * Begin; returns what ends it.
 * @param {{model: Model, el: HTMLElement, client: string, hello: any, buffers: Uint8Array[]}} all
 */
export function live({ model, el, client, hello, buffers }) {
  const root = made("div", { className: "nbimage-live" }), talk = new Talk(model, el, client);
  root.style.maxWidth = "100%";
  talk.text = hello.texts !== undefined;
  el.append(root);
  const viewer = tiledViewer(root, hello.config, (image) => (talk.loaders[image] = new LiveLoader(talk, image)));
  hello.tiles.forEach((/** @type {TileSaid} */ said, /** @type {number} */ i) => talk.loaders[said.image].give(said, buffers[i]));
  const state = telling(viewer, (changes) => talk.send({ type: "state", changes }), hello.eager);
  viewer.parts.push(state);
  talk.heard = state.heard;
  /** @type {HTMLElement[]} */
  let hidden = [];
  const begin = () => viewer.start().then(() => {
    hidden = stills(el, hello.view);
    for (const one of hidden) one.style.display = "none";
  }, (error) => {
    const retry = made("button", { type: "button", textContent: "retry", onclick: () => { root.replaceChildren(); begin(); } });
    root.replaceChildren(made("span", { textContent: `${error instanceof Error ? error.message : error} ` }), retry);
  });
  begin();
  return () => {
    state.end();
    talk.end();
    root.remove();
    for (const one of hidden) one.style.display = "";
  };
}

/** The pictures that stand for this view. @param {HTMLElement} el @param {string} view @returns {HTMLElement[]} */
function stills(el, view) {
  const near = el.closest(".jp-OutputArea") ?? document;
  const found = /** @type {HTMLElement[]} */ ([...near.querySelectorAll(".nbimage-still")]).filter((one) => one.dataset.view === view);
  return found.map((one) => one.closest(".jp-OutputArea-child") ?? one);
}
