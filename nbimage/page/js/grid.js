// A grid of pictures: dragging an edge of one resizes all, a click or Enter enlarges one below its
// row, arrow keys walk. One listener for all of them, since there may be thousands.

import { widths } from "./widths.js";

const EDGE = 7; // CSS pixels near an edge in which it can be dragged
const NARROWEST = 16; // CSS pixels of a column
const GAP = 8; // as `grid_html.GAP`

/** @param {HTMLElement} grid the element that holds the cells */
function arrangeGrid(grid) {
  if (grid.dataset.ready) return;
  grid.dataset.ready = "1";
  const id = grid.dataset.displayId;
  const template = grid.style.gridTemplateColumns;
  const first = +(grid.dataset.width ?? 100);
  const natural = +(grid.dataset.natural ?? 1);
  const count = +(grid.dataset.count ?? 1);
  const flowing = !!grid.style.width; // as many columns as fit, in no more room than they need
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

  // the width of columns, which is the same on all pages

  let width = first;
  const layOut = () => {
    grid.style.gridTemplateColumns = template.replace(/[\d.]+px/g, (one) =>
      parseFloat(one) ? `${width}px` : one,
    );
    if (flowing) grid.style.width = `${count * (width + GAP)}px`;
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
    grid.style.imageRendering = Math.min(width, actual()) >= natural - 0.5 ? "pixelated" : "auto";
  };

  // one picture enlarged, below its row; a place holder keeps all others where they are

  /** @type {HTMLElement | null} */
  let enlarged = null;
  /** @type {[Element, Element[]][]} what axes had room for before */
  let rooms = [];
  const holder = document.createElement("div");
  const cellOf = (/** @type {HTMLElement} */ item) =>
    /** @type {HTMLElement} */ (item.closest(".nbimage-cell"));
  /** @returns {HTMLElement[]} what is given another size */
  const parts = (/** @type {HTMLElement} */ item) =>
    /** @type {HTMLElement[]} */ (
      [item, ...cellOf(item).children].filter((one, i, all) => all.indexOf(one) === i)
    );
  const reduce = () => {
    const item = enlarged;
    if (!item) return;
    enlarged = null;
    holder.remove();
    for (const part of parts(item)) part.style.cssText = part.dataset.style ?? "";
    for (const [room, held] of rooms) room.replaceChildren(...held);
    Object.assign(cellOf(item).style, { gridRow: "", gridColumn: "", width: "" });
    grid.style.width = "";
    put(width);
    if (id) widths.delete(`${id} enlarged`);
  };
  const enlarge = (/** @type {HTMLElement} */ item, quietly = false) => {
    const same = enlarged === item;
    reduce();
    grip.remove();
    if (!same) {
      const cell = cellOf(item);
      for (const part of parts(item)) part.dataset.style = part.style.cssText;
      rooms = [...cell.querySelectorAll(".nbimage-room")].map((room) => [room, [...room.children]]);
      const box = cell.getBoundingClientRect();
      const style = "box-sizing:border-box;border:1px dashed #888;opacity:.5";
      holder.style.cssText = `height:${box.height}px;${style}`;
      cell.before(holder);
      enlarged = item;
      fit();
      if (id) widths.set(`${id} enlarged`, media().indexOf(item));
    }
    if (!quietly) cellOf(item).scrollIntoView({ block: "nearest" });
  };
  /** Gives the enlarged picture the room that there is. */
  const fit = () => {
    if (!enlarged) return;
    const cell = cellOf(enlarged);
    const shown = enlarged.getBoundingClientRect();
    if (flowing) layOut();
    const across = tracks().length;
    if (flowing) grid.style.gridTemplateColumns = `repeat(${across},minmax(0,${width}px))`;
    grid.style.width = "100vw"; // at most all of the page, in as many columns
    const row = Math.floor([...grid.children].indexOf(holder) / across);
    cell.style.gridRow = String(row + 2);
    cell.style.gridColumn = "1 / -1";
    cell.style.width = "0"; // what stands out of it widens no column
    const figure = enlarged.closest(".nbimage-figure");
    enlarged.style.width = figure ? "100%" : "auto";
    const most = shown.height ? (0.85 * innerHeight * shown.width) / shown.height : Infinity;
    const room = grid.clientWidth - GAP - +(grid.dataset.margin ?? 0);
    const set = (/** @type {number} */ width) => {
      for (const part of cell.children)
        Object.assign(/** @type {HTMLElement} */ (part).style, {
          width: `${width}px`,
          maxWidth: "none",
        });
    };
    set(Math.min(room, most));
    const picture = enlarged.querySelector("img");
    const crisp = !picture || enlarged.getBoundingClientRect().width >= picture.naturalWidth;
    enlarged.style.imageRendering = crisp ? "pixelated" : "auto";
  };

  // the pointer

  const grip = document.createElement("div"); // says what can be done, while the pointer is near
  grip.style.cssText =
    "position:absolute;right:0;bottom:0;width:14px;height:14px;pointer-events:none;" +
    "box-sizing:border-box;border:solid #888;border-width:0 3px 3px 0;border-radius:0 0 3px";
  /** @returns {string} the edge of a picture at which the pointer is */
  const edgeOf = (/** @type {HTMLElement} */ item, /** @type {PointerEvent} */ event) => {
    if (item === enlarged) return "";
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
    const click = item.querySelector("video") ? "" : item === enlarged ? "zoom-out" : "zoom-in";
    item.style.cursor = edge ? `${edge}-resize` : click;
    if (item === enlarged) grip.remove();
    else if (grip.parentElement !== item) item.append(grip);
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
    const box = item.getBoundingClientRect();
    const before = actual();
    const sized = /** @type {HTMLElement} */ (
      item.closest(".nbimage-figure")?.parentElement ?? item
    );
    const share = parseFloat(sized.style.width) / 100; // of the column
    const x = edge.includes("e") ? 1 : edge.includes("w") ? -1 : 0;
    const y = edge.includes("s") ? 1 : edge.includes("n") ? -1 : 0;
    const move = (/** @type {PointerEvent} */ { clientX: toX, clientY: toY }) => {
      const right = x * (toX - clientX);
      const down = (y * (toY - clientY) * box.width) / box.height;
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
      else if (event.key === "Escape") enlarged ? reduce() : restore();
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
      (one === enlarged ? holder : cellOf(one)).getBoundingClientRect();
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
    if (next !== enlarged) next.scrollIntoView({ block: "nearest" });
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
  const start = media()[0];
  if (start) start.tabIndex = 0;
  if (id && widths.has(id)) put(/** @type {number} */ (widths.get(id)));
  const again = id ? media()[widths.get(`${id} enlarged`) ?? -1] : undefined;
  if (again) requestAnimationFrame(() => enlarge(again, true)); // once its picture has a size
  new ResizeObserver(() => {
    sharpen();
    fit();
  }).observe(grid);
}

for (const grid of document.querySelectorAll(".nbimage-grid")) {
  arrangeGrid(/** @type {HTMLElement} */ (grid));
}
