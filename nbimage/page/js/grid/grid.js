// A grid of pictures: dragging an edge of one resizes all, a click or Enter enlarges one over all,
// arrow keys walk. One listener for all of them, since there may be thousands.

import "../bare_frame.js";
import { widths } from "../widths.js";
import { makeLightbox } from "./lightbox.js";

const EDGE = 7; // CSS pixels near an edge in which it can be dragged
const NARROWEST = 16; // CSS pixels of a column
const GAP = 8; // as `grid_html.GAP`
const BAR = 240; // CSS pixels of a colorbar that lies, at the least

/** @param {HTMLElement} grid the element that holds the cells */
function arrangeGrid(grid) {
  if (grid.dataset.ready) return;
  grid.dataset.ready = "1";
  const id = grid.dataset.displayId;
  const template = grid.style.gridTemplateColumns;
  const natural = +(grid.dataset.natural ?? 1);
  const count = +(grid.dataset.count ?? 1);
  const flowing = !!grid.style.width; // as many columns as fit, in no more room than they need
  const held = grid.querySelectorAll(".nbimage-cell").length;
  const root = /** @type {HTMLElement} */ (grid.closest(".nbimage") ?? grid);
  const bars = /** @type {HTMLElement | null} */ (root.querySelector(".nbimage-bars"));
  const measureRoom = () => {
    const scale = root.getBoundingClientRect().width / root.offsetWidth || 1; // of slides
    const beside = Math.ceil((bars?.getBoundingClientRect().width ?? 0) / scale - 0.1);
    return root.clientWidth - beside + GAP;
  };
  const across = measureRoom();
  const share = across > GAP ? +(grid.dataset.share ?? 0) : 0; // in a hidden tab there is no room
  const first = share ? Math.floor(share * across) - GAP : +(grid.dataset.width ?? 100);
  const media = () => /** @type {HTMLElement[]} */ ([...grid.querySelectorAll(".nbimage-media")]);
  const find = (/** @type {Event} */ event) =>
    /** @type {HTMLElement | null} */ (
      /** @type {Element} */ (event.target).closest?.(".nbimage-media")
    );
  /** @returns {HTMLElement} this grid, or the one that an update has put in its place */
  const current = () => {
    const grids = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".nbimage-grid")]);
    return (id && !grid.isConnected && grids.find((one) => one.dataset.displayId === id)) || grid;
  };
  /** @returns {Element[]} all pages of this grid, "more" ones too */
  const pages = () => [
    ...(current().closest(".nbimage") ?? document).querySelectorAll(".nbimage-grid"),
  ];
  const page = pages().indexOf(grid);
  const allMedia = () =>
    /** @type {HTMLElement[]} */ (
      pages().flatMap((one) => [...one.querySelectorAll(".nbimage-media")])
    );

  // the width of columns, which is the same on all pages

  let width = first;
  const layOut = () => {
    setColumns();
    if (!page) alignBars();
  };
  const setColumns = () => {
    grid.style.gridTemplateColumns = template.replace(/[\d.]+px/g, (one) =>
      parseFloat(one) ? `${width}px` : one,
    );
    if (!flowing) return;
    const most = Math.max(1, Math.min(count, Math.floor(measureRoom() / (width + GAP))));
    let across = most; // rows of one length, if that leaves not too much of the room
    while (across > 0.6 * most && held % across) across--;
    const more = most < 4 && held / across > Math.ceil(held / most); // rows
    if (held <= most || across <= 0.6 * most || more) across = most;
    grid.style.width = `${across * (width + GAP)}px`;
  };
  /** Puts the bars that lie below under the pictures. */
  const alignBars = () => {
    const lying = /** @type {HTMLElement | null} */ (
      root.querySelector(".nbimage-bars-below")?.firstElementChild
    );
    if (!lying) return;
    const { gridTemplateColumns, paddingLeft, marginLeft } = getComputedStyle(grid);
    const columns = gridTemplateColumns.split(" ").map(parseFloat);
    const rowTitle = grid.dataset.first ? (columns.shift() ?? 0) + GAP : 0;
    const [left, right] = [+(grid.dataset.left ?? 0), +(grid.dataset.right ?? 0)];
    const wide = columns.reduce((sum, one) => sum + one + GAP, -GAP) - left - right;
    lying.style.left = `${parseFloat(paddingLeft) + parseFloat(marginLeft) + rowTitle + left}px`;
    lying.style.maxWidth = `${Math.max(BAR, wide)}px`;
  };
  const put = (/** @type {number} */ to) => {
    width = to;
    layOut();
    sharpen();
  };
  grid.addEventListener("nbimage-width", (event) => put(/** @type {CustomEvent} */ (event).detail));
  const tell = (/** @type {number} */ to) => {
    width = to;
    for (const page of pages())
      page.dispatchEvent(new CustomEvent("nbimage-width", { detail: to }));
  };
  const tracks = () => getComputedStyle(current()).gridTemplateColumns.split(" ").map(parseFloat);
  /** @returns {number} the width that columns have, which the page may have kept smaller */
  const actual = () => tracks()[grid.dataset.first ? 1 : 0] || width;
  const resize = (/** @type {number} */ to) => {
    tell(Math.max(Math.min(NARROWEST, first), to));
    if (actual() < width) tell(actual());
    if (id) widths.set(id, width);
  };
  const restore = () => {
    tell(first);
    if (id) widths.delete(id);
  };
  const sharpen = () => {
    // crisp squares when enlarged, smooth when reduced
    const wide = Math.min(width, actual()) + 0.5;
    grid.style.imageRendering = wide >= natural ? "pixelated" : "auto";
    for (const cell of /** @type {NodeListOf<HTMLElement>} */ (
      grid.querySelectorAll("[data-sharp]")
    ))
      cell.style.imageRendering = wide >= +(cell.dataset.sharp ?? 0) ? "pixelated" : "auto";
  };

  // one picture enlarged over all of them

  /** @type {HTMLElement[]} those of all pages, as long as one of them is enlarged */
  let every = [];
  const lightbox = makeLightbox(root, {
    list: () => every,
    shown: (item) => id && widths.set(`${id} enlarged`, every.indexOf(item)),
    closed: (item) => {
      if (id) widths.delete(`${id} enlarged`);
      const page = item.closest("details:not([open])");
      if (page) /** @type {HTMLDetailsElement} */ (page).open = true;
      for (const one of every) if (one.tabIndex === 0) one.tabIndex = -1;
      item.tabIndex = 0;
      item.focus({ preventScroll: true });
      item.scrollIntoView({ block: "nearest" });
    },
  });
  const enlarge = (/** @type {HTMLElement} */ item, quietly = false) => {
    grip.remove();
    every = allMedia();
    lightbox.open(item, quietly);
  };

  // the pointer

  const grip = document.createElement("div"); // says what can be done, while the pointer is near
  grip.style.cssText =
    "position:absolute;right:0;bottom:0;width:14px;height:14px;pointer-events:none;" +
    "box-sizing:border-box;border:solid #888;border-width:0 3px 3px 0;border-radius:0 0 3px";
  /** @returns {string} the edge of a picture at which the pointer is */
  const edgeOf = (/** @type {HTMLElement} */ item, /** @type {PointerEvent} */ event) => {
    const box = item.getBoundingClientRect();
    const south = box.bottom - event.clientY < EDGE && !item.querySelector("video");
    const north = event.clientY - box.top < EDGE && box.height > 4 * EDGE;
    const east = box.right - event.clientX < EDGE;
    const west = event.clientX - box.left < EDGE && box.width > 4 * EDGE;
    return (south ? "s" : north ? "n" : "") + (east ? "e" : west ? "w" : "");
  };
  let dragging = false;
  let pointing = false;
  grid.addEventListener("pointermove", (event) => {
    if (dragging) return;
    const item = find(event);
    if (!item) return grip.remove();
    const edge = edgeOf(item, event);
    const click = item.querySelector("video") ? "" : "zoom-in";
    item.style.cursor = edge ? `${edge}-resize` : click;
    if (grip.parentElement !== item) item.append(grip);
  });
  grid.addEventListener("pointerleave", () => {
    if (!dragging) grip.remove();
  });
  /** Waits for the button to come up, for which an update may have brought another grid. */
  const press = (/** @type {PointerEvent} */ { clientX, clientY }, /** @type {number} */ index) => {
    const ends = /** @type {const} */ (["pointerup", "pointercancel"]);
    const end = (/** @type {PointerEvent} */ up) => {
      for (const name of ends) removeEventListener(name, end, true);
      const far = Math.hypot(up.clientX - clientX, up.clientY - clientY) > EDGE;
      if (up.type === "pointerup" && !far)
        current().dispatchEvent(new CustomEvent("nbimage-click", { detail: index }));
    };
    for (const name of ends) addEventListener(name, end, true);
  };
  grid.addEventListener("nbimage-click", (event) => {
    const item = media()[/** @type {CustomEvent} */ (event).detail];
    if (!item || item.querySelector("video")) return;
    go(item, true);
    enlarge(item);
  });
  grid.addEventListener("pointerdown", (event) => {
    const item = find(event);
    if (event.button || !item) return;
    const edge = edgeOf(item, event);
    if (!edge) return press(event, media().indexOf(item));
    event.preventDefault();
    event.stopPropagation();
    dragging = true;
    item.setPointerCapture(event.pointerId);
    go(item, true);
    const { clientX, clientY } = event;
    const box = item.getBoundingClientRect(); // as scaled as the page is
    const own = parseFloat(getComputedStyle(item).width);
    const before = actual();
    const sized = /** @type {HTMLElement} */ (
      item.closest(".nbimage-figure")?.parentElement ?? item
    );
    const share = parseFloat(sized.style.width) / 100; // of the column
    const x = edge.includes("e") ? 1 : edge.includes("w") ? -1 : 0;
    const y = edge.includes("s") ? 1 : edge.includes("n") ? -1 : 0;
    const move = (/** @type {PointerEvent} */ { clientX: toX, clientY: toY }) => {
      const right = (x * (toX - clientX) * own) / box.width;
      const down = (y * (toY - clientY) * own) / box.height;
      const by = x && y ? (Math.abs(right) > Math.abs(down) ? right : down) : right + down;
      resize(before + by / share);
    };
    const end = () => {
      dragging = false;
      for (const name of ["pointerup", "pointercancel"]) removeEventListener(name, end, true);
      removeEventListener("pointermove", move, true);
    };
    for (const name of ["pointerup", "pointercancel"]) addEventListener(name, end, true);
    // the window's: an update may take the picture away
    addEventListener("pointermove", move, true);
  });
  grid.addEventListener("dblclick", (event) => {
    const item = find(event);
    if (item && edgeOf(item, /** @type {PointerEvent} */ (/** @type {unknown} */ (event))))
      restore();
  });
  grid.addEventListener("click", (event) => {
    const item = event.detail ? null : find(event); // of a screen reader; else it has come up
    if (item && !item.querySelector("video")) enlarge(item);
  });

  // the keys; before a video's own, so that arrow keys walk on

  grid.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const all = media();
      const here = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
      if (here < 0) return;
      const item = all[here];
      const last = all.length - 1;
      if (event.key === "ArrowRight") go(all[Math.min(last, here + 1)]);
      else if (event.key === "ArrowLeft") go(all[Math.max(0, here - 1)]);
      else if (event.key === "ArrowDown") go(beyond(item, all.slice(here + 1), 1));
      else if (event.key === "ArrowUp") go(beyond(item, all.slice(0, here).reverse(), -1));
      else if (event.key === "Home") go(all[0]);
      else if (event.key === "End") go(all[last]);
      else if (event.key === "Enter" || event.key === " ") enlarge(item);
      else if (event.key === "Escape") restore();
      else if (event.key === "+" || event.key === "=") resize(actual() + 16);
      else if (event.key === "-") resize(actual() - 16);
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
  /** @returns {HTMLElement} the picture of the next row, down or up, that is nearest */
  const beyond = (
    /** @type {HTMLElement} */ item,
    /** @type {HTMLElement[]} */ others,
    /** @type {number} */ sign,
  ) => {
    const boxOf = (/** @type {HTMLElement} */ one) =>
      /** @type {Element} */ (one.closest(".nbimage-cell")).getBoundingClientRect();
    const from = boxOf(item);
    let best = item;
    let row = NaN;
    let least = Infinity;
    for (const one of others) {
      const to = boxOf(one);
      if ((to.top - from.top) * sign < 2) continue;
      if (Number.isNaN(row)) row = to.top;
      if (Math.abs(to.top - row) > 2) break;
      const aside = Math.abs(to.left - from.left);
      if (aside < least) [best, least] = [one, aside];
    }
    return best;
  };
  /** Moves the one tab stop, and the focus with it. */
  const go = (/** @type {HTMLElement} */ next, pointed = false) => {
    for (const one of media()) if (one.tabIndex === 0) one.tabIndex = -1;
    next.tabIndex = 0;
    pointing = pointed;
    next.focus({ preventScroll: true });
    pointing = false;
    if (pointed) next.style.outline = "none";
    next.scrollIntoView({ block: "nearest" });
  };
  grid.addEventListener("focusin", (event) => {
    const item = /** @type {HTMLElement} */ (event.target);
    if (item.matches(".nbimage-media:focus-visible") && !pointing)
      item.style.outline = "2px solid #4c9aff";
  });
  grid.addEventListener("focusout", (event) => {
    /** @type {HTMLElement} */ (event.target).style.outline = "";
  });

  // JupyterLab leaves the keys to us; it looks at what has the focus first
  for (const item of [grid, ...media()]) item.dataset.lmSuppressShortcuts = "true";
  for (const item of media()) {
    item.tabIndex = -1;
    if (item.hasAttribute("role")) continue;
    item.setAttribute("role", "img"); // named as its picture is
    item.setAttribute("aria-label", item.querySelector("img")?.alt ?? "");
  }
  const start = media()[0];
  if (start) start.tabIndex = 0;
  if (id && widths.has(id)) put(/** @type {number} */ (widths.get(id)));
  const again = id && page === 0 ? allMedia()[widths.get(`${id} enlarged`) ?? -1] : undefined;
  if (again) requestAnimationFrame(() => enlarge(again, true)); // once its picture has a size
  new ResizeObserver(() => {
    layOut();
    sharpen();
  }).observe(root);
}

for (const grid of document.querySelectorAll(".nbimage-grid")) {
  arrangeGrid(/** @type {HTMLElement} */ (grid));
}
