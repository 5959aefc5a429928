// Limits on a histogram: two handles, taken hold of within 44 pixels, moved by keys.

import { clamp } from "../base/camera.js";
import { element, setAria } from "../base/dom.js";
import { onDoubleClick } from "../base/gestures.js";
import { drawBars } from "./bars.js";

const GRIP = 44; // CSS pixels along the strip by which a handle is taken hold of
const BEYOND = 12; // of these that may lie beyond the strip's ends

export const HANDLE_STYLE = `
.strip { position: relative; touch-action: none; cursor: ns-resize }
.strip canvas { width: 100%; height: 100% }
.strip i { position: absolute; left: -5px; width: 46px; outline: none }
.strip i::before { content: ""; position: absolute; left: 0; width: 22px; height: 2px;
  bottom: calc(var(--off) - 1px); background: var(--accent) }
.strip i:focus-visible::before { outline: 2px solid var(--accent); outline-offset: 1px }
.lying { touch-action: pan-y; cursor: ew-resize }
.lying i { left: auto; width: auto; top: -2px; bottom: -5px }
.lying i::before { inset: 0 auto 0 calc(var(--off) - 1px); width: 2px; height: auto }
.lying i::after { content: ""; position: absolute; bottom: -3px; left: calc(var(--off) - 5px);
  width: 10px; height: 10px; border-radius: 50%; background: var(--accent) }
`;

/**
 * From where to where two handles can be taken hold of: never the same place, each by 44 pixels
 * where these have room; between handles that are close they share it.
 * @param {number} low where the lower one is
 * @param {number} high
 * @param {number} length of the strip
 * @returns {[[number, number], [number, number]]} where each begins, and its size
 */
export function shareGrip(low, high, length) {
  const size = Math.min(GRIP, length / 2 + BEYOND);
  let [first, second] = [low - size / 2, high - size / 2];
  if (second - first < size) {
    second = (low + high) / 2;
    first = second - size;
  }
  first = Math.max(first, -BEYOND);
  second = Math.min(Math.max(second, first + size), length + BEYOND - size);
  return [
    [Math.min(first, second - size), size],
    [second, size],
  ];
}

/**
 * A channel's limits on its histogram: two handles on a strip. Dragging between them moves both.
 * @param {import("./subject.js").Subject} subject
 * @param {string} name of the strip, before "from" and "to"
 * @param {() => number} channelOf
 * @param {number} ramp CSS pixels of the colors
 * @param {boolean} [below] these are at the bottom
 */
export function limitStrip(subject, name, channelOf, ramp, below = false) {
  let frame = 0;
  const canvas = element("canvas");
  const strip = element(
    "div",
    { className: "strip", title: "Drag a limit, or both from between; double-click: auto" },
    canvas,
  );
  const lying = () => strip.clientWidth > strip.clientHeight;
  const lengthOf = () => Math.max(strip.clientWidth, strip.clientHeight);
  const shares = () => subject.shares(channelOf());
  const move = (/** @type {number[]} */ to, /** @type {number[]} */ held) =>
    subject.move(channelOf(), to, held);
  const handles = ["from", "to"].map((word, end) =>
    element("i", {
      role: "slider",
      label: `${name} ${word}`.trim(),
      tabIndex: 0,
      onkeydown(/** @type {KeyboardEvent} */ event) {
        const { key, shiftKey } = event;
        if (event.ctrlKey || event.altKey || event.metaKey) return;
        const step = shiftKey ? 0.1 : 0.01;
        const by = {
          ArrowRight: step,
          ArrowUp: step,
          ArrowLeft: -step,
          ArrowDown: -step,
          PageUp: 0.1,
          PageDown: -0.1,
          Home: -Infinity,
          End: Infinity,
        }[key];
        if (!by) return;
        const to = [...shares()];
        to[end] += by;
        move(to, [1 - end, end]);
        event.preventDefault();
        event.stopPropagation();
      },
    }),
  );
  strip.append(...handles);
  strip.onpointerdown = (event) => {
    if (event.button || strip.onpointermove) return;
    const { left, bottom, width, height } = strip.getBoundingClientRect();
    const along = (/** @type {PointerEvent} */ { clientX, clientY }) =>
      lying() ? (clientX - left) / width : (bottom - clientY) / height;
    const start = along(event);
    const before = shares();
    const [first, last] = before.map((share) => start - share);
    const taken = handles.indexOf(/** @type {HTMLElement} */ (event.target));
    const end = taken < 0 ? +(Math.abs(last) < Math.abs(first)) : taken;
    let held = taken < 0 && first * last < 0 ? [1, 1] : [1 - end, end];
    const [least, most = least] = before.filter((_, i) => held[i]).sort((a, b) => a - b);
    let by = 0;
    strip.setPointerCapture(event.pointerId);
    subject.hold(channelOf(), true);
    strip.onpointermove = (next) => {
      if (next.pointerId !== event.pointerId) return;
      by = clamp(along(next) - start, -least, 1 - most);
      // of two at one place that which there is a way for
      if (first === last && by) held = by > 0 ? [0, 1] : [1, 0];
      if (frame) return;
      frame = requestAnimationFrame(() => {
        frame = 0;
        move(
          before.map((share, i) => share + held[i] * by),
          held,
        );
      });
    };
    handles[end].focus({ preventScroll: true });
  };
  strip.onmousedown = (event) => event.preventDefault(); // it would take the focus away again
  onDoubleClick(strip, () => subject.auto(channelOf()));
  strip.onlostpointercapture = () => {
    strip.onpointermove = null;
    subject.hold(channelOf(), false);
  };

  /** Draw all as it is now; null: the values are not known. */
  const draw = () => {
    const channel = channelOf();
    const found = subject.counted(channel);
    const length = lengthOf();
    if (!found || !length) return null;
    const at = shares();
    const side = lying() ? "left" : "bottom";
    strip.classList.toggle("lying", side === "left");
    const order = at[0] <= at[1] ? [0, 1] : [1, 0];
    const grips = shareGrip(at[order[0]] * length, at[order[1]] * length, length);
    const values = subject.ends(channel);
    order.forEach((end, i) => {
      const [begin, size] = grips[i];
      const off = at[end] * length - begin;
      // by shares, since paper may have another length
      handles[end].style.cssText =
        `${side}: calc(${100 * at[end]}% - ${off}px); --off: ${off}px; ` +
        `${side === "left" ? "width" : "height"}: ${size}px`;
      setAria(handles[end], {
        valuemin: Math.min(found.low, values[end]),
        valuemax: Math.max(found.high, values[end]),
        valuenow: values[end],
        valuetext: subject.text(values[end]),
        orientation: side === "left" ? "horizontal" : "vertical",
      });
    });
    const color = subject.painter(channel);
    drawBars(canvas, { ...found, ends: at, log: subject.log, ramp, color }, below);
    return { ...found, at, length, values, flat: side === "left" };
  };
  return { strip, draw };
}
