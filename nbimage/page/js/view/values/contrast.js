// The contrast panel: which values there are, and between which limits they become colors.

import { clamp } from "../base/camera.js";
import { button, element } from "../base/dom.js";
import { areNumbered, colorLabel } from "../base/labels.js";
import { formatDisplay, formatValue } from "./format.js";
import { dragLimits, drawHistogram, sampleValues } from "./histogram.js";
import { makeInverseNorm, makeNorm } from "./norms.js";

/** @typedef {import("../base/types.js").DisplaySettings} DisplaySettings */

const MOST_BARS = 128;
const NORMS = [
  ["linear"],
  ["sqrt", "gamma 0.5"],
  ["gamma", "gamma 1"],
  ["log"],
  ["asinh"],
  ["symlog"],
]; // name, norm and parameter

export const CONTRAST_STYLE = `
.contrast { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 6px }
.contrast > * { flex: 1 1 190px } .contrast .bar .bar { flex-basis: 100% }
.contrast .bar { flex-basis: 256px; margin: 0; align-content: start }
.contrast [type=text] { width: 88px } .histogram canvas { width: 100%; height: 100% }
.histogram { position: relative; height: 64px; touch-action: pan-y; cursor: ew-resize }
.histogram + p { display: flex; justify-content: space-between; margin: 0 }
.histogram i { position: absolute; inset: 0 auto 0; width: 2px; margin-left: -1px;
  background: #4c9aff; pointer-events: none; outline: none }
.histogram i::before { content: ""; position: absolute; left: -5px; border: 6px solid #4c9aff;
  border-radius: 6px }
.histogram :focus-visible::before { outline: 2px solid }
.labelled .histogram { pointer-events: none } .labelled .limits, .labelled i { display: none }
`;

/**
 * @param {import("../base/types.js").Explorer} explorer
 * @returns {import("../base/types.js").Control}
 */
export function contrastControl(explorer) {
  const { config, palettes } = explorer;
  const given = explorer.initial;
  const shared = given.length < 2;
  // whose values nobody knows
  const pictures = config.images.every(({ tiles }) => tiles?.dtype === "");
  let image = config.images[0];
  let display = given[0];
  let active = -1;
  let channel = 0; // the image and the channel that are edited; -1: none yet, all
  let ends = [0, 1]; // vmin and vmax of the channel
  let low = 0;
  let high = 1;
  let positive = 1; // of the values, and the smallest one above 0
  let bars = 1;
  let counts = new Uint32Array(2); // bars lie at 0, 1 … `bars`, from low to high
  let base = 0n;
  let log = false;
  let done = "";
  /** @type {import("./samples.js").Plane | null} */
  let counted = null; // whose values are
  let known = new Float64Array(0); // finite samples
  /** @type {(x: number) => number} */
  let toShare = (x) => x;
  let valued = toShare; // between values and 0…1, from low to high

  // What changes the display settings

  const edit = (/** @type {Partial<DisplaySettings>} */ change) =>
    explorer.set({
      displays: explorer.state.displays.map((one) =>
        one === display ? { ...one, ...change } : one,
      ),
    });
  const put = (/** @type {number[]} */ to, vsym = false) => {
    // alpha keeps its full scale
    const each = channel < 0 || display.vmin.length > 1 ? 0 : image.colors.length;
    const [vmin, vmax] = [display.vmin, display.vmax].map((all, end) =>
      (each ? image.colors.map(() => all[0]) : all).map((old, c) =>
        c === channel || (channel < 0 && c < 3) ? to[end] : old,
      ),
    );
    edit({ vmin, vmax, vsym });
  };
  /** A value in as many digits as can be distinguished. @param {number} share */
  const roundShare = (share) => {
    const value = valued(share);
    if (share === 0 || share === 1) return share ? high : low;
    return +(log
      ? value.toPrecision(5)
      : value.toFixed(clamp(Math.ceil(2.4 - Math.log10(high - low)), 0, 100)));
  };
  const full = () => put([low, high]);
  const robust = () => {
    const sorted = known.slice().sort();
    const at = (/** @type {number} */ share) => sorted[Math.round(share * (sorted.length - 1))];
    if (known.length) put([at(0.02), at(0.98)]);
  };
  const even = () => {
    const zero = Number(base);
    const most = Math.max(-low - zero, high + zero);
    put([-most - zero, most - zero], true);
  };
  const bend = () => {
    const [norm, parameter] = norms.value.split(" ");
    const above = (/** @type {number[]} */ all, /** @type {number} */ least) =>
      all.map((value) => (value > 0 ? value : least));
    edit({
      norm: /** @type {DisplaySettings["norm"]} */ (norm),
      parameter: +parameter || null,
      ...(norm === "log" && {
        vmin: above(display.vmin, positive),
        vmax: above(display.vmax, high),
        vsym: false,
      }),
    });
  };

  // Elements

  const text = (/** @type {number} */ value) =>
    base ? `${base + BigInt(Math.round(value))}` : formatValue(value, dtype());
  const dtype = () => image.tiles?.dtype ?? image.planes[0].dtype;
  const choice = (
    /** @type {string} */ label,
    /** @type {string[]} */ names,
    /** @type {() => void} */ onchange,
  ) => element("select", { label, onchange }, ...names.map((name) => new Option(name)));
  const flip = () => explorer.set({ panel: !explorer.state.panel });
  const toggle = button("contrast", "Contrast (c)", flip);
  const canvas = element("canvas");
  const handles = ["vmin", "vmax"].map((label, end) =>
    element("i", {
      role: "slider",
      label,
      tabIndex: 0,
      onkeydown(/** @type {KeyboardEvent} */ event) {
        const way = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
        const share = way
          ? toShare(ends[end]) + way / (event.shiftKey ? 10 : 100)
          : { Home: 0, End: 1 }[event.key];
        if (share === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
        put(ends.with(end, roundShare(share)));
        event.preventDefault();
        event.stopPropagation();
      },
    }),
  );
  const inputs = ["vmin", "vmax"].map((label, end) =>
    element("input", {
      type: "text",
      inputMode: "decimal",
      label,
      onchange: () => {
        const input = inputs[end];
        const typed = input.value.trim().replace(",", ".");
        try {
          const value = base ? Number(BigInt(typed) - base) : +typed;
          if (typed && Number.isFinite(value) && !(log && value <= 0)) put(ends.with(end, value));
        } catch {
          /* no whole number */
        }
        input.value = input.title;
      },
    }),
  );
  const plot = element(
    "div",
    {
      className: "histogram",
      ondblclick: full,
      title: "Drag a limit, or both from between; double-click: min–max",
    },
    canvas,
    ...handles,
  );
  const least = element("span");
  const most = element("span");
  const chips = element("span", { className: "bar" });
  const images = choice(
    "image",
    config.images.map(({ name }) => name),
    () => explorer.set({ active: images.selectedIndex }),
  );
  const maps = choice("colormap", Object.keys(palettes), () => edit({ cmap: maps.value }));
  const norms = choice("norm", [], bend);
  const gamma = element("input", {
    type: "range",
    min: -1,
    max: 0.7,
    step: 0.01,
    label: "gamma",
    oninput: () => edit({ parameter: +(10 ** +gamma.value).toPrecision(3) }),
  });
  const symmetric = button("±", "Symmetric about 0", even, { label: "± symmetric about 0" });
  const invert = button("invert", "Invert (i)", () => edit({ invert: !display.invert }));
  const panel = element(
    "div",
    { className: "contrast", role: "group", label: "Contrast" },
    element("div", {}, plot, element("p", {}, least, most)),
    element(
      "div",
      {
        className: "bar",
        onclick: () => explorer.announce(`vmin ${text(ends[0])}, vmax ${text(ends[1])}`),
      },
      images,
      chips,
      ...inputs,
      button("min–max", "All values", full, { className: "limits" }),
      button("2–98 %", "Percentiles of this plane", robust, { className: "limits" }),
      symmetric,
      button("given", "As Python gave it", () => edit(given[shared ? 0 : active])),
      norms,
      gamma,
      maps,
      invert,
      button("copy", "Copy as Python", () => explorer.copy(python())),
    ),
  );
  images.hidden = shared;
  toggle.hidden = pictures;
  for (const one of [...inputs, symmetric, norms, gamma, invert]) one.classList.add("limits");

  dragLimits(plot, {
    shares: () => ends.map(shareOf),
    move: (shares, held) =>
      put(ends.map((value, i) => (held[i] ? roundShare(clamp(shares[i], 0, 1)) : value))),
    focus: (end) => handles[end].focus({ preventScroll: true }),
  });

  // What is shown

  const refresh = () => {
    const { panel: asked, active: wanted } = explorer.state;
    const open = asked && !pictures;
    Object.assign(toggle, { ariaExpanded: open, ariaPressed: open });
    panel.hidden = !open;
    display = explorer.displayOf(wanted);
    log = display.norm === "log";
    if (active !== wanted) other(wanted);
    panel.classList.toggle("labelled", areNumbered(image, display));
    if (!open) return; // its keys work all the same
    const own = display.vmin.length > 1 ? Math.max(0, channel) : 0;
    ends = [display.vmin[own], display.vmax[own]];
    count();
    write();
    draw();
  };

  /** Another image: its channels, and what can be chosen. @param {number} wanted */
  const other = (wanted) => {
    active = wanted;
    images.selectedIndex = wanted;
    image = config.images[active];
    base = BigInt(image.base);
    const { norm, parameter } = given[shared ? 0 : active];
    const colored = image.kind === "color";
    channel = colored && display.vmin.length < 2 ? -1 : 0;
    const chip = (/** @type {string} */ name, /** @type {number} */ c) =>
      button(name, "Edit this channel", () => {
        channel = c;
        refresh();
      });
    chips.replaceChildren(
      ...(colored ? [chip("all", -1)] : []),
      ...image.colors.map(({ name, color }, c) => {
        const on = element("input", {
          type: "checkbox",
          label: `show ${name}`,
          onchange: () => edit({ on: display.on.with(c, on.checked) }),
        });
        const one = chip(name, c);
        one.style.borderLeft = `8px solid rgb(${color})`;
        return element("label", {}, on, one);
      }),
    );
    const own = parameter && norm !== "gamma" ? [[`${norm} ${parameter}`]] : [];
    norms.replaceChildren(...[...NORMS, ...own].map(([name, value]) => new Option(name, value)));
    chips.hidden = !image.colors.length;
    invert.hidden = image.kind !== "gray";
    maps.hidden = invert.hidden;
  };

  /** Count the values of the plane, unless that has been done. */
  const count = () => {
    const source = explorer.sources[active];
    const index = explorer.planeNumber();
    const plane = source.peek(index);
    const key = [active, index, channel, log].join();
    const rough = plane && "tiled" in plane ? plane.overview : null; // of tiles
    if (key === done && rough === counted) return;
    if (!plane) return void source.plane(index).then(refresh);
    done = key;
    counted = rough;
    const channels = channel < 0 ? [0, 1, 2] : [channel];
    const whole = "tiled" in plane ? rough : plane;
    if (!whole) return; // pictures: nothing is known
    [known, positive] = sampleValues(whole, channels, log);
    const extents = (shared ? config.images : [image]).flatMap(({ extent }) =>
      channels.map((c) => extent[c] ?? extent[0]),
    );
    low = Math.min(...extents.map(([one]) => one));
    high = Math.max(...extents.map(([, one]) => one));
    if (log && low <= 0) low = Math.min(positive, high / 2);
    const top = low < high ? high : log ? 2 * low : low + 1;
    const axis = { vmin: low, vmax: top, norm: log ? "log" : "linear", parameter: null };
    toShare = makeNorm(axis);
    valued = makeInverseNorm(axis);
    const integral = dtype().includes("int") && !log;
    const span = top - low;
    bars = integral ? span / Math.ceil(span / MOST_BARS) : MOST_BARS; // as many numbers in each
    counts = new Uint32Array(bars + 2);
    for (const value of known) counts[Math.round(toShare(value) * bars)]++;
  };

  /** Where a limit lies, 0 to 1. @param {number} value */
  const shareOf = (value) => clamp(toShare(value), 0, 1);

  const write = () => {
    const { norm, parameter } = display;
    const brief = (/** @type {number} */ value) =>
      base ? text(value) : `${+value.toPrecision(5)}`;
    ends.forEach((value, end) => {
      const shown = text(value);
      const handle = handles[end];
      const input = inputs[end];
      Object.assign(handle, {
        ariaValueMin: Math.min(low, value),
        ariaValueMax: Math.max(high, value),
        ariaValueNow: value,
        ariaValueText: shown,
      });
      handle.style.left = `${100 * shareOf(value)}%`;
      if (input.title === shown) return; // somebody may be typing
      input.title = shown;
      input.value = shown;
    });
    least.textContent = brief(low);
    most.textContent = brief(high);
    norms.value =
      norm === "gamma" && parameter !== 0.5 ? "gamma 1" : parameter ? `${norm} ${parameter}` : norm;
    for (const option of norms.options) {
      // with a base 0 is elsewhere
      option.disabled = option.index > 2 && (!!base || (option.value === "log" && positive > high));
    }
    gamma.hidden = norms.value !== "gamma 1";
    gamma.value = `${Math.log10(parameter ?? 1)}`;
    gamma.title = `${parameter}`;
    gamma.ariaValueText = gamma.title;
    maps.value = display.cmap;
    Object.assign(invert, { ariaPressed: display.invert });
    symmetric.hidden = log;
    chips.querySelectorAll("input").forEach((on, c) => {
      on.checked = display.on[c];
    });
    chips
      .querySelectorAll("button")
      .forEach((one, i) =>
        Object.assign(one, { ariaPressed: i === channel + (image.kind === "color" ? 1 : 0) }),
      );
  };

  const draw = () => {
    const share = makeNorm({ ...display, vmin: ends[0], vmax: ends[1] });
    const color = image.colors[channel]?.color ?? [255, 255, 255];
    drawHistogram(canvas, plot, {
      counts,
      bars,
      ends: ends.map(toShare),
      color: (at) => {
        if (areNumbered(image, display))
          return colorLabel(valued(at) + Number(base), image, palettes);
        const bin = clamp(Math.floor(256 * share(valued(at))), 0, 255);
        const entry = 4 * (display.invert ? 255 - bin : bin);
        if (image.kind === "gray") return palettes[display.cmap].subarray(entry, entry + 4);
        return color.map((most) => (most * bin) / 255);
      },
    });
  };

  const python = () =>
    formatDisplay(display, image.kind === "gray", (value) => (base ? text(value) : value));

  explorer.on(refresh);
  new ResizeObserver(refresh).observe(plot);
  refresh();
  return {
    bar: [toggle],
    panel,
    keys: pictures
      ? {}
      : {
          c: flip,
          i: () => {
            if (!invert.hidden) invert.click();
          },
        },
  };
}
