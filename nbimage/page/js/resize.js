// A picture that can be resized by its edges and corners, its aspect ratio kept.
// Found by class, since some front-ends run scripts after the page; no ids, no global styles.

import "./bare_frame.js";
import { widths } from "./widths.js";

/** @param {HTMLElement} box the element around the picture, whose width is the picture's */
function makeResizable(box) {
  if (box.dataset.ready) return;
  box.dataset.ready = "1";
  const picture = /** @type {HTMLElement} */ (box.firstElementChild);
  const id = box.dataset.displayId;
  const natural = box.style.width; // CSS pixels, or a share of the output
  /** @returns {HTMLElement} this box, or the one that an update has put in its place */
  const current = () => {
    const boxes = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".nbimage-box")]);
    return (id && !box.isConnected && boxes.find((one) => one.dataset.displayId === id)) || box;
  };
  /** @returns {number} what it is wide by itself, also where the page is scaled */
  const measure = () => parseFloat(getComputedStyle(current()).width);
  const resize = (/** @type {number} */ width) => {
    const { style } = current();
    style.width = `${Math.max(Math.min(16, +(box.dataset.width ?? 16)), width)}px`;
    width = measure(); // max-width has kept it within its cell
    if (!width) return; // gone, and nothing is in its place
    style.width = `${width}px`;
    if (id) widths.set(id, width);
  };
  const restore = () => {
    box.style.width = natural;
    if (id) widths.delete(id);
  };

  box.style.resize = "none"; // the CSS corner is for pages without scripts
  box.style.overflow = "visible";
  box.dataset.lmSuppressShortcuts = "true"; // JupyterLab leaves the keys to us
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "Resizable picture: arrow keys resize, Escape restores");
  if (id && widths.has(id)) box.style.width = `${widths.get(id)}px`;

  for (const edge of ["n", "s", "w", "e", "nw", "ne", "sw", "se"]) {
    const x = edge.includes("e") ? 1 : edge.includes("w") ? -1 : 0;
    const y = edge.includes("s") ? 1 : edge.includes("n") ? -1 : 0;
    const handle = document.createElement("div");
    handle.className = "nbimage-handle";
    handle.dataset.edge = edge;
    const across = (
      /** @type {number} */ side,
      /** @type {string} */ low,
      /** @type {string} */ high,
    ) => (side ? `${side < 0 ? low : high}:-5px;` : `${low}:5px;${high}:5px;`);
    handle.style.cssText =
      `position:absolute;touch-action:none;cursor:${edge}-resize;` +
      // where two pictures touch, the right edge of the left one wins
      `z-index:${x + y > 0 ? 2 : 1};` +
      across(x, "left", "right") +
      across(y, "top", "bottom") +
      (x ? "width:10px;" : "") +
      (y ? "height:10px;" : "");
    if (edge === "se") {
      // a grip that says what can be done, while the pointer is near
      handle.style.cssText +=
        "opacity:0;transition:opacity .15s;border-radius:0 0 3px;" +
        "border:solid #888;border-width:0 3px 3px 0;box-sizing:border-box;width:14px;height:14px;";
      box.onpointerenter = () => {
        handle.style.opacity = "1";
      };
      box.onpointerleave = () => {
        handle.style.opacity = "0";
      };
    }
    handle.onmousedown = (event) => event.stopPropagation();
    handle.ondblclick = restore;
    handle.onpointerdown = (event) => {
      if (event.button) return;
      event.preventDefault();
      event.stopPropagation();
      box.focus({ preventScroll: true }); // for the keys that may follow
      box.style.outline = "none";
      handle.setPointerCapture(event.pointerId);
      const { clientX, clientY } = event;
      const { width, height } = box.getBoundingClientRect(); // as scaled as the page is
      const own = measure();
      const move = (/** @type {PointerEvent} */ { clientX: toX, clientY: toY }) => {
        const right = (x * (toX - clientX) * own) / width;
        const down = (y * (toY - clientY) * own) / height;
        resize(own + (x && y ? (Math.abs(right) > Math.abs(down) ? right : down) : right + down));
      };
      const end = () => {
        for (const name of ["pointerup", "pointercancel"]) removeEventListener(name, end, true);
        removeEventListener("pointermove", move, true);
      };
      for (const name of ["pointerup", "pointercancel"]) addEventListener(name, end, true);
      // the window's: an update may take the handle away
      addEventListener("pointermove", move, true);
    };
    box.append(handle);
  }

  box.onkeydown = (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const sign = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (sign) resize(measure() + sign * (event.shiftKey ? 1 : 16));
    else if (event.key === "Escape") restore();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  box.onfocus = () => {
    if (box.matches(":focus-visible")) box.style.outline = "2px solid #4c9aff";
  };
  box.style.outlineOffset = "-2px"; // outside, the front-end's output area would cut it
  box.onblur = () => {
    box.style.outline = "";
  };

  // crisp squares when enlarged, smooth when reduced; labels are never mixed
  if (picture instanceof HTMLImageElement) {
    const sharpen = () => {
      const crisp = "labels" in picture.dataset || box.offsetWidth >= picture.naturalWidth;
      picture.style.imageRendering = crisp ? "pixelated" : "auto";
    };
    picture.addEventListener("load", sharpen);
    new ResizeObserver(sharpen).observe(box);
  }
}

for (const box of document.querySelectorAll(".nbimage-box")) {
  makeResizable(/** @type {HTMLElement} */ (box));
}
