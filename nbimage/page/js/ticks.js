// What stands beside a picture: the densest ticks whose texts do not touch, whatever its size; and
// where the page is too narrow for picture and colorbar side by side, the colorbar goes below.

const LEAST = 200; // CSS pixels that a picture keeps, if its own size asks for so many

/** @param {HTMLElement} box the element around the picture */
function spaceTicks(box) {
  const figure = /** @type {HTMLElement | null} */ (box.closest(".nbimage-figure"));
  if (!figure || figure.dataset.ready) return;
  figure.dataset.ready = "1";
  const axes = /** @type {HTMLElement[]} */ ([...figure.querySelectorAll(".nbimage-axis")]);
  const aside = /** @type {HTMLElement | null} */ (figure.querySelector(".nbimage-aside"));
  const left = figure.querySelector(".nbimage-y");

  /** Returns an axis' ticks with the reach of their texts, in CSS pixels from their positions. */
  const measureTicks = (/** @type {HTMLElement} */ axis) => {
    const down = !axis.dataset.across && !axis.dataset.upright;
    const room = axis.dataset.upright ? 0 : 4;
    const elements = /** @type {HTMLElement[]} */ ([...axis.querySelectorAll(".nbimage-tick")]);
    for (const element of elements) element.style.display = "";
    const scale = axis.getBoundingClientRect().height / axis.offsetHeight; // of slides
    return elements
      .map((element) => {
        const text = document.createRange(); // its own box has no width where it is centred
        text.selectNodeContents(/** @type {HTMLElement} */ (element.lastElementChild));
        const box = text.getBoundingClientRect();
        const own = element.getBoundingClientRect();
        const [before, after] = down
          ? [box.top - own.top, box.bottom - own.top]
          : [box.left - own.left, box.right - own.left];
        return {
          element,
          text: element.lastElementChild?.textContent ?? "",
          levels: (element.dataset.levels ?? "0").split(" ").map(Number),
          position: parseFloat(down ? element.style.top : element.style.left) / 100,
          before: before / scale - room,
          after: after / scale + room,
        };
      })
      .sort((a, b) => a.position - b.position);
  };
  /** @typedef {ReturnType<typeof measureTicks>} Ticks */
  /** @type {Map<HTMLElement, Ticks>} */
  const known = new Map();

  const thin = (/** @type {HTMLElement} */ axis) => {
    if (!axis.offsetWidth || !axis.offsetHeight) return; // not on the page now
    const ticks = known.get(axis) ?? measureTicks(axis);
    known.set(axis, ticks);
    const down = !axis.dataset.across && !axis.dataset.upright;
    const length = down ? axis.offsetHeight : axis.offsetWidth;
    /** @type {Ticks} */
    let shown = [];
    for (let level = Math.max(0, ...ticks.flatMap((tick) => tick.levels)); level >= 0; level--) {
      const all = ticks.filter((tick) => tick.levels.includes(level));
      let free = -Infinity;
      shown = all.filter(({ position, before, after }) => {
        if (position * length + before < free - 0.5) return false;
        free = position * length + after;
        return true;
      });
      if (shown.length === all.length) break; // else, at last, only those that have room
    }
    for (const tick of ticks) tick.element.style.display = shown.includes(tick) ? "" : "none";
    keep(axis, shown);
  };

  /** Widens the column of an axis for ticks that a drag has brought; it stays so. */
  const keep = (/** @type {HTMLElement} */ axis, /** @type {Ticks} */ shown) => {
    const column = axis.closest("[aria-hidden]")?.querySelector(".nbimage-room");
    if (!column) return;
    const longest = Math.max(...[...column.children].map((line) => line.textContent?.length ?? 0));
    for (const { text } of shown) {
      if (text.length <= longest) continue;
      column.append(Object.assign(document.createElement("div"), { textContent: text }));
    }
  };

  const arrange = () => {
    if (aside) {
      const page = figure.parentElement?.clientWidth ?? Infinity;
      const beside = page - aside.scrollWidth - (left?.clientWidth ?? 0);
      const below = beside < Math.min(LEAST, +(box.dataset.width ?? 0));
      aside.style.gridRow = below ? "3" : "1";
      aside.style.gridColumn = below ? "2" : "3";
      aside.style.width = below ? "0" : ""; // it may stand out, and must not widen the column
      aside.style.height = below ? "160px" : "";
      aside.style.margin = below ? "8px 0 0" : "";
    }
    axes.forEach(thin);
  };
  const watch = new ResizeObserver(arrange);
  watch.observe(box);
  if (figure.parentElement) watch.observe(figure.parentElement);
}

for (const box of document.querySelectorAll(".nbimage-box,.nbimage-media")) {
  spaceTicks(/** @type {HTMLElement} */ (box));
}
