// The explorer of images of tiles, wherever these come from.

import { Viewer } from "../viewer/viewer.js";
import { ANNOTATIONS_STYLE } from "./annotation_list.js";
import { annotationControl } from "./annotations.js";
import { NAVIGATOR_STYLE, navigatorControl } from "./navigator.js";
import { scaleBarControl } from "./scale_bar.js";
import { STATUS_STYLE, tileStatusControl } from "./tile_status.js";
import { TiledSource } from "./tiled_source.js";

/**
 * @param {Element} root the element that holds the plain picture
 * @param {import("../base/types.js").Config} config
 * @param {(image: number) => import("../base/types.js").Loader} loader of each image
 */
export function createTiledViewer(root, config, loader) {
  /** @type {TiledSource[]} */
  let sources = [];
  return new Viewer(/** @type {HTMLElement} */ (root), config, {
    sources: (draw) => {
      sources = config.images.map((image, i) => new TiledSource(image, loader(i), draw));
      return sources;
    },
    controls: (explorer) => [
      annotationControl(explorer),
      navigatorControl(explorer),
      scaleBarControl(explorer),
      tileStatusControl(explorer, sources),
    ],
    style: ANNOTATIONS_STYLE + NAVIGATOR_STYLE + STATUS_STYLE,
  });
}
