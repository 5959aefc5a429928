// Sliders for the axes beyond the picture's, and playing along them.

import { clamp } from "../base/camera.js";
import { button, element } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { playing, TRACK_STYLE, widest } from "../base/playing.js";
import { popup } from "../base/popup.js";

/** @typedef {import("../base/types.js").Explorer} Explorer */

export const AXES_STYLE = `
.axes { margin-top: 4px; container-type: inline-size }
@container (max-width: 430px) {
  .axes .axis > [type=range] { order: 1; flex-basis: 100% }
  .axis output { margin-left: auto }
}
.axis b { font-weight: 600; overflow-wrap: anywhere }
.axis .thin { color: var(--dim) }
@media (pointer: fine) { .axis .thin { min-width: 18px } }
.pace { padding: 8px 12px }
.pace label { display: flex; gap: 8px; align-items: center; min-height: 28px }
.pace [type=number] { width: 5em }
${TRACK_STYLE}`;

/**
 * The sliders; what other controls add to them is put there by `fill`.
 * @param {Explorer} explorer
 * @returns {{axes: HTMLElement, keys: Record<string, () => void>,
 *   fill: (controls: import("../base/types.js").Control[]) => void}}
 */
export function axes(explorer) {
  const { config, state } = explorer;
  const panel = element("div", { className: "axes" });
  const shown = config.axes.map((_, axis) => axis).filter((axis) => axis !== config.facet);
  // the others have one index, as yet
  const moving = () => shown.filter((axis) => config.axes[axis].size > 1);
  let used = moving().at(-1) ?? -1; // what the space bar plays

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

  /** Rate and loop, which all axes share. */
  const pace = () => {
    const fps = element("input", { type: "number", min: 0.1, max: 120, step: "any" });
    const loop = element("input", { type: "checkbox" });
    const show = () => {
      fps.value = String(state.fps);
      loop.checked = state.loop;
    };
    fps.onchange = () => {
      explorer.set({ fps: clamp(+fps.value || state.fps, 0.1, 120) });
      show();
    };
    loop.onchange = () => explorer.set({ loop: loop.checked });
    const box = element(
      "div",
      { className: "pace", role: "group", label: "Playing", onbeforetoggle: show },
      element("label", {}, fps, "planes a second"),
      element("label", {}, loop, "again and again"),
    );
    return box;
  };
  /** @type {HTMLElement[]} */
  const rows = [];
  // the same for all, so that tracks end below one another
  const width = widest(
    shown.flatMap((axis) => {
      const { size, labels } = config.axes[axis];
      return labels.length ? labels : [`${size - 1} / ${size - 1}`];
    }),
  );
  const updates = shown.map((axis) => {
    const { name, size } = config.axes[axis];
    const track = playing(name, size, width, {
      toggle: () => toggle(axis),
      go: (to) => go(axis, to),
    });
    const title = element("b", { textContent: name });
    title.style.minWidth = widest(shown.map((one) => config.axes[one].name));
    const more = button("", "Rate and loop", () => {}, { className: "thin", disabled: size < 2 });
    more.setAttribute("aria-label", `Rate and loop of ${name}`);
    more.append(icon("more"));
    const box = pace();
    popup(more, box);
    track.buttons.append(more, box);
    track.buttons.after(title);
    rows[axis] = track.row;
    panel.append(track.row);
    return () => {
      const { size, labels } = config.axes[axis]; // there may be more of them by now
      const last = labels.length ? "" : `/ ${size - 1}`;
      more.disabled = size < 2;
      track.show(state.index[axis], text(axis), state.playing === axis, last, size);
    };
  });
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
    const axis = moving().at(-from);
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
  return {
    axes: panel,
    keys: shown.length ? keys : {},
    fill: (controls) => {
      for (const axis of shown)
        rows[axis].append(...controls.flatMap((control) => control.row?.(axis) ?? []));
    },
  };
}
