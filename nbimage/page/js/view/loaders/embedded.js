// The explorer of images whose samples lie in the page.

import { pageMemory } from "../base/page_memory.js";
import { hasParts, readConfig } from "../values/parts.js";
import { onUpdate } from "../viewer/memory.js";
import { Viewer } from "../viewer/viewer.js";

function showAll() {
  for (const root of document.querySelectorAll(".nbimage-view")) show(root);
}

/** @param {Element} root that holds the plain picture and what is to be explored */
function show(root) {
  // not all of it has been read yet
  if (document.readyState === "loading" && !root.nextElementSibling) return;
  if (!hasParts(/** @type {HTMLElement} */ (root))) return; // another script's
  const config = readConfig(root);
  if (!config) return;
  const viewer = new Viewer(/** @type {HTMLElement} */ (root), config);
  viewer.start();
  const memory = pageMemory();
  memory.views = [...memory.views.filter((one) => one.deref()), new WeakRef(viewer)];
  for (const tell of memory.waiting) tell();
}

onUpdate(showAll);
showAll();
