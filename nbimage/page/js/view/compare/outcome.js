// The panel of what is between two images: its colors, its range and its numbers.

import { button, element, setAria } from "../base/dom.js";
import { signButton } from "../base/icons.js";
import { Derived, isDerived } from "./derived.js";
import { describeNumbers, formatBrief, numbersAsPython } from "./difference.js";

/** @typedef {import("../base/types.js").Explorer} Explorer */
/** @typedef {import("../base/types.js").Item} Item */
/** @typedef {import("./difference.js").Difference} Difference */

export const OUTCOME_STYLE = `
.differences { margin-top: 12px; max-width: 380px }
.differences .between { justify-content: space-between }
.differences i { flex: 1; height: 10px; border-radius: 2px;
  box-shadow: inset 0 0 0 1px var(--line) }
.outcome { margin: 8px 0; text-align-last: justify; color: var(--dim) }
.outcome b { display: inline-block; font-weight: 400; color: var(--fg); text-align-last: right }
.differences .row > [type=range] { flex: 1 }
`;

/**
 * @param {Explorer} explorer
 * @returns {{panel: HTMLElement, items: () => Item[], title: () => string, ready: () =>
 *   Promise<void>, busy: () => string, update: () => void}}
 */
export function outcomePanel(explorer) {
  const { images, axes } = explorer.config;
  const { state } = explorer;
  /** @type {Item | null} */
  let item = null; // in its colors
  /** @type {number | null} */
  let share = null; // of the largest magnitude: what has the last color; null: the usual one

  const title = () => {
    const [a, b] = state.pair.map((i) => images[i].name);
    /** @type {Partial<Record<string, string>>} */
    const titles = {
      absolute: `|${a} − ${b}|`,
      relative: `(${a} − ${b}) / |${b}|`,
      ssim: `SSIM of ${a}, ${b}`,
      flip: `FLIP of ${a}, ${b}`,
    };
    return titles[state.mode] ?? `${a} − ${b}`;
  };
  const perceived = () => /ssim|flip/.test(state.mode);

  function recolor() {
    const { limit = 0, usual = 0 } = derived.found ?? {};
    const high = share === null || perceived() ? usual : limit * share;
    const part = high / limit || 1;
    const signed = /difference|relative/.test(state.mode);
    const turned = signed || state.mode === "ssim"; // blue below, red above; what is alike dark
    const low = signed && high ? -high : 0;
    const name = signed ? "RdBu" : "magma";
    const cmap = explorer.palettes[name] ? name : "gray";
    const colors = [0, 64, 128, 192, 255].map((n) => {
      const i = turned ? 255 - n : n;
      return `rgb(${explorer.palettes[cmap].slice(4 * i, 4 * i + 3)})`;
    });
    strip.style.background = `linear-gradient(90deg, ${colors})`;
    strip.hidden = derived.found?.plane.channels !== 1;
    [least.value, largest.value] = [low, high].map((limit) => formatBrief(limit));
    const usually = share === null && part < 1;
    span.value = `${signed ? "±" : "up to "}${formatBrief(high, 3)}${usually ? " (99.5 %)" : ""}`;
    Object.assign(range, {
      min: Math.min(-2, Math.log10(part)),
      value: Math.log10(part),
    });
    setAria(range, { valuetext: span.value });
    ranged.hidden = perceived();
    wider.hidden = perceived() || (share === null && !usually);
    wider.textContent = share === null ? "full range" : "99.5 %";
    item = derived.item;
    if (!item) return;
    const [a, b] = state.pair;
    const { plane, image } = item;
    const { channels, rows, columns } = plane;
    const colored = channels > 1;
    const richer = derived.richer;
    const all = (/** @type {number} */ end) => Array(channels).fill(end);
    const plain = /difference|absolute/.test(state.mode);
    item = {
      ...item,
      image: {
        ...image,
        kind: colored ? "color" : "gray",
        colors: colored ? images[richer].colors : [],
        channels,
        rows,
        columns,
        name: title(),
        planes: [],
        base: "0",
        names: undefined, // of values, not of what is between them
        full: 1,
        exact: images[a].exact && images[b].exact,
        extent: [[low && -limit, limit]],
        unit: plain ? image.unit : "",
        labels: plain ? image.labels : 0,
      },
      display: {
        vmin: all(low),
        vmax: all(high),
        on: colored ? explorer.displayOf(richer).on : [],
        norm: "linear",
        parameter: null,
        vsym: signed,
        cmap,
        invert: turned,
      },
    };
  }
  const setRange = (/** @type {number | null} */ to) => {
    share = to;
    recolor();
    explorer.draw();
  };
  /** Where the largest one is, in samples of the first image. */
  const spot = () => {
    const { row, column } = /** @type {Difference} */ (derived.found);
    const { x, y, sx, sy } = /** @type {Item} */ (derived.item).position;
    const own = images[state.pair[0]].position;
    return {
      x: Math.floor((x + sx * (column + 0.5) - own.x) / own.sx),
      y: Math.floor((y + sy * (row + 0.5) - own.y) / own.sy),
    };
  };
  /** The same, rows counted as in the array. */
  const where = () => {
    const { lower, rows } = images[state.pair[0]];
    const { x, y } = spot();
    return [lower ? rows - 1 - y : y, x];
  };
  const busy = () =>
    derived.share < 1 || !derived.known ? `${Math.floor(100 * (derived.share % 1))} %` : "";
  const tell = () => {
    recolor();
    if (busy()) explorer.draw();
    const { found, level } = derived;
    const { most = 0, numbers } = found ?? {};
    top.hidden = !most || !numbers?.values;
    copied.hidden = !numbers?.values;
    const means =
      level > 0 ? `at level ${level} (means of ${2 ** level}×${2 ** level})` : "all samples";
    status.textContent = busy() || (level < 0 ? "" : `of what is seen, ${means}`);
    status.hidden = !status.textContent;
    const rows = derived.known ? describeNumbers(found) : [];
    numbersList.replaceChildren(
      ...rows.map(([name, value]) =>
        element("div", {}, `${name} `, element("b", { textContent: value })),
      ),
    );
    if (top.hidden) return;
    const [y, x] = where();
    const end = state.mode === "ssim" ? "min" : "max";
    top.textContent = `${end} ${formatBrief(most)} at x ${x}, y ${y}`;
  };
  const copy = () => {
    const { found, level } = derived;
    if (!found) return;
    const plane = axes.map(({ name }, i) => `${JSON.stringify(name)}: ${state.index[i]}`);
    const names = JSON.stringify(state.pair.map((i) => images[i].name));
    const at = `"at": (${where().join(", ")})`;
    const plain = /difference|absolute/.test(state.mode);
    const metric = plain ? "" : `"metric": "${state.mode}", `;
    const how = metric + (level < 0 ? "" : `"level": ${level}, `);
    const all = numbersAsPython(found, state.mode === "ssim");
    explorer.copy(`{"images": ${names}, ${how}"index": {${plane.join(", ")}}, ${at}, ${all}}`);
  };

  const range = element("input", {
    type: "range",
    min: -2,
    max: 0,
    step: "any",
    label: "Range",
    oninput: () => setRange(10 ** +range.value),
  });
  const wider = button("", "Range of the differences: 99.5 % of them, or all", () =>
    setRange(share === null ? 1 : null),
  );
  const [least, largest, span] = [0, 1, 2].map(() => element("output"));
  const strip = element("i");
  const ranged = element("label", { className: "row" }, "range", range, span);
  const status = element("div", { className: "quiet", role: "status" });
  const numbersList = element("div", { className: "outcome" });
  const top = button("", "Show where", () => {
    const { x, y, sx, sy } = images[state.pair[0]].position;
    const at = spot();
    explorer.set({
      cursor: { x: Math.floor(x + sx * (at.x + 0.5)), y: Math.floor(y + sy * (at.y + 0.5)) },
    });
  });
  const copied = signButton("copy", "Copy the numbers as Python", copy);
  const panel = element(
    "div",
    { className: "differences", role: "group", label: "Difference" },
    element("label", { className: "row between" }, least, strip, largest),
    ranged,
    numbersList,
    status,
    element("div", { className: "chips" }, top, copied, wider),
  );
  const derived = new Derived(explorer, tell);
  return {
    panel,
    title,
    ready: () => derived.ready,
    busy,
    items: () => {
      derived.items();
      return item ? [item] : [];
    },
    update: () => {
      panel.hidden = !isDerived(state.mode);
    },
  };
}
