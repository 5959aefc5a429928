// Sliders for the axes beyond the picture's, and playing along them.

import { clamp } from "../base/camera.js";
import { button, element } from "../base/dom.js";

/** @typedef {import("../base/types.js").Explorer} Explorer */

export const AXES_STYLE = `
.axes { margin-top: 4px }
.axis, .axis span, .axis label { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 6px }
.axis { margin-bottom: 2px }
.axis span { flex-wrap: nowrap; gap: 2px }
.axis button { padding: 0 }
.axis button:first-child { min-width: 30px }
.axis b { font-weight: 400; display: inline-block; overflow-wrap: anywhere }
.axis > [type=range] { flex: 1 1 90px }
.axis output { font-variant-numeric: tabular-nums }
.axis small { opacity: .7; padding-left: 6px; white-space: nowrap }
.axis [type=number] { width: 4em }
`;

/** @param {Explorer} explorer @returns {import("../base/types.js").Control} */
export function axes(explorer) {
  const { config, state } = explorer;
  const panel = element("div", { className: "axes" });
  const shown = config.axes.map((_, axis) => axis).filter((axis) => axis !== config.facet);
  const moving = shown.filter((axis) => config.axes[axis].size > 1); // the others have one index
  let used = moving[moving.length - 1] ?? -1; // what the space bar plays

  const text = (/** @type {number} */ axis) => {
    const at = state.index[axis];
    return config.axes[axis].labels[at] ?? String(at);
  };
  /** Goes to an index; what a reader does by hand ends playing. */
  const go = (/** @type {number} */ axis, /** @type {number} */ to, playing = -1) => {
    used = axis;
    const index = [...state.index];
    index[axis] = clamp(to, 0, config.axes[axis].size - 1);
    explorer.set(playing === state.playing ? { index } : { index, playing });
  };
  const toggle = (/** @type {number} */ axis) => {
    used = axis;
    explorer.set({ playing: state.playing === axis ? -1 : axis });
  };

  // what is seen

  const widest = (/** @type {string[]} */ texts) =>
    `${Math.min(20, Math.max(...texts.map((one) => one.length)))}ch`;
  const updates = shown.map((axis) => {
    const { name, size, labels } = config.axes[axis];
    const disabled = size < 2;
    const control = (
      /** @type {string} */ sign,
      /** @type {string} */ title,
      /** @type {() => void} */ onclick,
    ) => button(sign, title, onclick, { label: `${title} ${name}`, disabled });
    const by = (/** @type {number} */ step) => () => go(axis, state.index[axis] + step);
    const play = control("", "Play", () => toggle(axis));
    const slider = element("input", {
      type: "range",
      min: 0,
      max: size - 1,
      label: name,
      disabled,
    });
    slider.oninput = () => go(axis, +slider.value);
    const label = element("b");
    const count = element("small");
    const title = element("b", { textContent: name });
    title.style.minWidth = widest(shown.map((one) => config.axes[one].name));
    label.style.minWidth = widest(labels.length ? labels : [String(size)]);
    panel.append(
      element(
        "div",
        { className: "axis" },
        element("span", {}, play, control("‹", "Previous", by(-1)), control("›", "Next", by(1))),
        title,
        slider,
        element("output", {}, label, count),
      ),
    );
    return () => {
      const at = state.index[axis];
      const playing = state.playing === axis;
      slider.value = String(at);
      label.textContent = text(axis);
      slider.setAttribute("aria-valuetext", label.textContent);
      count.textContent = `${at + 1}/${size}`;
      play.textContent = playing ? "❚❚" : "▶\ufe0e";
      play.setAttribute("aria-pressed", String(playing));
    };
  });
  const fps = element("input", {
    type: "number",
    min: 0.1,
    max: 120,
    step: "any",
    value: state.fps,
  });
  const loop = element("input", { type: "checkbox", checked: state.loop });
  fps.onchange = () => {
    explorer.set({ fps: clamp(+fps.value || state.fps, 0.1, 120) });
    fps.value = String(state.fps);
  };
  loop.onchange = () => explorer.set({ loop: loop.checked });
  const pace = element(
    "div",
    { className: "axis" },
    element("label", {}, "fps ", fps),
    element("label", {}, loop, "loop"),
  );
  if (moving.length) (shown.length > 1 ? panel : panel.children[0]).append(pace);
  const update = () => updates.forEach((one) => one());

  // playing: every plane in order, each one shown before the next one is asked for

  let run = 0; // the latest one; those before it end
  const play = (/** @type {number} */ axis) => {
    const own = ++run;
    let first = true;
    let last = performance.now() - 1000 / state.fps; // when the latest plane was due
    const frame = async (/** @type {number} */ time) => {
      if (own !== run) return;
      if (!panel.isConnected) return explorer.set({ playing: -1 });
      const wait = 1000 / state.fps;
      if (time > last + wait - 4) {
        // a frame may come somewhat before its time
        const next = state.index[axis] + 1;
        const over = next >= config.axes[axis].size;
        if (over && !first && !state.loop) return explorer.set({ playing: -1 });
        first = false;
        last = Math.max(last + wait, time - wait); // a late one goes on at once
        go(axis, over ? 0 : next, axis);
        await explorer.settled();
        frame(performance.now()); // at once: what is set now is drawn in the next frame
      } else requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  };
  explorer.on((change) => {
    if ("playing" in change) {
      if (state.playing < 0) run++;
      else play(state.playing);
    }
    update();
  });
  update();
  if (state.playing >= 0 && !explorer.calm) play(state.playing);

  // by keys: the last axis, and the one before it

  const step = (/** @type {number} */ from, /** @type {number} */ by) => () => {
    const axis = moving[moving.length - from];
    if (axis === undefined) return;
    go(axis, state.index[axis] + by);
    explorer.announce(`${config.axes[axis].name} ${text(axis)}`);
  };
  const keys = {
    ",": step(1, -1),
    ".": step(1, 1),
    "<": step(2, -1),
    ">": step(2, 1),
    "[": step(1, -Infinity),
    "]": step(1, Infinity),
    " ": () => {
      if (used >= 0) toggle(used);
    },
  };
  return { panel, keys: moving.length ? keys : {} };
}
