// Contrast: the colorbar beside the picture, and a panel with all that limits can be set by.

import { withItem } from "../base/camera.js";
import { button, element, setAria } from "../base/dom.js";
import { LABELS } from "../base/labels.js";
import { popup, roving } from "../base/popup.js";
import { formatDisplay } from "../values/format.js";
import { findBend } from "../values/norms.js";
import { CHANNELS_STYLE, channelRows } from "./channels.js";
import { COLORBAR_STYLE, makeColorbar } from "./colorbar.js";
import { HANDLE_STYLE, limitStrip } from "./handles.js";
import { Subject } from "./subject.js";

/** @typedef {import("../base/types.js").DisplaySettings} DisplaySettings */

const NORMS = [
  ["linear"],
  ["sqrt", "gamma 0.5"],
  ["gamma", "gamma 1"],
  ["log"],
  ["asinh"],
  ["symlog"],
]; // name, norm and parameter
const PERCENTS = [0.1, 0.5, 1, 2];
const DECADES = 4; // below the largest limit, that the knee of a norm can have

export const CONTRAST_STYLE = `${HANDLE_STYLE}${COLORBAR_STYLE}${CHANNELS_STYLE}
.contrast .plot { height: 64px; margin: 0 12px }
.ends { display: flex; flex-wrap: wrap; align-items: baseline; margin: 3px 12px -4px }
.contrast .ends * { font-size: 12px; min-height: 24px; padding: 2px 6px }
.contrast .ends span { padding: 4px 0; color: var(--dim) }
.ends :first-child { margin-right: auto }
.ends :last-child { margin-left: auto }
.maps.open { display: grid; grid-template-columns: 1fr 1fr }
.map { height: 12px; border-radius: 3px; box-shadow: inset 0 0 0 1px #8886 }
.maps button { justify-content: flex-start }
.maps .map { width: 56px }
.field .map { flex: none; width: 28px; height: 28px; border: 0 }
.chips select { border-color: #0000; padding: 1px 4px 2px }
.contrast .row [type=range] { flex: 1 }
`;

/**
 * @param {import("../base/types.js").Explorer} explorer
 * @returns {import("../base/types.js").Control}
 */
export function contrastControl(explorer) {
  const { config, palettes } = explorer;
  const subject = new Subject(explorer);
  let active = -1;
  let percent = 0; // by which limits were found last
  const now = () => subject.channel;
  const bar = makeColorbar(subject, () => refresh());
  const rows = channelRows(subject, () => refresh());

  // Elements

  const choice = (
    /** @type {string} */ label,
    /** @type {string[]} */ names,
    /** @type {() => void} */ onchange,
  ) => element("select", { label, onchange }, ...names.map((name) => new Option(name)));
  const field = (/** @type {string} */ name, /** @type {HTMLElement} */ inside) =>
    element("label", { className: "field" }, name, inside);
  const { strip: plot, draw: drawPlot } = limitStrip(subject, "", now, 6, true);
  plot.classList.add("plot");
  const inputs = ["from", "to"].map((label, end) =>
    element("input", {
      type: "text",
      inputMode: "decimal",
      label,
      onchange: () => {
        const input = inputs[end];
        const typed = input.value.trim().replace(",", ".").replace("−", "-");
        const { base } = subject;
        try {
          const value = base ? Number(BigInt(typed) - base) : +typed;
          if (typed && Number.isFinite(value) && !(isLog() && value <= 0))
            subject.put(now(), withItem(subject.ends(now()), end, value));
        } catch {
          /* no whole number */
        }
        input.value = input.title;
      },
    }),
  );
  const isLog = () => subject.display.norm === "log";
  const least = element("span");
  const most = element("span");
  const images = choice(
    "image",
    config.images.map(({ name }) => name),
    () => explorer.set({ active: images.selectedIndex }),
  );
  const maps = choice("colormap", Object.keys(palettes), () => subject.edit({ cmap: maps.value }));
  const ramps = element(
    "div",
    { className: "maps", role: "group", label: "Colormaps" },
    ...Object.entries(palettes)
      .filter(([name]) => name !== LABELS)
      .map(([name, palette]) => {
        const stops = Array.from({ length: 9 }, (_, i) => {
          const [r, g, b, a] = palette.subarray(4 * Math.round(i * 31.875));
          return `rgba(${r},${g},${b},${a / 255})`;
        });
        const ramp = element("i", { className: "map" });
        ramp.style.background = `linear-gradient(90deg,${stops})`;
        const one = button("", name, () => subject.edit({ cmap: name }));
        one.append(ramp, name);
        return one;
      }),
  );
  roving(ramps);
  const bend = () => {
    const [norm, parameter] = norms.value.split(" ");
    const { display, first } = subject;
    const positive = subject.extent(Math.max(0, now()));
    const above = (/** @type {number[]} */ all, /** @type {number} */ end) =>
      all.map((value, c) => {
        const known = subject.known(now() < 0 ? now() : c)?.positive ?? 1;
        return value > 0 ? value : end ? positive[1] : known;
      });
    subject.edit({
      norm: /** @type {DisplaySettings["norm"]} */ (norm),
      parameter: +parameter || (norm === first.norm ? first.parameter : null),
      ...(norm === "log" && {
        vmin: above(display.vmin, 0),
        vmax: above(display.vmax, 1),
        vsym: false,
      }),
    });
  };
  const norms = choice("norm", [], bend);
  const slider = (/** @type {string} */ label, /** @type {object} */ range) => {
    const input = element("input", { type: "range", step: 0.01, label, ...range });
    input.oninput = () =>
      subject.edit({ parameter: +(10 ** +input.value * scaleOf()).toPrecision(3) });
    const value = element("span", { className: "quiet" });
    return { input, value, node: element("label", { className: "row" }, label, input, value) };
  };
  const scaleOf = () =>
    subject.display.norm === "gamma"
      ? 1
      : Math.max(...subject.ends(now()).map((end) => Math.abs(end))) || 1;
  const gamma = slider("gamma", { min: -1, max: 0.7 });
  const width = slider("width", { min: -DECADES, max: 0 });
  const percents = choice("percentiles", [], () => {
    const asked = +percents.value;
    if (!asked) return;
    subject.percentiles(now(), asked);
    percent = asked;
    percents.value = String(asked);
  });
  percents.append(
    new Option("percentile", ""),
    ...PERCENTS.map((one) => new Option(`${one} %`, String(one))),
  );
  percents.title = "As many values lie beyond the limits, on either side";
  const whole = button("min–max", "All values", () => subject.full(now()));
  const symmetric = button("around 0", "Limits symmetric about 0", () => subject.even(now()));
  const zscale = button("zscale", "Limits of faint detail, without stars", () =>
    subject.zscale(now()),
  );
  const invert = button("invert", "Invert (i)", () =>
    subject.edit({ invert: !subject.display.invert }),
  );
  const quiet = { className: "quiet" };
  const near = button(
    "near",
    "Show values near the limits, or all",
    () => {
      subject.near = near.getAttribute("aria-pressed") !== "true";
      refresh();
    },
    quiet,
  );
  const log = button(
    "log",
    "Bars as long as the logarithm of their counts",
    () => {
      subject.log = !subject.log;
      refresh();
    },
    quiet,
  );
  const limits = element(
    "div",
    { className: "limits" },
    plot,
    element("div", { className: "ends" }, least, log, near, most),
    element(
      "div",
      { className: "fields" },
      ...inputs.map((one, i) => field(["from", "to"][i], one)),
    ),
  );
  const bent = field("norm", norms);
  const opener = button("", "All colormaps", () => {}, { className: "map", label: "Colormaps" });
  popup(opener, ramps);
  const colors = field("colors", element("span", { className: "row" }, maps, opener));
  const chips = element(
    "div",
    { className: "chips" },
    whole,
    percents,
    zscale,
    symmetric,
    invert,
    button("reset", "As Python gave it", () => subject.edit(subject.first)),
  );
  chips.onclick = () => {
    const [low, high] = subject.ends(now()).map((end) => subject.brief(end));
    explorer.announce(`from ${low} to ${high}`);
  };
  const panel = element(
    "div",
    { className: "contrast" },
    images,
    rows.node,
    limits,
    element("div", { className: "fields" }, bent, colors),
    gamma.node,
    width.node,
    chips,
    ramps,
  );

  // What is shown

  const refresh = () => {
    images.hidden = subject.shared;
    if (active !== subject.active) other();
    bar.draw();
    if (!panel.clientWidth) return; // its keys work all the same
    write();
    rows.draw();
  };

  /** Another image: its channels, and what can be chosen. */
  const other = () => {
    active = subject.active;
    images.selectedIndex = active;
    const { image, display, first } = subject;
    subject.channel = image.kind === "color" && display.vmin.length < 2 ? -1 : 0;
    norms.replaceChildren(...NORMS.map(([name, value]) => new Option(name, value ?? name)));
    if (first.edges) norms.append(new Option("levels"));
    const gray = image.kind === "gray";
    colors.hidden = !gray;
  };

  const write = () => {
    const { display, numbered, base } = subject;
    const { norm, parameter } = display;
    limits.hidden = bent.hidden = numbered;
    whole.hidden = percents.hidden = numbered;
    invert.hidden = numbered || subject.image.kind !== "gray";
    zscale.hidden = numbered || !!base;
    symmetric.hidden = numbered || isLog();
    const found = subject.counted(now());
    const values = subject.ends(now());
    const texts = values.map((value) => subject.text(value));
    inputs.forEach((input, end) => {
      if (input.title === texts[end]) return; // somebody may be typing
      input.title = texts[end];
      input.value = texts[end];
      percent = 0;
    });
    percents.value = percent ? String(percent) : "";
    norms.value = norm === "gamma" ? `gamma ${parameter === 0.5 ? 0.5 : 1}` : norm;
    const [, high] = subject.extent(Math.max(0, now()), true);
    for (const option of norms.options) {
      // with a base 0 is elsewhere
      option.disabled = option.index > 2 && (!!base || (option.value === "log" && !(high > 0)));
    }
    gamma.node.hidden = norms.value !== "gamma 1";
    gamma.input.value = `${Math.log10(parameter ?? 1)}`;
    gamma.value.textContent = `${parameter}`;
    width.node.hidden = numbered || !["asinh", "symlog"].includes(norm);
    const knee = findBend(subject.limits(now()))?.knee ?? 0;
    width.input.value = `${Math.log10(knee / scaleOf())}`;
    width.value.textContent = subject.brief(knee);
    for (const { input, value } of [gamma, width]) setAria(input, { valuetext: value.textContent });
    maps.value = display.cmap;
    for (const one of ramps.children) {
      const used = one.textContent === display.cmap;
      setAria(one, { pressed: used });
      const ramp = /** @type {HTMLElement} */ (one.firstChild);
      if (used) opener.style.background = ramp.style.background;
    }
    setAria(invert, { pressed: display.invert });
    setAria(log, { pressed: subject.log });
    setAria(near, { pressed: !!found && subject.isNear(now()) });
    if (!found || numbered) return;
    least.textContent = subject.brief(found.scale.low);
    most.textContent = subject.brief(found.scale.high);
    plot.hidden = now() >= 0 && !!subject.image.colors.length; // its row has one
    drawPlot();
  };

  const python = () =>
    formatDisplay(subject.display, subject.image.kind === "gray", (value) =>
      subject.base ? subject.text(value) : value,
    );

  explorer.on((change) => {
    if (Object.keys(change).join() !== "index" || !subject.waits()) refresh();
  });
  const watch = new ResizeObserver(refresh);
  for (const one of [plot, bar.strip]) watch.observe(one);
  refresh();
  return {
    opens: { name: "contrast", word: "Contrast", hint: "Contrast", key: "c" },
    panel,
    beside: bar.node,
    saves: [
      {
        word: "Copy contrast as Python",
        hint: "Copy limits and colors as Python (vmin=…)",
        run: () => explorer.copy(python()),
      },
    ],
    over: () => {
      if (subject.stale && !subject.waits()) refresh();
    },
    help: [
      ["Values", "i", "invert"],
      ["Values", "t", "values beside the pointer"],
    ],
    keys: {
      i: () => {
        if (!invert.hidden) invert.click();
      },
      t: () => explorer.set({ tip: !explorer.state.tip }),
    },
  };
}
