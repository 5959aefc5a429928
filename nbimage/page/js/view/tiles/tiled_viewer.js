// The explorer of images of tiles, wherever these come from.

import { allImages } from "../layers/sources.js";
import { Viewer } from "../viewer/viewer.js";
import { NAVIGATOR_STYLE, navigatorControl } from "./navigator.js";
import { STATUS_STYLE, tileStatusControl } from "./tile_status.js";
import { TiledSource } from "./tiled_source.js";

/**
 * @param {Element} root the element that holds the plain picture
 * @param {import("../base/types.js").Config} config
 * @param {(image: number) => import("../base/types.js").Loader} loader of each image,
 *   then of labels
 * @param {import("../base/types.js").Control[]} more controls
 */
export function createTiledViewer(root, config, loader, more = []) {
  /** @type {TiledSource[]} */
  let sources = [];
  return new Viewer(/** @type {HTMLElement} */ (root), config, {
    sources: (draw) => {
      sources = allImages(config).map((image, i) => new TiledSource(image, loader(i), draw));
      return sources;
    },
    controls: (explorer) => [
      navigatorControl(explorer),
      tileStatusControl(explorer, sources),
      ...more,
    ],
    style: NAVIGATOR_STYLE + STATUS_STYLE,
  });
}
