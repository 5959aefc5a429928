// The clipboard, also of pages that have none of their own.

import { element } from "../base/dom.js";

/**
 * Copy a text; returns whether the browser has done so.
 * @param {string} text
 * @param {ShadowRoot} root to hold, for a moment, what is copied by hand
 * @returns {Promise<boolean>}
 */
export async function copyText(text, root) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyByHand(text, root); // without https there is no clipboard, or it is not allowed
  }
}

/** @param {string} text @param {ShadowRoot} root */
function copyByHand(text, root) {
  const area = element("textarea", { value: text, className: "spoken" });
  const before = /** @type {HTMLElement | null} */ (root.activeElement);
  root.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  before?.focus({ preventScroll: true });
  return done;
}
