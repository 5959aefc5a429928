// The widget's own few lines: the explorer itself comes from the kernel, once a page, so that no
// notebook has it in its saved state.

import { viewBytes } from "./view/base/buffers.js";
import { decodeBase64 } from "./view/base/bytes.js";
import { pageMemory } from "./view/base/page_memory.js";

/** @param {Uint8Array} packed */
async function unpack(packed) {
  const stream = new Blob([/** @type {BlobPart} */ (packed)])
    .stream()
    .pipeThrough(new DecompressionStream("deflate"));
  const url = URL.createObjectURL(
    new Blob([await new Response(stream).text()], { type: "text/javascript" }),
  );
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** @typedef {import("./view/base/types.js").Model} Model */
/** @typedef {import("./view/base/types.js").HelloMessage} HelloMessage */

/**
 * @param {{model: Model, el: HTMLElement}} widget `el` is of no page of a view that the page holds
 * @returns {() => void} what ends it
 */
function render({ model, el }) {
  const client = Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join(
    "",
  );
  const scripts = pageMemory().live;
  let ended = false;
  let end = () => {};
  const receive = async (
    /** @type {HelloMessage} */ message,
    /** @type {DataView[]} */ buffers = [],
  ) => {
    if (message?.type !== "hello" || message.client !== client || ended) return;
    const received = buffers.map(viewBytes);
    const lost = message.count > received.length && !message.texts;
    if (lost) return request(true); // this front-end loses what is binary
    model.off("msg:custom", receive);
    const all = message.texts ? message.texts.map(decodeBase64) : received;
    const packed = message.packed && all.shift();
    if (packed) scripts[message.script] ??= unpack(packed);
    try {
      const { default: begin } = await scripts[message.script];
      if (!ended) end = begin({ model, el, client, hello: message, buffers: all });
    } catch (error) {
      delete scripts[message.script];
      el.textContent = `The live view can't begin: ${error}`;
    }
  };
  const request = (/** @type {boolean} */ text) => {
    try {
      model.send({ type: "hello", client, have: Object.keys(scripts), text });
    } catch {
      /* the kernel is gone: what is there stays */
    }
  };
  model.on("msg:custom", receive);
  request(false);
  return () => {
    ended = true;
    model.off("msg:custom", receive);
    end();
  };
}

/** Nothing is displayed to report what is seen. @param {{model: Model}} widget */
const initialize = ({ model }) =>
  model.get("reports") ? render({ model, el: document.createElement("div") }) : undefined;

export default { initialize, render };
