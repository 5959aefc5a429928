// The widget's own few lines: the explorer itself comes from the kernel, once a page, so that no
// notebook has it in its saved state.

/** @returns {{live?: Record<string, Promise<any>>}} of the page, as view/memory.js has it */
const memory = () => (/** @type {any} */ (globalThis).nbimageViews ??= { kept: new Map(), scripts: {} });

/** @param {Uint8Array} packed */
async function unpacked(packed) {
  const stream = new Blob([/** @type {BlobPart} */ (packed)]).stream().pipeThrough(new DecompressionStream("deflate"));
  const url = URL.createObjectURL(new Blob([await new Response(stream).text()], { type: "text/javascript" }));
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** @typedef {import("./view/live.js").Model} Model */
/** @typedef {{type: string, client: string, count: number, script: string, packed: boolean, texts?: string[]}} Hello */

const bytes = (/** @type {DataView | ArrayBuffer} */ data) => (ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data));
const plain = (/** @type {string} */ text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** @param {{model: Model, el: HTMLElement}} given @returns {() => void} what ends it */
function render({ model, el }) {
  const client = Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("");
  const scripts = (memory().live ??= {});
  let ended = false, end = () => {};
  const heard = async (/** @type {Hello} */ said, /** @type {DataView[]} */ buffers = []) => {
    if (said?.type !== "hello" || said.client !== client || ended) return;
    const got = buffers.map(bytes), lost = said.count > got.length && !said.texts;
    if (lost) return ask(true); // this front-end loses what is binary
    model.off("msg:custom", heard);
    const all = said.texts ? said.texts.map(plain) : got;
    const packed = said.packed && all.shift();
    if (packed) scripts[said.script] ??= unpacked(packed);
    try {
      const { default: begin } = await scripts[said.script];
      if (!ended) end = begin({ model, el, client, hello: said, buffers: all });
    } catch (error) {
      delete scripts[said.script];
      el.textContent = `The live view can't begin: ${error}`;
    }
  };
  const ask = (/** @type {boolean} */ text) => {
    try {
      model.send({ type: "hello", client, have: Object.keys(scripts), text });
    } catch { /* the kernel is gone: what is there stays */ }
  };
  model.on("msg:custom", heard);
  ask(false);
  return () => {
    ended = true;
    model.off("msg:custom", heard);
    end();
  };
}

export default { render };
