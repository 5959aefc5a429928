// A page whose tiles a server has: beside the page, in the folder `tiles`.

import { HttpLoader } from "./http.js";
import { tiledViewer } from "./tiled.js";

/** @param {HTMLElement} root */
export function served(root) {
  const told = root.querySelector(":scope > script[type='application/json']");
  if (root.dataset.ready || !told) return;
  root.dataset.ready = "1";
  tiledViewer(root, JSON.parse(told.textContent ?? "{}"), (image) => new HttpLoader(`tiles/${image}`)).start();
}
