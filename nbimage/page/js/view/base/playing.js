// Playing along an axis: buttons, a slider, and what is shown; of explorers and of videos.

import { playIcon } from "./control_style.js";
import { button, element, setAria } from "./dom.js";

export const TRACK_STYLE = `
.axis, .axis span { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 6px }
.axis span { flex-wrap: nowrap; gap: 0 }
.axis button { padding: 0 }
.axis > [type=range] { flex: 1 1 90px }
.axis output { font-variant-numeric: tabular-nums; display: flex; align-items: baseline }
.axis output b { font-weight: 400; text-align: right; overflow-wrap: anywhere }
.axis small { font-size: inherit; color: var(--dim); padding-left: 4px; white-space: nowrap }
`;

/** Returns the width that the longest of some texts has, up to twenty letters. */
export const widest = (/** @type {string[]} */ texts) =>
  `${Math.min(20, Math.max(...texts.map((one) => one.length)))}ch`;

/**
 * One row of controls.
 * @param {string} name of the axis; "" for none
 * @param {number} size
 * @param {string} width of what is shown
 * @param {{toggle: () => void, go: (to: number) => void, step?: (by: number) => void}} act with
 *   `step` there are buttons for it
 */
export function playing(name, size, width, act) {
  const disabled = size < 2;
  const control = (
    /** @type {string} */ sign,
    /** @type {string} */ title,
    /** @type {() => void} */ onclick,
  ) => button(sign, title, onclick, { label: `${title} ${name}`.trim(), disabled });
  const play = control("", "Play", act.toggle);
  const slider = element("input", {
    type: "range",
    min: 0,
    max: size - 1,
    label: name || "Frame",
    disabled,
  });
  slider.oninput = () => act.go(+slider.value);
  const label = element("b");
  label.style.minWidth = width;
  const count = element("small");
  const { step } = act;
  const buttons = element("span", {}, play);
  if (step)
    buttons.append(
      control("‹", "Previous", () => step(-1)),
      control("›", "Next", () => step(1)),
    );
  const output = element("output", {}, label, count);
  const row = element("div", { className: "axis" }, buttons, slider, output);
  /** @type {boolean | undefined} */
  let pressed;
  const show = (
    /** @type {number} */ at,
    /** @type {string} */ text,
    /** @type {boolean} */ isPlaying,
    counted = `${at + 1}/${size}`,
    most = size,
  ) => {
    Object.assign(slider, { max: most - 1, disabled: most < 2 });
    play.disabled = most < 2;
    slider.value = String(at);
    label.textContent = text;
    setAria(slider, { valuetext: text });
    count.textContent = counted;
    if (pressed !== isPlaying) play.replaceChildren(playIcon(isPlaying));
    pressed = isPlaying;
    setAria(play, { pressed });
  };
  return { row, buttons, play, show };
}
