// One picture of a grid enlarged over it: walked by buttons, arrow keys and swipes, with the values
// below the pointer. No dialog and no full screen: outputs may be in frames that allow neither.

import { makeReader } from "./readings.js";

/** @typedef {import("./readings.js").Scale} Scale */
/** @typedef {import("./readings.js").Coordinates} Coordinates */
/**
 * @typedef {object} Pictures
 * @property {() => HTMLElement[]} list all of them, in reading order
 * @property {(item: HTMLElement) => void} shown told of the one that is shown
 * @property {(item: HTMLElement) => void} closed told of the one that was
 */

const LEAST = 320; // CSS pixels of its height
const SWIPE = 40; // CSS pixels
const BUTTON =
  "all:unset;box-sizing:border-box;cursor:pointer;width:40px;height:40px;border-radius:20px;" +
  "font:26px/38px system-ui,sans-serif;text-align:center;flex:none;-webkit-user-select:none;" +
  "user-select:none";

/** @param {string} name @param {string} text @param {() => void} press */
function makeButton(name, text, press) {
  const button = document.createElement("button");
  button.type = "button";
  button.title = name;
  button.setAttribute("aria-label", name);
  button.textContent = text;
  button.style.cssText = BUTTON;
  button.onclick = press;
  button.onpointerenter = () => {
    if (!button.disabled) button.style.background = "rgba(255,255,255,.14)";
  };
  button.onpointerleave = () => {
    button.style.background = "";
  };
  button.onfocus = () => {
    if (button.matches(":focus-visible")) button.style.outline = "2px solid #4c9aff";
  };
  button.onblur = () => {
    button.style.outline = "";
  };
  return button;
}

/** @param {string} style */
function makePart(style) {
  const part = document.createElement("div");
  part.style.cssText = `box-sizing:content-box;${style}`;
  return part;
}

/**
 * @param {HTMLElement} root what all pages of the grid are in
 * @param {Pictures} pictures
 */
export function makeLightbox(root, { list, shown, closed }) {
  const box = makePart(
    "position:absolute;left:0;top:0;right:0;bottom:0;z-index:9;background:rgba(14,17,21,.93);" +
      "color:#e8eaed;outline:none;font:13px/20px system-ui,sans-serif;text-align:left",
  );
  box.className = "nbimage-lightbox";
  box.tabIndex = -1;
  box.setAttribute("role", "dialog");
  box.setAttribute("aria-modal", "true");
  box.dataset.lmSuppressShortcuts = "true";
  const panel = makePart(
    "position:absolute;left:0;right:0;box-sizing:border-box;padding:4px;display:grid;" +
      "grid-template:auto minmax(0,1fr) auto/40px minmax(0,1fr) 40px",
  );
  const head = makePart(
    "grid-column:1/-1;display:flex;align-items:center;gap:10px;padding-left:12px;min-width:0",
  );
  head.setAttribute("aria-live", "polite");
  const title = makePart(
    "font-weight:600;overflow:hidden;text-overflow:ellipsis;white-space:nowrap",
  );
  title.className = "nbimage-lightbox-title";
  const count = makePart("flex:1 0 auto;opacity:.75;white-space:nowrap");
  const body = makePart(
    "position:relative;display:flex;align-items:center;justify-content:center;min-width:0;" +
      "min-height:0;touch-action:pan-y pinch-zoom",
  );
  const slot = makePart("flex:none;position:relative");
  const foot = makePart(
    "grid-column:1/-1;min-height:20px;padding:2px 12px 4px;text-align:center;" +
      "font-variant-numeric:tabular-nums;overflow-wrap:anywhere",
  );
  foot.className = "nbimage-reading";
  const close = makeButton("Close (Escape)", "×", () => leave());
  const previous = makeButton("Previous (←)", "‹", () => walk(-1));
  const next = makeButton("Next (→)", "›", () => walk(1));
  for (const side of [previous, next]) side.style.alignSelf = "center";
  head.append(title, count, close);
  body.append(slot);
  panel.append(head, previous, body, next, foot);
  box.append(panel);

  /** @type {HTMLElement | null} */
  let item = null;
  /** @type {Element | null} what is moved: the picture, or the figure around it */
  let moved = null;
  /** @type {Node | null} what stands there instead */
  let stand = null;
  let style = "";
  let width = 0;
  let height = 0;
  /** @type {HTMLTemplateElement | null} axes that all pictures share */
  const template = root.querySelector("template.nbimage-axes");
  /** @type {WeakMap<HTMLElement, ReturnType<typeof makeReader>>} */
  const readers = new WeakMap();
  const startReader = (/** @type {HTMLElement} */ on) => {
    const first = /** @type {HTMLElement | null} */ (root.querySelector(".nbimage-grid"));
    const { reading = "", scales = "[]" } = first?.dataset ?? {};
    return makeReader(on, reading, /** @type {(Scale | Coordinates)[]} */ (JSON.parse(scales)));
  };

  /** Puts the picture back where it came from. */
  const restore = () => {
    if (!item || !moved) return;
    for (const [room, held] of rooms) room.replaceChildren(...held);
    item.style.cssText = style;
    stand?.parentNode?.replaceChild(moved, stand);
    slot.replaceChildren();
    item = moved = stand = null;
  };
  /** @type {[Element, Element[]][]} what axes had room for before */
  let rooms = [];

  /** Returns the picture's own pixels across, or 0 of what has none. */
  const findNatural = () => {
    const picture = item?.querySelector("img,video");
    if (picture instanceof HTMLVideoElement) return picture.videoWidth;
    if (!(picture instanceof HTMLImageElement)) return 0;
    return picture.style.imageRendering === "auto" ? 0 : picture.naturalWidth;
  };

  /** @returns {number} pixels of the page that are one of the root's: others on slides */
  const measureScale = () => root.getBoundingClientRect().height / root.offsetHeight || 1;

  /** Gives the picture the largest size that fits: a whole factor, where it is enlarged. */
  const fit = (grow = false) => {
    if (!item || !moved) return;
    const grid = stand?.parentElement?.closest(".nbimage-grid");
    const data = template?.dataset ?? /** @type {HTMLElement | null} */ (grid)?.dataset ?? {};
    const figure = moved !== item || template;
    const [left, right] = figure ? [+(data.left ?? 0), +(data.right ?? 0)] : [0, 0];
    slot.style.margin = `0 ${right}px 0 ${left}px`;
    slot.style.paddingTop = figure ? `${data.head ?? 0}px` : "";
    slot.style.width = "200px";
    const room = Math.max(16, body.clientWidth - left - right);
    const aspect = item.offsetHeight / item.offsetWidth || 1;
    const around = slot.offsetHeight - item.offsetHeight;
    const natural = findNatural();
    const enlarge = (/** @type {number} */ most) =>
      natural && most >= natural ? natural * Math.floor(most / natural) : most;
    if (grow) {
      const wanted = enlarge(room) * aspect + around + head.offsetHeight + foot.offsetHeight + 16;
      const most =
        (0.9 * Math.min(innerHeight, screen.availHeight || innerHeight)) / measureScale();
      height = Math.max(height, LEAST, Math.min(wanted, most));
      panel.style.height = `${height}px`;
      root.style.minHeight = `${height}px`;
    }
    const tall = Math.max(16, body.clientHeight - around - 8);
    const wide = enlarge(Math.min(room, tall / aspect));
    slot.style.width = `${wide}px`;
    item.style.imageRendering = !natural || wide >= natural ? "pixelated" : "auto";
  };

  /** Moves the panel to where the picture's cell is. */
  const movePanel = (/** @type {DOMRect} */ cell) => {
    const outer = root.getBoundingClientRect();
    const middle = ((cell.top + cell.bottom) / 2 - outer.top) / measureScale();
    const top = Math.min(root.offsetHeight - height, Math.max(0, middle - height / 2));
    panel.style.top = `${Math.max(0, top)}px`;
  };

  const show = (/** @type {HTMLElement} */ to) => {
    restore();
    item = to;
    const all = list();
    const index = all.indexOf(item);
    const figure = item.closest(".nbimage-figure");
    moved = template ? item : (figure ?? item);
    rooms = [...moved.querySelectorAll(".nbimage-room")].map((room) => [room, [...room.children]]);
    stand = moved.cloneNode(true);
    moved.replaceWith(stand);
    const shell = template?.content.querySelector(".nbimage-figure")?.cloneNode(true);
    slot.append(shell ?? moved);
    slot.querySelector(".nbimage-slot")?.replaceWith(moved);
    if (shell) item.dispatchEvent(new CustomEvent("nbimage-figure", { bubbles: true }));
    style = item.style.cssText;
    Object.assign(item.style, { width: "100%", outline: "none", cursor: "crosshair" });
    title.textContent = item.dataset.title ?? "";
    title.style.display = title.textContent ? "" : "none";
    count.textContent = `${index + 1} of ${all.length}`;
    box.setAttribute(
      "aria-label",
      [title.textContent, count.textContent, "enlarged"].filter(Boolean).join(", "),
    );
    const held = document.activeElement; // which a button that is disabled has no more
    previous.disabled = index === 0;
    next.disabled = index === all.length - 1;
    for (const side of [previous, next]) {
      side.style.opacity = side.disabled ? ".25" : "";
      side.style.cursor = side.disabled ? "default" : "pointer";
      if (side === held && side.disabled) box.focus({ preventScroll: true });
    }
    foot.textContent = "";
    fit(true);
    const picture = item.querySelector("img");
    if (picture && !picture.complete) picture.addEventListener("load", () => fit(true));
    shown(item);
  };

  const open = (/** @type {HTMLElement} */ first, quietly = false) => {
    root.style.position = "relative";
    height = 0;
    const cell = first.getBoundingClientRect();
    root.append(box);
    show(first);
    movePanel(cell);
    width = box.clientWidth;
    watch.observe(box);
    const lost = document.activeElement === document.body; // by what stood here before an update
    if (!quietly || lost) box.focus({ preventScroll: true });
    if (!quietly) panel.scrollIntoView({ block: "nearest" });
  };
  const leave = () => {
    const last = item;
    if (!last) return;
    watch.disconnect();
    restore();
    box.remove();
    root.style.minHeight = "";
    root.style.position = "";
    closed(last);
  };
  const walk = (/** @type {number} */ by) => {
    const all = list();
    const to = item && all[all.indexOf(item) + by];
    if (to) show(to);
  };
  const watch = new ResizeObserver(() => {
    if (box.clientWidth === width) return; // its height is the panel's own doing
    width = box.clientWidth;
    fit();
  });

  const read = async (/** @type {PointerEvent} */ event) => {
    const on = item;
    if (!on?.contains(/** @type {Node} */ (event.target))) return;
    const reader = readers.get(on) ?? startReader(on);
    readers.set(on, reader);
    const at = await reader.catch(() => () => "");
    if (item !== on) return;
    const { left, top, width: wide, height: tall } = on.getBoundingClientRect();
    foot.textContent = at((event.clientX - left) / wide, (event.clientY - top) / tall);
  };
  box.addEventListener("pointermove", read);
  /** @type {PointerEvent | null} */
  let down = null;
  box.addEventListener("pointerdown", (event) => {
    event.stopPropagation();
    down = event;
    read(event);
  });
  box.addEventListener("pointerup", (event) => {
    const from = down;
    down = null;
    if (!from) return;
    const [right, below] = [event.clientX - from.clientX, event.clientY - from.clientY];
    if (event.pointerType !== "mouse" && Math.abs(right) > Math.max(SWIPE, 2 * Math.abs(below)))
      return walk(right < 0 ? 1 : -1);
    const target = /** @type {Element} */ (event.target);
    const aside = target === box || target === panel || target === body;
    if (aside && Math.hypot(right, below) < 7) leave();
  });
  box.addEventListener("click", (event) => event.stopPropagation());
  box.addEventListener("dragstart", (event) => event.preventDefault());
  box.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const all = list();
      const stops = [close, previous, next].filter((one) => !one.disabled);
      const at = stops.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
      const { key, target } = event;
      if (key === "ArrowRight") walk(1);
      else if (key === "ArrowLeft") walk(-1);
      else if (key === "Home") show(all[0]);
      else if (key === "End") show(all[all.length - 1]);
      else if (key === "Escape") leave();
      else if (target === box && (key === "Enter" || key === " ")) leave();
      else if (key === "Tab" && !item?.querySelector("video")) {
        const to = event.shiftKey ? at - 1 : at + 1; // what is below is not in reach
        stops[(to + (to < 0 ? stops.length + (at < 0 ? 1 : 0) : 0)) % stops.length].focus();
      } else return event.stopPropagation();
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
  return { open };
}
