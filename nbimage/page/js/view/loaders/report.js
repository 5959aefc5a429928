// What tells Python of explorers whose samples lie in the page, and has them follow it.

import { pageMemory } from "../base/page_memory.js";
import { syncState } from "./remote_state.js";

/** @typedef {import("../base/types.js").Model} Model */
/** @typedef {import("../viewer/viewer.js").Viewer} Viewer */

/** @type {WeakSet<Viewer>} that are reported already */
const known = new WeakSet();

/**
 * One explorer; returns what ends it.
 * @param {Viewer} viewer @param {Model} model @param {string} client @param {any} hello
 */
function report(viewer, model, client, hello) {
  const send = (/** @type {Record<string, any>} */ changes) => {
    try {
      model.send({ type: "state", client, changes });
    } catch {
      /* the kernel is gone */
    }
  };
  const state = syncState(viewer, send, hello.eager);
  const listen = (/** @type {any} */ message) => {
    if (message.type === "state" && message.client !== client) state.receive(message);
  };
  viewer.controls.push(state);
  state.receive({ changes: hello.config.state });
  model.on("msg:custom", listen);
  return () => {
    state.end();
    model.off("msg:custom", listen);
  };
}

/**
 * Begin; returns what ends it.
 * @param {{model: Model, client: string, hello: any}} all
 */
function begin({ model, client, hello }) {
  const names = new Set(hello.config.names);
  const memory = pageMemory();
  /** @type {(() => void)[]} */
  const ends = [];
  const find = () => {
    for (const viewer of memory.views.map((one) => one.deref())) {
      if (!viewer || known.has(viewer) || !names.has(viewer.root.dataset.view)) continue;
      known.add(viewer);
      ends.push(report(viewer, model, `${client}${ends.length}`, hello));
    }
  };
  const listen = (/** @type {any} */ { type, name }) => {
    if (type !== "shown") return;
    names.add(name);
    find();
  };
  memory.waiting.add(find);
  model.on("msg:custom", listen);
  find();
  return () => {
    memory.waiting.delete(find);
    model.off("msg:custom", listen);
    for (const end of ends) end();
  };
}

export default begin;
