// What stands beside a picture: the densest ticks whose texts do not touch, whatever its size.
// Where the page is too narrow for picture and colorbar side by side, the figure's style puts the
// colorbar below; where that is unknown or was taken away, it is done here.

const TURNED = 20; // CSS pixels between texts at 45°
const BAR_GAPS = [
  [60, 3],
  [30, 2],
]; // CSS pixels between a bar's ticks, if there are so many then
const MEANT = 6; // numbers on an axis, as nearly as there are round ones
const LEAST = 200; // CSS pixels that a picture keeps, if its own size asks for so many

/** @param {HTMLElement} box the element around the picture */
function spaceTicks(box) {
  const figure = /** @type {HTMLElement | null} */ (box.closest(".nbimage-figure"));
  if (!figure || figure.dataset.ready) return;
  figure.dataset.ready = "1";
  const axes = /** @type {HTMLElement[]} */ ([...figure.querySelectorAll(".nbimage-axis")]);
  const aside = /** @type {HTMLElement | null} */ (figure.querySelector(".nbimage-aside"));
  const left = figure.querySelector(".nbimage-y");
  const root = figure.closest(".nbimage");
  const styled = root && getComputedStyle(root).containerType === "inline-size";

  /** Returns an axis' ticks with the reach of their texts, in CSS pixels from their positions. */
  const measureTicks = (/** @type {HTMLElement} */ axis) => {
    const down = !axis.dataset.across;
    const room = down || axis.dataset.turned ? 0 : 4;
    const elements = /** @type {HTMLElement[]} */ ([...axis.querySelectorAll(".nbimage-tick")]);
    for (const element of elements) element.style.display = "";
    const { width, height } = axis.getBoundingClientRect();
    const scale = down ? height / axis.offsetHeight : width / axis.offsetWidth; // of slides
    return elements
      .map((element) => {
        const text = document.createRange(); // its own box has no width where it is centred
        text.selectNodeContents(/** @type {HTMLElement} */ (element.lastElementChild));
        const box = text.getBoundingClientRect();
        const own = element.getBoundingClientRect();
        const [before, after] = axis.dataset.turned
          ? [(-TURNED * scale) / 2, (TURNED * scale) / 2]
          : down
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

  const lengthOf = (/** @type {HTMLElement} */ axis) =>
    axis.dataset.across ? axis.offsetWidth : axis.offsetHeight;

  /** Returns the levels that an axis can have, sparse ones first: their ticks have room. */
  const levelsOf = (/** @type {HTMLElement} */ axis, apart = 0) => {
    const ticks = known.get(axis) ?? measureTicks(axis);
    known.set(axis, ticks);
    const length = lengthOf(axis);
    /** @type {Ticks[]} */
    const levels = [];
    const last = Math.max(0, ...ticks.flatMap((tick) => tick.levels));
    for (let level = 0; level <= last; level++) {
      const all = ticks.filter((tick) => tick.levels.includes(level));
      let [free, start] = [-Infinity, -Infinity];
      const shown = all.filter(({ position, before, after }) => {
        const at = position * length;
        if (at + before < free - 0.5 || at < start + apart - 0.5) return false;
        [free, start] = [at + after, at];
        return true;
      });
      if (shown.length === all.length || !level) levels.push(shown);
      else if (shown.length < all.length) break;
    }
    return levels;
  };

  /** Returns the level to be shown: all names that have room, or about six numbers. */
  const chooseLevel = (/** @type {HTMLElement} */ axis, /** @type {Ticks[]} */ levels) => {
    if (axis.dataset.named) return levels.length - 1;
    const rank = (/** @type {Ticks} */ { length }) =>
      100 * Math.abs(length - MEANT) + (length > MEANT + 1 ? length : -length);
    return levels.reduce((best, one, i) => (rank(one) < rank(levels[best]) ? i : best), 0);
  };

  const thin = () => {
    const visible = axes.filter((axis) => axis.offsetWidth && axis.offsetHeight);
    const found = visible.map((axis) => {
      for (const [apart, few] of axis.dataset.bar && !axis.dataset.named ? BAR_GAPS : []) {
        const levels = levelsOf(axis, apart);
        const level = chooseLevel(axis, levels);
        if (levels[level].length >= few) return { axis, levels, level };
      }
      const levels = levelsOf(axis);
      return { axis, levels, level: chooseLevel(axis, levels) };
    });
    const pair = found.filter(({ axis }) => axis.dataset.paired);
    if (pair.length === 2) {
      // of one scale, and so of one step: the longer one's
      const [one, other] = pair.map(({ axis }) => lengthOf(axis));
      const { level } = pair[one >= other ? 0 : 1];
      const both = Math.min(level, ...pair.map(({ levels }) => levels.length - 1));
      for (const one of pair) one.level = both;
    }
    for (const { axis, levels, level } of found) {
      const shown = levels[level];
      for (const tick of known.get(axis) ?? []) {
        tick.element.style.display = shown.includes(tick) ? "" : "none";
      }
      keep(axis, shown);
    }
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
    if (aside && !styled && !figure.closest(".nbimage-grid")) {
      const page = figure.parentElement?.clientWidth ?? Infinity;
      const beside = page - aside.scrollWidth - (left?.clientWidth ?? 0);
      const below = beside < Math.min(LEAST, +(box.dataset.width ?? 0));
      aside.style.gridRow = below ? "3" : "1";
      aside.style.gridColumn = below ? "2" : "3";
      aside.style.width = below ? "0" : ""; // it may stand out, and must not widen the column
      aside.style.height = below ? "160px" : "";
      aside.style.margin = below ? `${figure.style.paddingTop} 0 0` : "";
    }
    figure.dataset.spaced = "1"; // from now on the figure's style leaves that to us
    thin();
  };
  // paper has a width that nobody knows yet, but the figure's style: unless it is kept smaller
  addEventListener("beforeprint", () => {
    if (parseFloat(box.style.width) > +(box.dataset.width ?? 0) - 1) delete figure.dataset.spaced;
  });
  addEventListener("afterprint", arrange);
  const watch = new ResizeObserver(arrange);
  watch.observe(box);
  if (figure.parentElement) watch.observe(figure.parentElement);
}

// of axes that are put around a picture that a grid enlarges
addEventListener("nbimage-figure", (event) =>
  spaceTicks(/** @type {HTMLElement} */ (event.target)),
);
for (const box of document.querySelectorAll(".nbimage-box,.nbimage-media")) {
  spaceTicks(/** @type {HTMLElement} */ (box));
}
