// A page whose tiles lie in the folder beside it: pictures, or values as scripts. Both come without
// a request that a page opened from a disk may not make.

import { allImages } from "../layers/sources.js";
import { createTiledViewer } from "../tiles/tiled_viewer.js";
import { readConfig } from "../values/parts.js";
import { QueuedLoader } from "./queued_loader.js";

/** @typedef {import("./queued_loader.js").Done} Done */
/**
 * What its tiles are besides.
 * @typedef {import("../base/types.js").TilesConfig & {format?: string, last?: number}} FolderTiles
 */

/** @param {string} path @param {Done} done */
function loadPicture(path, done) {
  const picture = new Image();
  picture.onload = () =>
    picture
      .decode()
      .catch(() => {})
      .then(() => done(picture, {}));
  picture.onerror = () => done(null, { error: `${path} can't be loaded` });
  picture.src = path;
  return () => {
    picture.onload = null;
    picture.onerror = null;
    picture.src = "";
  };
}

/** @param {string} path @param {Done} done */
function loadValues(path, done) {
  const script = document.createElement("script");
  const end = () => {
    const { tile } = /** @type {{tile?: import("../base/types.js").StoredPlane}} */ (
      /** @type {unknown} */ (script)
    );
    script.remove();
    done(tile ?? null, tile ? {} : { error: `${path} can't be loaded` });
  };
  script.onload = end;
  script.onerror = end;
  script.src = path;
  document.head.append(script);
  return null;
}

/** @param {string} base the image's folder @param {FolderTiles} tiles */
function createFolderLoader(base, { dtype, format, last = 0 }) {
  /** @param {import("../base/types.js").TileAddress} address */
  const nameTile = ({ plane, level, column, row }) =>
    dtype
      ? `${base}/${plane}/${level}/${column}_${row}.js`
      : `${base}/${plane}_files/${last - level}/${column}_${row}.${format}`;
  return new QueuedLoader(nameTile, dtype ? loadValues : loadPicture);
}

for (const root of document.querySelectorAll(".nbimage-tiled")) {
  const config = readConfig(root);
  if (!config) continue;
  const all = allImages(config);
  const tiles = (/** @type {number} */ image) => /** @type {FolderTiles} */ (all[image].tiles);
  createTiledViewer(root, config, (image) =>
    createFolderLoader(`tiles/${image}`, tiles(image)),
  ).start();
}
