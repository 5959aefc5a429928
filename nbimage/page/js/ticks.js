// What stands beside a picture: the densest ticks whose texts do not touch, whatever its size; and
// where the page is too narrow for picture and colorbar side by side, the colorbar goes below.

const LEAST = 200; // CSS pixels that a picture keeps, if its own size asks for so many

/** @param {HTMLElement} box the element around the picture */
export function spaced(box) {
  const figure = /** @type {HTMLElement | null} */ (box.closest(".nbimage-figure"));
  if (!figure || figure.dataset.ready) return;
  figure.dataset.ready = "1";
  const axes = /** @type {HTMLElement[]} */ ([...figure.querySelectorAll(".nbimage-axis")]);
  const aside = /** @type {HTMLElement | null} */ (figure.querySelector(".nbimage-aside"));
  const left = figure.querySelector(".nbimage-y");

  const thin = (/** @type {HTMLElement} */ axis) => {
    const room = axis.dataset.airy ? 4 : 0;
    const ticks = /** @type {HTMLElement[]} */ ([...axis.querySelectorAll(".nbimage-tick")]);
    const levels = ticks.map((tick) => (tick.dataset.levels ?? "0").split(" ").map(Number));
    /** Shows the ticks of a level; returns those that would touch one before them. */
    const show = (/** @type {number} */ level) => {
      ticks.forEach((tick, i) => { tick.style.display = levels[i].includes(level) ? "" : "none"; });
      const spans = ticks.filter((_, i) => levels[i].includes(level)).map((tick) => {
        const text = document.createRange(); // its own box has no width where it is centred
        text.selectNodeContents(/** @type {HTMLElement} */ (tick.lastElementChild));
        const { left, right, top, bottom } = text.getBoundingClientRect();
        const [start, end] = axis.dataset.across ? [left - 4, right + 4]
          : axis.dataset.upright ? [left, right] : [top - room, bottom + room];
        return { tick, start, end };
      }).sort((a, b) => a.start - b.start);
      let free = -Infinity;
      return spans.filter(({ start, end }) => {
        if (start < free - 0.5) return true;
        free = end;
        return false;
      });
    };
    for (let level = Math.max(0, ...levels.flat()); level >= 0; level--) {
      const touching = show(level);
      if (!touching.length) break;
      if (!level) for (const { tick } of touching) tick.style.display = "none";
    }
    keep(axis, ticks);
  };

  /** Widens the column of an axis for ticks that a drag has brought; it stays so. */
  const keep = (/** @type {HTMLElement} */ axis, /** @type {HTMLElement[]} */ ticks) => {
    const column = axis.closest("[aria-hidden]")?.querySelector(".nbimage-room");
    if (!column) return;
    const longest = Math.max(...[...column.children].map((line) => line.textContent?.length ?? 0));
    for (const tick of ticks) {
      const text = tick.style.display ? "" : tick.lastElementChild?.textContent ?? "";
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
