// The explorer as a widget: tiles, and all that changes, go by messages between the page and the
// kernel.

import "../compare/part.js";
import "../figure/part.js";
import "../layers/part.js";
import "../ortho/part.js";
import "../project/part.js";
import { viewBytes } from "../base/buffers.js";
import { decodeBase64 } from "../base/bytes.js";
import { button, element } from "../base/dom.js";
import { tileKey } from "../tiles/tile_key.js";
import { createTiledViewer } from "../tiles/tiled_viewer.js";
import { syncState } from "./remote_state.js";
import { streamData } from "./stream.js";

/** @typedef {import("../base/types.js").TileAddress} TileAddress */
/** @typedef {import("../base/types.js").Loader} Loader */
/** @typedef {import("../base/types.js").TileData} TileData */
/** @typedef {import("../base/types.js").TileInfo} TileInfo */
/** @typedef {import("../base/types.js").Model} Model */
/** @typedef {import("../base/types.js").TileMessage} TileMessage */

// tiles of an image that are asked for at once: what is left behind is soon over
const ON_THE_WAY = 16;
const DECODED_IN = 1000; // milliseconds
const GONE = "the kernel is gone: run the cell again";

/** @implements {Loader} */
class LiveLoader {
  /** @type {TileAddress[]} */
  #wanted = [];
  /** @type {Set<string>} asked for and not answered yet */
  #coming = new Set();
  /** @type {Map<string, number>} when those came that are being decoded */
  #handed = new Map();
  /** @type {Map<string, {message: TileMessage, data: Uint8Array}>} those that came unasked */
  #preloaded = new Map();
  /** @type {Parameters<Loader["on"]>[0]} */
  #deliver = () => {};
  #share = 1;

  /** @param {Connection} connection @param {number} image */
  constructor(connection, image) {
    this.connection = connection;
    this.image = image;
  }

  /** @param {Parameters<Loader["on"]>[0]} listener */
  on(listener) {
    this.#deliver = listener;
  }

  progress() {
    return this.#share < 1 ? this.#share : null;
  }

  stop() {
    this.#share = 1;
    this.connection.send({ type: "stop", image: this.image });
  }

  /**
   * Have a tile at hand before it is asked for.
   * @param {TileMessage} message
   * @param {Uint8Array} data
   */
  preload(message, data) {
    this.#preloaded.set(tileKey(readAddress(message)), { message: message, data });
  }

  /** @param {TileAddress[]} wanted */
  request(wanted) {
    this.#wanted = wanted;
    for (const address of wanted) {
      const key = tileKey(address);
      const tile = this.#preloaded.get(key);
      if (!tile) continue;
      this.#preloaded.delete(key);
      this.receive(tile.message, tile.data);
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
    this.connection.request(this.image, open.slice(0, ON_THE_WAY));
  }

  /** @param {TileMessage} message @param {Uint8Array | null} data */
  receive(message, data) {
    const { dtype, rough = false, progress = 1, error = "" } = message;
    const address = readAddress(message);
    const key = tileKey(address);
    this.#coming.delete(key);
    this.#share = progress;
    this.#wanted = this.#wanted.filter((one) => tileKey(one) !== key);
    if (!rough && !error) this.#handed.set(key, performance.now());
    if (this.#handed.size > 256) this.#handed = new Map([...this.#handed].slice(-64));
    this.#deliver(address, error || !data ? null : { dtype, data, encoding: "bytes" }, {
      error,
      rough,
    });
  }

  /** What was asked for is of other data now. */
  renew() {
    this.#coming.clear();
    this.#handed.clear();
    this.#preloaded.clear();
  }

  /** Ask for a tile that was lost. @param {TileMessage} message */
  requestAgain(message) {
    this.#coming.delete(tileKey(readAddress(message)));
    this.#next();
  }

  /** Nothing comes any more. @param {string} why */
  fail(why) {
    this.#coming.clear();
    for (const address of this.#wanted.splice(0)) this.#deliver(address, null, { error: why });
  }
}

/** @param {TileMessage} message @returns {TileAddress} */
const readAddress = ({ address: [plane, level, column, row] }) => ({ plane, level, column, row });

/** One page's connection with the kernel. */
class Connection {
  /** @type {Map<number, TileAddress[]>} what has to be requested of each image */
  #requests = new Map();
  #epoch = 0;
  #over = false;
  /** @type {LiveLoader[]} */
  loaders = [];
  /** @type {(message: any) => void} */
  onState = () => {};
  /** @type {ReturnType<typeof streamData> | null} */
  stream = null;
  /** @type {(message: any) => void} */
  onMeasured = () => {};

  /** @param {Model} model @param {HTMLElement} el @param {string} client */
  constructor(model, el, client) {
    this.generation = 0; // of the data that are shown: how often they were replaced
    this.images = 0; // those after these are labels, which are not replaced
    this.text = false; // tiles have to be sent as letters
    this.model = model;
    this.el = el;
    this.client = client;
    model.on("msg:custom", this.#listen);
    model.on("comm_live_update", this.#checkComms);
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
      this.#fail();
    });
  }

  #fail() {
    for (const loader of this.loaders) loader.fail(GONE);
    this.onMeasured({});
  }

  /** @param {number} image @param {TileAddress[]} tiles */
  request(image, tiles) {
    if (!this.#requests.size)
      queueMicrotask(() => {
        // all that a frame wants, of all images, at once
        const requests = [...this.#requests].map(([image, all]) => ({
          image,
          tiles: all.map(({ plane, level, column, row }) => [plane, level, column, row]),
        }));
        this.#requests.clear();
        this.send({ type: "request", epoch: ++this.#epoch, text: this.text, requests });
      });
    this.#requests.set(image, tiles);
  }

  end() {
    this.send({ type: "bye" });
    this.#over = true;
    this.model.off("msg:custom", this.#listen);
    this.model.off("comm_live_update", this.#checkComms);
  }

  /** JupyterLab marks the views of a kernel that has ended. */
  get #gone() {
    return this.#over || this.el.closest(".jupyter-widgets-disconnected") !== null;
  }

  #checkComms = () => {
    setTimeout(() => {
      if (this.#gone) this.#fail();
    });
  };

  #listen = (
    /** @type {any} */ message,
    /** @type {(DataView | ArrayBuffer)[]} */ buffers = [],
  ) => {
    if (message.type === "tile") {
      if (message.client === this.client) this.#tile(message, buffers);
    } else if (message.type === "data") {
      if (message.client === this.client) this.#data(message, buffers);
    } else if (message.type === "measured") {
      if (message.client === this.client) this.onMeasured(message);
    } else if (message.type === "state" && message.client !== this.client) this.onState(message);
    else if (message.type === "gone") {
      this.#over = true;
      this.#fail();
    }
  };

  /**
   * @param {import("../base/types.js").DataMessage} message
   * @param {(DataView | ArrayBuffer)[]} buffers
   */
  #data(message, buffers) {
    const { texts, tiles, count } = message;
    const data = texts ? texts.map(decodeBase64) : buffers.map(viewBytes);
    const lost = data.length < count; // they are asked for one by one
    this.stream?.receive(lost ? { ...message, tiles: [] } : message, lost ? [] : data);
    if (lost && tiles.length) this.text = true;
  }

  /** @param {TileMessage} message @param {(DataView | ArrayBuffer)[]} buffers */
  #tile(message, [buffer]) {
    const { generation = 0, error, image } = message;
    if (!error && image < this.images && generation !== this.generation) {
      // newer data come with a message of their own, and what is asked for then
      if (generation > this.generation) this.stream?.hurry();
      return;
    }
    const loader = this.loaders[image];
    const data = message.text ? decodeBase64(message.text) : buffer ? viewBytes(buffer) : null;
    if (!error && !message.text && data?.length !== message.bytes) {
      // a front-end that loses what is binary
      this.text = true;
      return loader?.requestAgain(message);
    }
    loader?.receive(message, data);
  }
}

/**
 * Begin; returns what ends it.
 * @param {{model: Model, el: HTMLElement, client: string, hello: any, buffers: Uint8Array[]}} all
 */
function begin({ model, el, client, hello, buffers }) {
  const root = element("div", { className: "nbimage-live" });
  const connection = new Connection(model, el, client);
  root.style.maxWidth = "100%";
  if (!hello.title) root.style.paddingTop = "5px"; // a colorbar's upper number stands out by that
  root.dataset.view = hello.view;
  connection.text = hello.texts !== undefined;
  const title = element("div", { textContent: hello.title });
  title.style.cssText = "font:600 13px/1.5 system-ui,sans-serif;overflow-wrap:anywhere";
  el.append(title, root);
  const viewer = createTiledViewer(root, hello.config, (image) => {
    const loader = new LiveLoader(connection, image);
    connection.loaders[image] = loader;
    return loader;
  });
  hello.tiles.forEach((/** @type {TileMessage} */ message, /** @type {number} */ i) =>
    connection.loaders[message.image].preload(message, buffers[i]),
  );
  const state = syncState(
    viewer,
    (changes) => connection.send({ type: "state", changes }),
    hello.eager,
  );
  viewer.controls.push(state);
  let asked = 0;
  viewer.measure = (kind, parts) =>
    new Promise((done) => {
      const number = ++asked;
      connection.onMeasured({}); // what came before is not waited for
      connection.onMeasured = (message) => {
        if ((message.number ?? number) === number) done(message);
      };
      connection.send({ type: "measure", number, kind, parts });
    });
  connection.onState = state.receive;
  connection.generation = hello.generation;
  connection.images = hello.config.images.length;
  connection.stream = streamData(
    viewer,
    (changes) => state.receive({ changes }),
    (message) => connection.send(message),
    (generation) => {
      connection.generation = generation;
    },
  );
  /** @type {HTMLElement[]} */
  let hidden = [];
  const show = () =>
    viewer.start().then(
      () => {
        hidden = findStills(el, hello.view);
        for (const one of hidden) one.style.display = "none";
      },
      (error) => {
        const retry = button("retry", "", () => {
          root.replaceChildren();
          show();
        });
        root.replaceChildren(
          element("span", { textContent: `${error instanceof Error ? error.message : error} ` }),
          retry,
        );
      },
    );
  show();
  return () => {
    state.end();
    connection.end();
    title.remove();
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
function findStills(el, view) {
  const near = el.closest(".jp-OutputArea") ?? document;
  const found = /** @type {HTMLElement[]} */ ([...near.querySelectorAll(".nbimage-still")]).filter(
    (one) => one.dataset.view === view,
  );
  return found.map((one) => one.closest(".jp-OutputArea-child") ?? one.closest(".nbimage") ?? one);
}

export default begin;
