// Comparing images: side by side, under a divider, in turn, and what is between them.

import { clamp } from "../base/camera.js";
import { playIcon } from "../base/control_style.js";
import { element, setAria } from "../base/dom.js";
import { iconButton, signButton } from "../base/icons.js";
import { drawName } from "../values/name_plate.js";
import { planeItems } from "../values/plane_items.js";
import { isDerived } from "./derived.js";
import { linkDisplays, mayLink } from "./linked.js";
import { OUTCOME_STYLE, outcomePanel } from "./outcome.js";

/** @typedef {import("../base/types.js").Explorer} Explorer */
/** @typedef {import("../base/types.js").State} State */
/** @typedef {import("../base/types.js").Item} Item */

const MODES = {
  side: "side by side",
  swipe: "swipe",
  blink: "blink",
  difference: "difference",
  absolute: "|difference|",
  relative: "relative difference",
  ssim: "SSIM",
  flip: "FLIP",
};

const THUMB = `appearance: none; box-sizing: border-box; width: 44px; height: 44px;
  border: 9px solid #0000;
  border-radius: 50%; background: var(--thumb, #fff) padding-box; box-shadow: inset 0 0 0 2px #0008;
  pointer-events: auto; cursor: ew-resize;
  touch-action: none`;
export const COMPARE_STYLE = `
.compare { display: flex; flex-direction: column; gap: 6px; max-width: 380px }
.compare .row > select { flex: 1 }
.compare input[type=number] { width: 64px }
.divider { position: absolute; z-index: 1; inset: 0; overflow: hidden; pointer-events: none }
.divider input { width: calc(100% + 44px); height: 100%; margin: 0 -22px; touch-action: none }
.divider input, .divider ::-webkit-slider-runnable-track { appearance: none; background: none;
  pointer-events: none }
.divider ::-webkit-slider-thumb { ${THUMB} }
.divider ::-moz-range-thumb { ${THUMB} }
.divider :focus-visible { outline: none; --thumb: var(--accent) }
${OUTCOME_STYLE}`;

/**
 * @param {Explorer} explorer
 * @returns {import("../base/types.js").CompareControl}
 */
export function compareControl(explorer) {
  const { images } = explorer.config;
  const { state } = explorer;
  const outcome = outcomePanel(explorer);

  // Blink: a chain of timers that ends with its element, and begins again with the next frame

  let turned = 0; // which image is shown
  let timer = 0;
  let paused = explorer.calm;
  function tick() {
    clearTimeout(timer);
    timer = 0;
    if (state.mode !== "blink" || paused || !grip.isConnected) return;
    timer = setTimeout(() => {
      turn();
      tick();
    }, 1000 / state.rate);
  }
  const turn = () => {
    turned = (turned + 1) % images.length;
    explorer.draw();
  };
  const setPaused = (to = !paused) => {
    paused = to;
    pause.replaceChildren(playIcon(!paused));
    setAria(pause, { pressed: paused });
    tick();
  };
  const exchangeImages = () => {
    if (state.mode !== "blink") return explorer.set({ pair: [state.pair[1], state.pair[0]] });
    setPaused(true);
    turn();
    explorer.announce(images[turned].name);
  };

  // What there is to press

  /** @param {string} label @param {string[]} names @param {(value: number) => void} chosen */
  const select = (label, names, chosen) => {
    const choice = element("select", {
      label,
      title: label,
      onchange: () => chosen(+choice.value),
    });
    names.forEach((name, i) => choice.add(new Option(name, String(i))));
    return choice;
  };
  const pictured = images.some(({ tiles }) => tiles && !tiles.dtype); // there are no values
  const modes = /** @type {State["mode"][]} */ (Object.keys(MODES)).filter(
    (name) => !pictured || !isDerived(name),
  );
  const mode = select(
    "How to compare (m)",
    modes.map((name) => MODES[name]),
    (value) => explorer.set({ mode: modes[value] }),
  );
  const chosen = [0, 1].map((i) =>
    select(
      `Image ${i + 1}`,
      images.map(({ name }) => name),
      (value) => {
        const { pair } = state;
        const other = pair[1 - i] === value ? pair[i] : pair[1 - i];
        explorer.set({ pair: i ? [other, value] : [value, other] });
      },
    ),
  );
  const swap = signButton("⇄", "Exchange the two images (x)", exchangeImages);
  const pause = iconButton(playIcon(true), "Pause (/)", () => setPaused());
  const rate = element("input", {
    type: "number",
    min: 0.2,
    max: 30,
    step: "any",
    label: "Changes a second",
    title: "More than 6 a second can harm people",
    onchange: () => explorer.set({ rate: clamp(+rate.value || state.rate, 0.2, 30) }),
  });
  const blinking = element("div", { className: "row" }, pause, rate, "images a second");
  const pair = element("div", { className: "row" }, chosen[0], swap, chosen[1]);
  const link = element("input", {
    type: "checkbox",
    onchange: () => explorer.set(linkDisplays(explorer, link.checked)),
  });
  const linking = element("label", { className: "row" }, link, "the same limits for all");
  linking.hidden = !mayLink(explorer.config) || pictured;
  const panel = element(
    "div",
    { className: "compare" },
    element("div", { className: "row" }, mode),
    pair,
    blinking,
    linking,
    outcome.panel,
  );
  const divider = element("input", {
    type: "range",
    step: "any",
    label: "Divider",
    oninput: () => explorer.set({ swipe: +divider.value / 100 }),
  });
  const grip = element("div", { className: "divider" }, divider);

  /** @param {Partial<State>} change */
  const update = (change) => {
    mode.value = String(modes.indexOf(state.mode));
    chosen.forEach((element, i) => {
      element.value = String(state.pair[i]);
    });
    pair.hidden = /side|blink/.test(state.mode);
    if (state.mode === "blink") blinking.append(swap);
    else chosen[0].after(swap);
    blinking.hidden = state.mode !== "blink";
    rate.value = String(state.rate);
    divider.value = String(100 * state.swipe);
    grip.hidden = state.mode !== "swipe";
    link.checked = state.displays.length < 2;
    outcome.update();
    if (change.mode === "blink") turned = state.pair[0];
    if (change.mode || change.rate) tick();
  };
  explorer.on(update);
  update({});
  setPaused(paused);

  /** @param {number} i @param {[number, number]} [clip] @returns {Item[]} */
  const shown = (i, clip) => planeItems(explorer, i).map((item) => ({ ...item, clip }));
  return {
    panel,
    opens: { name: "compare", word: "Compare", hint: "Compare", key: "o" },
    help: [
      ["Compare", "m", "next way to compare"],
      ["Compare", "x", "exchange the two images; blink: the next one"],
      ["Compare", "/", "pause blinking"],
      ...(linking.hidden
        ? []
        : [
            /** @type {[string, string, string]} */ ([
              "Compare",
              "k",
              "limits: the same, or each its own",
            ]),
          ]),
    ],
    grip,
    ready: outcome.ready,
    items: () => {
      if (/side|blink/.test(state.mode)) return images.flatMap((_, i) => shown(i));
      const derived = isDerived(state.mode) ? outcome.items() : [];
      return [...state.pair.flatMap((i) => shown(i)), ...derived];
    },
    keys: {
      m: () => {
        const next = modes[(modes.indexOf(state.mode) + 1) % modes.length];
        explorer.set({ mode: next });
        explorer.announce(MODES[next]);
      },
      x: exchangeImages,
      "/": () => setPaused(),
      k: () => linking.hidden || link.click(),
    },
    over: ({ width, height }, pen) => {
      const [a, b] = state.pair;
      const middle = state.swipe * width;
      if (state.mode === "blink") drawName(pen, images[turned].name, 0, width);
      const busy = isDerived(state.mode) && outcome.busy();
      if (busy) drawName(pen, busy, 0, width);
      if (state.mode !== "swipe") return;
      drawName(pen, images[a].name, 0, middle);
      drawName(pen, images[b].name, middle, width - middle, true);
      pen.fillStyle = "rgba(0,0,0,.6)";
      pen.fillRect(middle - 2, 0, 4, height);
      pen.fillStyle = "#fff";
      pen.fillRect(middle - 1, 0, 2, height);
    },
    panes: () => {
      if (state.mode === "side")
        return images.map(({ name }, i) => ({ name, items: () => shown(i) }));
      if (isDerived(state.mode)) return [{ name: outcome.title(), items: outcome.items }];
      return [
        {
          name: "",
          items: () => {
            const [a, b] = state.pair;
            if (state.mode === "blink") {
              if (!timer) tick(); // the viewer may have been away from the page
              // each has a picture of its own, of which one is seen
              // and all are read as the first one is, so that nothing read changes with them
              return images.flatMap((_, i) =>
                shown(i, i === turned ? [0, 1] : [0, 0]).map((item) => ({ ...item, of: 0 })),
              );
            }
            const both = [...shown(a, [0, state.swipe]), ...shown(b, [state.swipe, 1])];
            return both.length > 1 ? both : [];
          },
        },
      ];
    },
  };
}
