// The picture that stands above a live view. One with tiles that are kept has its own script.

import { hideWords } from "./still_view.js";

for (const root of document.querySelectorAll(".nbimage-still")) {
  const { dataset } = /** @type {HTMLElement} */ (root);
  if (dataset.ready || root.querySelector("script[type]")) continue;
  dataset.ready = "1";
  hideWords(/** @type {HTMLElement} */ (root));
}
