// The colorbar at the picture's edge, by which limits are set; where colors are few, a legend.

import { element, setAria } from "../base/dom.js";
import { numberLabel } from "../base/labels.js";
import { readValue } from "../values/format.js";
import { unitOf } from "../values/readout.js";
import { limitStrip } from "./handles.js";
import { findTicks } from "./scale.js";

const RAMP = 12; // CSS pixels of the colors
const LETTER = 7.2; // CSS pixels of a digit
const LINE = 16;
const BEYOND = 12; // that texts may stand out
const MOST_NAMED = 12; // entries of a legend
const LONGEST = 16; // letters of a name before it is broken

export const COLORBAR_STYLE = `
.colorbar { flex: none; position: relative; width: var(--wide); font-size: 12px; line-height: 16px;
  color: var(--dim) }
.colorbar > div { position: absolute; inset: 0; display: flex; flex-direction: column; gap: 8px }
.named > .colorbar > div { top: 18px }
.colorbar .strip { width: 36px; flex: 0 1 260px; min-height: 64px }
.marks { position: absolute; inset: 0; pointer-events: none }
.marks > * { position: absolute; left: 42px; transform: translateY(50%); white-space: nowrap;
  font-weight: 400 }
.marks b { color: var(--accent); font-weight: 600 }
.legend { display: flex; flex-direction: column; gap: 2px; overflow: auto; flex: none;
  max-height: 60% }
.legend span { display: flex; gap: 6px; align-items: center; overflow-wrap: anywhere }
.legend .now { color: var(--fg); font-weight: 600 }
.legend s { width: 12px; height: 12px; border-radius: 3px; flex: none;
  box-shadow: inset 0 0 0 1px #8888 }
.stacked { flex-direction: column }
.stacked .colorbar { width: auto }
.stacked .colorbar > div { position: static }
.stacked .colorbar .strip { width: auto; flex: none; height: 30px; min-height: 0;
  margin: 0 12px 22px }
.stacked .marks > * { left: auto; top: 38px; transform: translateX(-50%) }
.stacked .legend { flex-flow: row wrap; gap: 2px 12px }
`;

/**
 * @param {import("./subject.js").Subject} subject
 * @param {() => void} pick called for another channel
 */
export function makeColorbar(subject, pick) {
  const channel = () => subject.channel;
  const { strip, draw: drawStrip } = limitStrip(subject, "Colorbar", channel, RAMP);
  const marks = element("div", { className: "marks" });
  setAria(marks, { hidden: true });
  strip.append(marks);
  const name = element("div", { className: "about" });
  const legend = element("div", { className: "legend" });
  const node = element(
    "div",
    { className: "colorbar", role: "group", label: "Colorbar" },
    element("div", {}, strip, name, legend),
  );
  let letters = 4; // that ticks and values have had, so that the bar stays as wide
  let listed = "";
  const draw = () => {
    const { image, numbered, explorer } = subject;
    const { mode } = explorer.state;
    const few = list();
    const plain = image.kind !== "color" && !numbered && !(few && image.kind === "gray");
    // what is between two images has a scale of its own
    const known = few || (plain && subject.counted(channel()));
    node.hidden = !known || !["side", "swipe", "blink"].includes(mode);
    strip.hidden = name.hidden = !plain;
    const drawn = plain && !node.hidden && drawStrip();
    if (!drawn) return fit();
    const { scale, at, length, flat, values } = drawn;
    const texts = values.map((value) => subject.brief(value));
    const numbers = (/** @type {number} */ gap) =>
      subject.base ? [] : findTicks(scale, length, gap);
    const most = (/** @type {string[]} */ all) => Math.max(...all.map((text) => text.length), 0);
    let ticks = numbers(flat ? 5 * LETTER : 2 * LINE);
    const wide = most(ticks.map((tick) => readValue(tick)));
    if (flat) ticks = numbers((wide + 2) * LETTER);
    // values first: what they hide is left out, and they stay apart
    const size = (/** @type {string} */ text) => (flat ? (text.length + 1) * LETTER : LINE);
    const pixels = spread(
      at.map((share) => share * length),
      texts.map(size),
      length,
      flat ? BEYOND : LINE / 2,
    );
    const shown = ticks.filter((tick) => {
      const own = scale.toShare(tick) * length;
      const half = size(readValue(tick)) / 2;
      return pixels.every(
        (other, i) => Math.abs(own - other) > half + size(texts[i]) / 2 + (flat ? 4 : -2),
      );
    });
    const mark = (
      /** @type {"b" | "span"} */ tag,
      /** @type {string} */ text,
      /** @type {number} */ p,
    ) => {
      const one = element(tag, { textContent: text });
      one.style[flat ? "left" : "bottom"] = `${(100 * p) / length}%`;
      return one;
    };
    marks.replaceChildren(
      ...shown.map((tick) => mark("span", readValue(tick), scale.toShare(tick) * length)),
      ...texts.map((text, end) => mark("b", text, pixels[end])),
    );
    letters = Math.max(letters, wide, most(texts));
    name.textContent = image.label.replace(`[${image.unit}]`, `[${unitOf(image.unit)}]`);
    fit();
  };

  /** As wide as what has stood beside it. */
  const fit = () => {
    const named = Array.from(legend.children, (one) => (one.textContent?.length ?? 0) + 3);
    const texts = Math.min(LONGEST, Math.max(0, ...named, name.textContent?.length ?? 0));
    const bar = strip.hidden ? 0 : 46 + letters * LETTER;
    node.style.setProperty("--wide", `${Math.ceil(Math.max(bar, texts * LETTER))}px`);
  };
  /** Write the legend: of channels, of few labels or categories, of True and False. */
  const list = () => {
    const { image, numbered, display } = subject;
    const named = Object.entries(image.names ?? {});
    /** @type {[string, ArrayLike<number>][]} */
    let entries = [];
    const paint = subject.painter(channel());
    const known = numbered && subject.known(0);
    if (image.kind === "composite")
      entries = image.colors.map((one, c) => [one.name, subject.light(c)]);
    else if (named.length && named.length <= MOST_NAMED)
      entries = named.map(([label, text]) => [text, paint(+label - Number(subject.base))]);
    else if (known) {
      known.several ??= new Set(known.values);
      if (known.several.size <= MOST_NAMED)
        entries = [...known.several]
          .filter((value) => numberLabel(value, 1))
          .sort((a, b) => a - b)
          .map((value) => [subject.brief(value), paint(value)]);
    }
    const key = JSON.stringify([entries, display.on, subject.channel]);
    if (key === listed) return entries.length > 0;
    listed = key;
    legend.replaceChildren(
      ...entries.map(([text, color], c) => {
        const swatch = element("s");
        const [r, g, b, a = 255] = Array.from(color);
        swatch.style.background = `rgba(${r},${g},${b},${a / 255})`;
        if (image.kind !== "composite") return element("span", {}, swatch, text);
        const one = element("span", {}, swatch, text);
        one.style.opacity = display.on[c] ? "" : "0.5";
        one.className = c === channel() ? "now" : "";
        one.onclick = () => {
          subject.channel = c;
          pick();
        };
        return one;
      }),
    );
    legend.hidden = !entries.length;
    return entries.length > 0;
  };

  return { node, draw, strip };
}

/**
 * Where two texts stand that ought to be at a place each: apart, and on a strip.
 * @param {number[]} at
 * @param {number[]} sizes
 * @param {number} length
 * @param {number} beyond that they may stand out at the ends
 */
export function spread(at, sizes, length, beyond) {
  const [i, j] = at[0] <= at[1] ? [0, 1] : [1, 0];
  const apart = (sizes[0] + sizes[1]) / 2;
  const least = sizes[i] / 2 - beyond;
  const most = length + beyond - sizes[j] / 2;
  let [first, last] = [Math.max(at[i], least), Math.min(at[j], most)];
  if (last - first < apart) {
    first = Math.max(least, Math.min((at[i] + at[j] - apart) / 2, most - apart));
    last = first + apart;
  }
  return i ? [last, first] : [first, last];
}
