// What opens above all else, and is closed by Esc or a press beside it.

import { clamp } from "./camera.js";

/**
 * Have a button show and hide an element; above the button, or below it where no room is.
 * @param {HTMLButtonElement} opener
 * @param {HTMLElement} node
 * @param {HTMLElement} [over] what it lies over instead
 */
export function popup(opener, node, over) {
  node.classList.add("popup");
  node.addEventListener("beforetoggle", (event) => {
    const open = /** @type {any} */ (event).newState === "open";
    node.classList.toggle("open", open);
    if (!open) return;
    const { left, right, top, bottom, width } = (over ?? opener).getBoundingClientRect();
    const view = node.ownerDocument.documentElement;
    const [wide, tall] = [view.clientWidth, innerHeight];
    const px = (/** @type {number} */ length) => `${Math.round(length)}px`;
    if (over) {
      const room = Math.min(wide - 16, clamp(width - 16, 380, 680));
      const start = clamp(top + 8, 8, Math.max(8, tall - 320));
      Object.assign(node.style, {
        width: px(room),
        left: px(clamp(left + (width - room) / 2, 8, wide - room - 8)),
        top: px(start),
        maxHeight: px(tall - start - 8),
      });
      return;
    }
    const above = top > tall - bottom;
    const end = left > wide / 2;
    Object.assign(node.style, {
      left: end ? "auto" : px(left),
      right: end ? px(wide - right) : "auto",
      top: above ? "auto" : px(bottom + 4),
      bottom: above ? px(tall - top + 4) : "auto",
    });
  });
  if ("popover" in node) {
    Object.assign(node, { popover: "auto" });
    Object.assign(opener, { popoverTargetElement: node });
  } else standIn(opener, node);
}

/**
 * The same where a browser has no popovers: it has the focus while it is open.
 * @param {HTMLButtonElement} opener
 * @param {HTMLElement} node
 */
function standIn(opener, node) {
  const show = (/** @type {boolean} */ open) => {
    if (node.hidden !== open) return;
    const newState = open ? "open" : "closed";
    node.dispatchEvent(Object.assign(new Event("beforetoggle"), { newState }));
    node.hidden = !open;
    if (open) (node.querySelector("button") ?? node).focus();
  };
  const toggle = () => show(!!node.hidden);
  Object.assign(node, { hidden: true, tabIndex: -1, togglePopover: toggle });
  Object.assign(node, { hidePopover: () => show(false) });
  opener.onclick = toggle;
  node.addEventListener("focusout", ({ relatedTarget }) => {
    const to = /** @type {Node | null} */ (relatedTarget);
    if (to !== opener && !node.contains(to)) show(false);
  });
  node.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    show(false);
    opener.focus();
    event.stopPropagation();
  });
}

/**
 * Have one tab stop for all buttons of a bar or menu, between which arrows go.
 * @param {HTMLElement} box
 */
export function roving(box) {
  const all = () =>
    [...box.querySelectorAll("button")].filter((one) => !one.disabled && one.offsetWidth);
  const hold = (/** @type {EventTarget | null} */ held) => {
    for (const one of box.querySelectorAll("button")) one.tabIndex = one === held ? 0 : -1;
  };
  box.addEventListener("focusin", ({ target }) => hold(target));
  box.addEventListener("keydown", (event) => {
    const ways = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, Home: -99, End: 99 };
    const way = ways[/** @type {keyof typeof ways} */ (event.key)];
    const found = all();
    if (!way || !found.length) return;
    const at = found.indexOf(/** @type {HTMLButtonElement} */ (event.target));
    const count = found.length;
    const next = Math.abs(way) > 1 ? (way < 0 ? 0 : count - 1) : (at + way + count) % count;
    found[next].focus();
    event.preventDefault();
    event.stopPropagation();
  });
  hold(box.querySelector("button"));
}
