// A page whose tiles a server has: beside the page, in the folder `tiles`.

import { createTiledViewer } from "../tiles/tiled_viewer.js";
import { readConfig } from "../values/parts.js";
import { createHttpLoader } from "./http.js";

for (const root of document.querySelectorAll(".nbimage-tiled")) {
  const config = readConfig(root);
  if (config)
    createTiledViewer(root, config, (image) => createHttpLoader(`tiles/${image}`)).start();
}
