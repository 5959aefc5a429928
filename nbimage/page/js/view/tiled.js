// The explorer of images of tiles, wherever these come from.

import { large, LARGE_STYLE } from "./large.js";
import { shaping, SHAPES_STYLE } from "./shapes.js";
import { Tiled } from "./tiles.js";
import { Viewer } from "./viewer.js";

/**
 * @param {HTMLElement} root the element that holds the plain picture @param {import("./types.js").Config} config
 * @param {(image: number) => import("./types.js").Loader} loader of each image
 */
export function tiledViewer(root, config, loader) {
  /** @type {Tiled[]} */
  let sources = [];
  return new Viewer(root, config, {
    sources: (draw) => (sources = config.images.map((image, i) => new Tiled(image, loader(i), draw))),
    parts: (explorer) => [shaping(explorer), large(explorer, sources)],
    style: SHAPES_STYLE + LARGE_STYLE,
  });
}
