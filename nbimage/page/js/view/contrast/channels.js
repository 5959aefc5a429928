// Channels, a row each: whether it is seen, its color, its limits on its histogram.

import { withItem } from "../base/camera.js";
import { button, element, setAria } from "../base/dom.js";
import { limitStrip } from "./handles.js";

export const CHANNELS_STYLE = `
.channels { display: grid; gap: 2px; margin-bottom: 8px }
.channel { display: grid; grid-template-columns: 20px 22px minmax(0,1fr) auto auto; gap: 0 6px;
  align-items: center; padding: 3px 4px; border-radius: 5px }
.channel.on { background: var(--soft) }
.channel [type=color] { width: 20px; height: 20px; padding: 0; border: 0; border-radius: 5px;
  background: none; cursor: pointer }
.channel s { width: 14px; height: 14px; border-radius: 3px; box-shadow: inset 0 0 0 1px #8888 }
.channel .called { text-align: left; justify-content: flex-start; overflow-wrap: anywhere;
  padding: 2px 4px; min-height: 24px; height: auto }
.channel .strip { grid-column: 2 / -1; height: 26px; margin: 2px 12px 4px }
`;
// as Python has them: blue, lime, red, magenta, cyan, yellow, orange, white
const COLORS = "00f,0f0,f00,f0f,0ff,ff0,ffa500,fff"
  .split(",")
  .map((one) => `#${one.length > 3 ? one : one.replace(/./g, "$&$&")}`);

const toHex = (/** @type {ArrayLike<number>} */ color) =>
  `#${Array.from(color, (part) => part.toString(16).padStart(2, "0")).join("")}`;

/**
 * @param {import("./subject.js").Subject} subject
 * @param {() => void} pick called for another channel
 */
export function channelRows(subject, pick) {
  const node = element("div", { className: "channels" });
  const list = element("datalist", { id: "colors" }, ...COLORS.map((one) => new Option("", one)));
  /** @type {(() => void)[]} */
  let draws = [];
  let shown = -1;

  const make = () => {
    const { image } = subject;
    shown = subject.active;
    draws = [];
    const colored = image.kind === "color";
    node.replaceChildren(
      ...(colored ? [choose(-1, "all")] : []),
      ...image.colors.map(({ name }, c) => row(name, c)),
      list,
    );
    node.hidden = !image.colors.length;
  };

  /** A button that chooses what is edited. @param {number} c @param {string} name */
  const choose = (c, name) => {
    const one = button(name, "Edit this channel (Alt: show it alone)", () => {}, {
      className: "called",
    });
    one.onclick = (event) => {
      if (event.altKey && c >= 0) return solo(c);
      subject.channel = c;
      pick();
    };
    draws.push(() => setAria(one, { pressed: subject.channel === c }));
    return one;
  };

  /** Show one channel alone, or all if it is. @param {number} c */
  const solo = (c) => {
    const { on } = subject.display;
    const alone = on.every((one, i) => one === (i === c));
    subject.edit({ on: on.map((_, i) => alone || i === c) });
  };

  /** @param {string} name @param {number} c */
  const row = (name, c) => {
    const on = element("input", {
      type: "checkbox",
      label: `show ${name}`,
      onchange: () => subject.edit({ on: withItem(subject.display.on, c, on.checked) }),
    });
    on.onclick = (event) => {
      if (!event.altKey) return;
      event.preventDefault();
      solo(c);
    };
    const blended = subject.image.kind === "composite";
    const color = element(blended ? "input" : "s", blended ? { type: "color" } : {});
    if (color instanceof HTMLInputElement) {
      color.setAttribute("aria-label", `color of ${name}`);
      color.setAttribute("list", "colors");
      color.oninput = () => {
        const parts = [1, 3, 5].map((at) => parseInt(color.value.slice(at, at + 2), 16));
        const colors = subject.image.colors.map((_, i) =>
          i === c ? parts : Array.from(subject.light(i)),
        );
        subject.edit({ colors });
      };
    }
    const { strip, draw } = limitStrip(subject, name, () => c, 4, true);
    const called = choose(c, name);
    const node = element(
      "div",
      { className: "channel", role: "group", label: name },
      on,
      color,
      called,
      button("auto", "Percentiles of this channel", () => subject.auto(c), {
        label: `auto ${name}`,
      }),
      button("solo", "Show this channel alone, or all (Alt+click)", () => solo(c), {
        label: `solo ${name}`,
      }),
      strip,
    );
    draws.push(() => {
      node.classList.toggle("on", subject.channel === c);
      on.checked = subject.display.on[c];
      if (color instanceof HTMLInputElement) color.value = toHex(subject.light(c));
      else color.style.background = toHex(subject.light(c));
      draw();
    });
    return node;
  };

  return {
    node,
    draw() {
      if (shown !== subject.active) make();
      if (!node.hidden) for (const one of draws) one();
    },
  };
}
