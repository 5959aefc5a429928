// Comparing images: side by side, under a divider, in turn, and what is between them.

import { clamp } from "../base/camera.js";
import { element, signButton } from "../base/dom.js";
import { countSolid, formatBrief, subtractImages } from "./difference.js";

/** @typedef {import("../base/types.js").Explorer} Explorer */
/** @typedef {import("../base/types.js").State} State */
/** @typedef {import("../base/types.js").Item} Item */
/** @typedef {import("./difference.js").Difference} Difference */

const COMPARE_MODES = {
  side: "side by side",
  swipe: "swipe",
  flicker: "flicker",
  difference: "difference",
  absolute: "|difference|",
};

const THUMB = `appearance: none; box-sizing: border-box; width: 44px; height: 44px;
  border: 9px solid #0000;
  border-radius: 50%; background: var(--thumb, #fff) padding-box; box-shadow: inset 0 0 0 2px #0008;
  pointer-events: auto; cursor: ew-resize;
  touch-action: none`;
export const COMPARE_STYLE = `
.compare { display: contents }
.compare select { max-width: 140px }
.compare input { width: 52px }
.divider { position: absolute; z-index: 1; inset: 0; overflow: hidden; pointer-events: none }
.divider input { width: calc(100% + 44px); height: 100%; margin: 0 -22px; touch-action: none }
.divider input, .divider ::-webkit-slider-runnable-track { appearance: none; background: none;
  pointer-events: none }
.divider ::-webkit-slider-thumb { ${THUMB} }
.divider ::-moz-range-thumb { ${THUMB} }
.divider :focus-visible { outline: none; --thumb: #4c9aff }
.differences { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: center;
  font-variant-numeric: tabular-nums }
.differences label { display: flex; gap: 6px; align-items: center }
.differences i { width: 64px; height: 12px }
`;

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {string} name
 * @param {number} from
 * @param {number} room CSS pixels
 * @param {boolean} [atEnd]
 */
function drawName(pen, name, from, room, atEnd) {
  Object.assign(pen, {
    font: "12px system-ui",
    textAlign: "left",
    textBaseline: "middle",
    fillStyle: "rgba(0,0,0,.65)",
  });
  const wide = Math.min(room, pen.measureText(name).width + 12);
  const left = atEnd ? from + room - wide : from;
  pen.fillRect(left, 0, wide, 20);
  pen.fillStyle = "#fff";
  pen.fillText(name, left + 6, 10, wide - 12);
}

/**
 * @param {Explorer} explorer
 * @returns {import("../base/types.js").Control & {panes: () =>
 *   import("../base/types.js").PaneSpec[], read: () => Item[]}} with the panes that the mode asks
 *   for, and all that is read at a position
 */
export function compareControl(explorer) {
  const { images, axes } = explorer.config;
  const { state } = explorer;
  const differing = () => /diff|abs/.test(state.mode);

  // Flicker: a chain of timers that ends with its element, and begins again with the next frame

  let flip = 0;
  let timer = 0;
  let paused = explorer.calm;
  function tick() {
    clearTimeout(timer);
    timer = 0;
    if (state.mode !== "flicker" || paused || !bar.isConnected) return;
    timer = setTimeout(() => {
      turn();
      tick();
    }, 1000 / state.rate);
  }
  const turn = () => {
    flip = 1 - flip;
    explorer.draw();
  };
  const setPaused = (to = !paused) => {
    paused = to;
    pause.ariaPressed = String(paused);
    tick();
  };
  const exchangeImages = () => {
    if (state.mode !== "flicker") return explorer.set({ pair: [state.pair[1], state.pair[0]] });
    setPaused(true);
    turn();
    explorer.announce(images[state.pair[flip]].name);
  };

  // What is between the two: computed once

  /** @type {Difference | null} */
  let found = null;
  /** @type {Item | null} */
  let item = null;
  let known = "";
  let share = 1; // of the largest magnitude: what has the last color
  const title = () => {
    const text = `${images[state.pair[0]].name} − ${images[state.pair[1]].name}`;
    return state.mode === "absolute" ? `|${text}|` : text;
  };
  /** Of the two the one with more channels. */
  const richer = () => state.pair[countSolid(images[state.pair[0]]) > 1 ? 0 : 1];
  /** @returns {Item[]} */
  const deriveItems = () => {
    const [a, b] = state.pair;
    const index = explorer.planeNumber();
    const { on } = explorer.displayOf(richer());
    const key = `${state.mode} ${a} ${b} ${index} ${on}`;
    if (known !== key) {
      const one = explorer.sources[a].peek(index);
      const other = explorer.sources[b].peek(index);
      const image = images[a];
      [known, found, item] = ["", null, null];
      if (one && other && !("tiled" in one) && !("tiled" in other)) {
        found = subtractImages(one, image, other, images[b], state.mode === "absolute", on);
        known = key;
      }
      if (found)
        item = {
          key,
          plane: found.plane,
          image,
          position: image.position,
          display: explorer.displayOf(a),
        };
      recolor();
      tell();
    }
    return item ? [item] : [];
  };
  function recolor() {
    const [a, b] = state.pair;
    const high = (found?.limit ?? 0) * share;
    const signed = state.mode === "difference";
    const low = signed && high ? -high : 0;
    const name = signed ? "RdBu" : "magma";
    const cmap = explorer.palettes[name] ? name : "gray";
    const colors = [0, 64, 128, 192, 255].map((n) => {
      const i = signed ? 255 - n : n; // blue below, red above
      return `rgb(${explorer.palettes[cmap].slice(4 * i, 4 * i + 3)})`;
    });
    strip.style.background = `linear-gradient(90deg, ${colors})`;
    strip.hidden = found?.plane.channels !== 1;
    [least.value, largest.value] = [low, high].map((limit) => formatBrief(limit));
    range.ariaValueText = largest.value;
    if (!item) return;
    const { channels } = item.plane;
    const colored = channels > 1;
    const all = (/** @type {number} */ limit) => Array(channels).fill(limit);
    item = {
      ...item,
      image: {
        ...images[a],
        kind: colored ? "color" : "gray",
        colors: colored ? images[richer()].colors : [],
        channels,
        name: title(),
        planes: [],
        base: "0",
        names: undefined, // of values, not of what is between them
        full: 1,
        exact: images[a].exact && images[b].exact,
        extent: [[low / share, high / share]],
      },
      display: {
        vmin: all(low),
        vmax: all(high),
        on: colored ? explorer.displayOf(richer()).on : [],
        norm: "linear",
        parameter: null,
        vsym: signed,
        cmap,
        invert: signed,
      },
    };
  }
  /** Where the largest one is, rows counted as in the array. */
  const where = () => {
    const { lower, rows } = images[state.pair[0]];
    const { row, column } = /** @type {Difference} */ (found);
    return [lower ? rows - 1 - row : row, column];
  };
  const tell = () => {
    const { most = 0, numbers = {} } = found ?? {};
    const none = !numbers.values;
    top.hidden = !most;
    copied.hidden = none;
    outcome.value = !known
      ? "…"
      : none
        ? "nothing in common"
        : (most || numbers.unmatched ? "" : "identical: ") +
          Object.entries(numbers)
            .map(([name, value]) => `${name} ${formatBrief(value)}${name === "PSNR" ? " dB" : ""}`)
            .join(", ");
    if (most) top.textContent = `max ${formatBrief(most)} at x ${where()[1]}, y ${where()[0]}`;
  };
  const copy = () => {
    if (!found) return;
    const python = (/** @type {number} */ value) =>
      Number.isFinite(value) ? value : `float("${value}")`;
    const numbers = Object.entries({ max: found.most, ...found.numbers });
    const all = numbers.map(([name, value]) => `"${name.toLowerCase()}": ${python(value)}`);
    const plane = axes.map(({ name }, i) => `${JSON.stringify(name)}: ${state.index[i]}`);
    const names = JSON.stringify(state.pair.map((i) => images[i].name));
    const at = `"at": (${where().join(", ")})`;
    explorer.copy(`{"images": ${names}, "index": {${plane.join(", ")}}, ${at}, ${all.join(", ")}}`);
  };

  // What there is to press

  /** @param {string} label @param {string[]} names @param {(value: string) => void} chosen */
  const select = (label, names, chosen) => {
    const choice = element("select", {
      label,
      title: label,
      onchange: () => chosen(choice.value),
    });
    names.forEach((name, i) => choice.add(new Option(name, String(i))));
    return choice;
  };
  // of others there are only parts to take from one another
  const whole = images.every(({ tiles }) => !tiles);
  const modes = /** @type {State["mode"][]} */ (Object.keys(COMPARE_MODES)).filter(
    (name) => whole || !/diff|abs/.test(name),
  );
  const mode = select(
    "How to compare (m)",
    modes.map((name) => COMPARE_MODES[name]),
    (value) => explorer.set({ mode: modes[+value] }),
  );
  const chosen = [0, 1].map((i) =>
    select(
      `Image ${i + 1}`,
      images.map(({ name }) => name),
      (value) => {
        const { pair } = state;
        const other = pair[1 - i] === +value ? pair[i] : pair[1 - i];
        explorer.set({ pair: i ? [other, +value] : [+value, other] });
      },
    ),
  );
  const swap = signButton("⇄", "Exchange the two images (x)", exchangeImages);
  const pause = signButton("❚❚", "Pause (/)", () => setPaused());
  const rate = element("input", {
    type: "number",
    min: 0.2,
    max: 30,
    step: "any",
    label: "Changes a second",
    title: "More than 6 a second can harm people",
    onchange: () => explorer.set({ rate: clamp(+rate.value || state.rate, 0.2, 30) }),
  });
  const pace = element("label", {}, rate, " / s");
  const bar = element("span", { className: "compare" }, mode, ...chosen, swap, pause, pace);
  const range = element("input", {
    type: "range",
    min: -2,
    max: 0,
    step: 0.02,
    value: 0,
    label: "Range",
    oninput: () => {
      share = 10 ** +range.value;
      recolor();
      explorer.draw();
    },
  });
  const [least, largest, outcome] = [0, 1, 2].map(() => element("output"));
  const strip = element("i");
  const top = signButton("", "", () => {
    const {
      position: { x, y, sx, sy },
    } = images[state.pair[0]];
    const { row, column } = /** @type {Difference} */ (found);
    explorer.set({
      cursor: { x: Math.floor(x + sx * (column + 0.5)), y: Math.floor(y + sy * (row + 0.5)) },
    });
  });
  const copied = signButton("copy", "Copy the numbers as Python", copy);
  const panel = element(
    "div",
    { className: "differences", role: "group", label: "Difference" },
    element("label", {}, "range", range, least, strip, largest),
    top,
    outcome,
    copied,
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
    const two = state.mode !== "side";
    mode.value = String(modes.indexOf(state.mode));
    chosen.forEach((element, i) =>
      Object.assign(element, { value: state.pair[i], hidden: !two || images.length < 3 }),
    );
    swap.hidden = !two;
    pause.hidden = state.mode !== "flicker";
    pace.hidden = pause.hidden;
    rate.value = String(state.rate);
    divider.value = String(100 * state.swipe);
    grip.hidden = state.mode !== "swipe";
    panel.hidden = !differing();
    if (change.mode || change.rate) tick();
  };
  explorer.on(update);
  update({});
  setPaused(paused);

  /** @param {number} i @param {[number, number]} [clip] @returns {Item[]} */
  const shown = (i, clip) => {
    const index = explorer.planeNumber();
    const plane = explorer.sources[i].peek(index);
    const image = images[i];
    return plane
      ? [
          {
            key: `${i}:${index}`,
            plane,
            image,
            display: explorer.displayOf(i),
            position: image.position,
            clip,
          },
        ]
      : [];
  };
  return {
    bar: [bar],
    panel,
    grip,
    read: () => {
      if (state.mode === "side") return images.flatMap((_, i) => shown(i));
      return [...state.pair.flatMap((i) => shown(i)), ...(differing() ? deriveItems() : [])];
    },
    keys: {
      m: () => {
        const next = modes[(modes.indexOf(state.mode) + 1) % modes.length];
        explorer.set({ mode: next });
        explorer.announce(COMPARE_MODES[next]);
      },
      x: exchangeImages,
      "/": () => setPaused(),
    },
    over: ({ width, height }, pen) => {
      const [a, b] = state.pair;
      const middle = state.swipe * width;
      if (state.mode === "flicker") drawName(pen, images[flip ? b : a].name, 0, width);
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
      if (differing()) return [{ name: title(), items: deriveItems }];
      return [
        {
          name: "",
          items: () => {
            const [a, b] = state.pair;
            if (state.mode === "flicker") {
              if (!timer) tick(); // the viewer may have been away from the page
              return shown(flip ? b : a);
            }
            const both = [...shown(a, [0, state.swipe]), ...shown(b, [state.swipe, 1])];
            return both.length > 1 ? both : [];
          },
        },
      ];
    },
  };
}
