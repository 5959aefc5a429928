// The explorer of the tiles that a notebook keeps of a live view, where that can't be shown.

import { element } from "../base/dom.js";
import { tileKey } from "../tiles/tile_key.js";
import { createTiledViewer } from "../tiles/tiled_viewer.js";
import { hasParts, readConfig } from "../values/parts.js";
import { onUpdate } from "../viewer/memory.js";
import { hideWords } from "./still_view.js";

/** @typedef {import("../base/types.js").Config} Config */
/** @typedef {import("../base/types.js").Loader} Loader */
/** @typedef {Record<string, [string, string]>} KeptTiles dtype and base85, by the tile's key */
/**
 * The finest level that is there whole, and the tiles of each image.
 * @typedef {Config & {whole: number, kept?: KeptTiles[]}} KeptConfig
 */

const COMES_IN = 1000; // milliseconds within which a live view comes, if there is a kernel

/** @implements {Loader} */
class KeptLoader {
  /** @type {Parameters<Loader["on"]>[0]} */
  #deliver = () => {};

  /** @param {KeptTiles} tiles */
  constructor(tiles) {
    this.tiles = tiles;
  }

  /** @param {Parameters<Loader["on"]>[0]} listener */
  on(listener) {
    this.#deliver = listener;
  }

  /** @param {import("../base/types.js").TileAddress[]} wanted */
  request(wanted) {
    for (const address of wanted) {
      const [dtype, data] = this.tiles[tileKey(address)] ?? [];
      queueMicrotask(() =>
        dtype && data
          ? this.#deliver(address, { dtype, data, encoding: "base85" }, {})
          : this.#deliver(address, null, { absent: true }),
      );
    }
  }
}

/** What is not there, and how to have it. @param {KeptConfig} config */
function describeKept({ whole, images, axes }) {
  const planes = axes.reduce((count, { size }) => count * size, 1);
  if (!whole && planes === 1) return [];
  const { coarsest = 0 } = images[0].tiles ?? {};
  const all = whole > coarsest ? "what was looked at" : `1:${2 ** whole} and what was looked at`;
  const kept = whole ? all : "one plane and what was looked at";
  const textContent = `Kept here: ${kept}. Run the cell again for full detail.`;
  return [{ note: element("div", { className: "note kept", role: "note", textContent }) }];
}

/** @param {HTMLElement} root */
function show(root) {
  if (document.readyState === "loading" && !root.nextElementSibling) return; // not all is read
  if (!hasParts(root)) return; // another script's
  const config = /** @type {KeptConfig | null} */ (readConfig(root));
  if (!config) return;
  hideWords(root);
  const live = () =>
    [...document.querySelectorAll(".nbimage-live")].some(
      (one) => /** @type {HTMLElement} */ (one).dataset.view === root.dataset.view,
    );
  const { kept } = config;
  if (!kept?.some((tiles) => Object.keys(tiles).length)) return;
  const watch = new IntersectionObserver((entries) => {
    if (live() || !entries.some(({ isIntersecting }) => isIntersecting)) return;
    watch.disconnect();
    const loader = (/** @type {number} */ image) => new KeptLoader(kept[image] ?? {});
    createTiledViewer(root, config, loader, describeKept(config)).start();
  });
  setTimeout(() => watch.observe(root), COMES_IN);
}

function showAll() {
  for (const root of document.querySelectorAll(".nbimage-still"))
    show(/** @type {HTMLElement} */ (root));
}

onUpdate(showAll);
showAll();
