// A grid of pictures: dragging an edge of one resizes all, a click or Enter enlarges one in place,
// arrow keys walk. One listener for all of them, since there may be thousands.

const EDGE = 7; // CSS pixels near an edge in which it can be dragged

/** @param {HTMLElement} grid the element that holds the cells */
export function arranged(grid) {
  if (grid.dataset.ready) return;
  grid.dataset.ready = "1";
  const widths = (globalThis.nbimageWidths ??= new Map());
  const id = grid.dataset.displayId;
  const template = grid.style.gridTemplateColumns;
  const first = grid.dataset.width + "px";
  const natural = +(grid.dataset.natural ?? 1);
  const media = () => /** @type {HTMLElement[]} */ ([...grid.querySelectorAll(".nbimage-media")]);
  /** @type {HTMLElement | null} */
  let enlarged = null;
  let width = +(grid.dataset.width ?? 100);

  const cellOf = (/** @type {HTMLElement} */ item) => /** @type {HTMLElement} */ (item.closest(".nbimage-cell"));
  const resize = (/** @type {number} */ to) => {
    width = Math.max(16, Math.min(to, grid.clientWidth || to));
    grid.style.gridTemplateColumns = template.replaceAll(first, width + "px");
    grid.style.imageRendering = width >= natural ? "pixelated" : "auto";
    if (id) widths.set(id, width);
  };
  const restore = () => {
    width = +(grid.dataset.width ?? 100);
    grid.style.gridTemplateColumns = template;
    if (id) widths.delete(id);
  };
  const enlarge = (/** @type {HTMLElement | null} */ item) => {
    for (const one of [enlarged, item]) {
      if (!one) continue;
      const on = one === item && enlarged !== item;
      const cell = cellOf(one);
      const { width, height } = one.getBoundingClientRect();
      one.dataset.share ??= one.style.width;
      cell.style.gridColumn = on ? "1 / -1" : "";
      const most = (0.85 * innerHeight * width) / (height || 1);
      one.style.width = on ? `min(100%, ${most}px)` : one.dataset.share;
      one.style.imageRendering = on ? "pixelated" : "";
      one.setAttribute("aria-expanded", String(on));
    }
    enlarged = enlarged === item ? null : item;
    (enlarged ?? item)?.scrollIntoView({ block: "nearest" });
  };

  if (id && widths.has(id)) resize(widths.get(id));
  grid.dataset.lmSuppressShortcuts = "true"; // JupyterLab leaves the keys to us
  const start = media()[0];
  if (start) start.tabIndex = 0;

  /** @returns {[HTMLElement | null, string]} the picture below the pointer, and its edge there */
  const find = (/** @type {PointerEvent} */ event) => {
    const item = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest?.(".nbimage-media"));
    if (!item || !grid.contains(item)) return [null, ""];
    const box = item.getBoundingClientRect();
    const south = box.bottom - event.clientY < EDGE && !item.querySelector("video");
    const north = event.clientY - box.top < EDGE && box.height > 4 * EDGE;
    const east = box.right - event.clientX < EDGE;
    const west = event.clientX - box.left < EDGE && box.width > 4 * EDGE;
    return [item, (south ? "s" : north ? "n" : "") + (east ? "e" : west ? "w" : "")];
  };

  let dragging = false;
  grid.addEventListener("pointermove", (event) => {
    if (dragging) return;
    const [item, edge] = find(event);
    if (item) item.style.cursor = edge ? `${edge}-resize` : item.querySelector("video") ? "" : "zoom-in";
  });
  grid.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    const [item, edge] = find(event);
    if (!item) return;
    if (!edge) {
      item.dataset.pressed = "1";
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    dragging = true;
    item.setPointerCapture(event.pointerId);
    item.focus({ preventScroll: true });
    const { clientX, clientY } = event;
    const box = item.getBoundingClientRect();
    const before = width;
    const x = edge.includes("e") ? 1 : edge.includes("w") ? -1 : 0;
    const y = edge.includes("s") ? 1 : edge.includes("n") ? -1 : 0;
    item.onpointermove = (move) => {
      const right = x * (move.clientX - clientX);
      const down = (y * (move.clientY - clientY) * box.width) / box.height;
      const by = x && y ? (Math.abs(right) > Math.abs(down) ? right : down) : right + down;
      resize((before * (box.width + by)) / box.width);
    };
    item.onpointerup = item.onpointercancel = () => {
      dragging = false;
      item.onpointermove = item.onpointerup = item.onpointercancel = null;
    };
  });
  grid.addEventListener("click", (event) => {
    const item = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest?.(".nbimage-media"));
    if (!item?.dataset.pressed || item.querySelector("video")) return;
    delete item.dataset.pressed;
    item.focus({ preventScroll: true });
    enlarge(item);
  });

  grid.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const all = media();
    const here = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    if (here < 0) return;
    const top = (/** @type {number} */ i) => Math.round(all[i].getBoundingClientRect().top);
    const across = Math.max(1, all.findIndex((_, i) => i > 0 && top(i) > top(0) + 2));
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across };
    const step = steps[/** @type {keyof steps} */ (event.key)];
    if (step) go(all, here + step);
    else if (event.key === "Home") go(all, 0);
    else if (event.key === "End") go(all, all.length - 1);
    else if (event.key === "Enter" || event.key === " ") enlarge(all[here]);
    else if (event.key === "Escape") enlarged ? enlarge(enlarged) : restore();
    else if (event.key === "+" || event.key === "=") resize(width + 16);
    else if (event.key === "-") resize(width - 16);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const go = (/** @type {HTMLElement[]} */ all, /** @type {number} */ to) => {
    const next = all[Math.max(0, Math.min(all.length - 1, to))];
    for (const one of all) if (one.tabIndex === 0) one.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  };
  grid.addEventListener("focusin", (event) => {
    const item = /** @type {HTMLElement} */ (event.target);
    if (item.matches(".nbimage-media:focus-visible")) item.style.outline = "2px solid #4c9aff";
  });
  grid.addEventListener("focusout", (event) => {
    /** @type {HTMLElement} */ (event.target).style.outline = "";
  });
}
