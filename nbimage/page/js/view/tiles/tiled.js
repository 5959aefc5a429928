// The explorer of images of tiles, wherever these come from.

import { Viewer } from "../viewer/viewer.js";
import { SHAPES_STYLE, shaping } from "./annotations.js";
import { LARGE_STYLE, large } from "./large.js";
import { Tiled } from "./tiles.js";

/**
 * @param {Element} root the element that holds the plain picture
 * @param {import("../base/types.js").Config} config
 * @param {(image: number) => import("../base/types.js").Loader} loader of each image
 */
export function tiledViewer(root, config, loader) {
  /** @type {Tiled[]} */
  let sources = [];
  return new Viewer(/** @type {HTMLElement} */ (root), config, {
    sources: (draw) =>
      (sources = config.images.map((image, i) => new Tiled(image, loader(i), draw))),
    parts: (explorer) => [shaping(explorer), large(explorer, sources)],
    style: SHAPES_STYLE + LARGE_STYLE,
  });
}
