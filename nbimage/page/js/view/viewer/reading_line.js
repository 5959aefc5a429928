// The line of what is below the pointer, or pinned: columns that stay where they are; and a tip
// beside the pointer.

import { element } from "../base/dom.js";
import { scaleOf } from "../base/edges.js";
import { minus } from "../values/format.js";

/** @typedef {import("../values/readout.js").Reading} Reading */
/** @typedef {import("../values/readout.js").Value} Value */

export const READING_STYLE = `
.reading { display: flex; flex-wrap: wrap; gap: 0 22px; align-items: baseline; min-width: 0;
  min-height: 24px; color: var(--dim); overflow-wrap: anywhere }
.reading data { font-size: 17px; font-weight: 600; line-height: 24px; color: var(--fg);
  display: inline-block }
.many data { font-size: 13px; line-height: 18px }
.values > span { display: inline-block; max-width: 100% }
.values > span + span { margin-left: 10px }
.dot { width: 8px; height: 8px; border-radius: 50%; display: inline-block; margin-right: 5px;
  box-shadow: 0 0 0 1px var(--line) }
.tip { position: absolute; z-index: 4; padding: 5px 9px; border-radius: 5px; background: #10141ae8;
  color: #fff; font-size: 12px; line-height: 1.45; pointer-events: none; width: max-content;
  max-width: min(280px, 90%); overflow-wrap: anywhere }
.tip b { font-size: 13px }
`;
const MANY = 3; // values, from which on they are small
const LETTER = 1.12; // digits that a letter is wide, at most
const LARGE = 1.45; // of a large one
const WIDEST = 40; // digits that a column is kept wide, at most
const AWAY = 14; // CSS pixels from the pointer to the tip

const room = (/** @type {number} */ digits) => `${Math.min(digits, WIDEST)}ch`;

/** A value and what it is called. @param {Value} one @param {Node} shown */
const nameValue = ({ name, color }, shown) => {
  const dot = element("span", { className: "dot" });
  if (color) dot.style.background = `rgb(${Array.from(color)})`;
  return element("span", {}, ...(color ? [dot] : []), name && `${name} `, shown);
};

/**
 * A line of columns as wide as what they have held, so that those after them stay.
 * @param {string} text what is there where nothing is read
 * @param {{value: number, where: number, index: number}} letters what there is room for
 */
export function readingLine(text, letters) {
  const most = { ...letters };
  const keep = (/** @type {keyof typeof most} */ key, /** @type {string} */ text) =>
    (most[key] = Math.max(most[key], text.length));
  const [values, where, index, names] = ["values", "where", "index", "names"].map((className) =>
    element("span", { className }),
  );
  const node = element("div", { className: "reading" }, values, where, index, names);
  /** @param {Reading | null} reading @param {boolean} [whole] in all digits */
  const show = (reading, whole) => {
    if (!reading) return node.replaceChildren(element("span", { textContent: text }));
    const { row, column } = reading;
    const many = reading.values.length > MANY;
    values.classList.toggle("many", many);
    values.replaceChildren(
      ...reading.values.map((one, i) => {
        const textContent = whole ? minus(one.full) || one.text : one.text;
        const data = element("data", { value: one.full, textContent });
        const named = nameValue(one, data);
        const last = i === reading.values.length - 1;
        if (last && reading.unit) named.append(` ${reading.unit}`);
        const small = named.textContent?.length ?? 0;
        const digits = keep("value", textContent);
        const width = (small - textContent.length) * LETTER + digits * (many ? LETTER : LARGE);
        named.style.minWidth = room(width + (one.color ? 3 : 1));
        return named;
      }),
    );
    where.textContent = reading.where;
    index.textContent = reading.index;
    index.title = `row ${row}, column ${column}`;
    names.textContent = reading.names.join(", ");
    where.style.minWidth = room(keep("where", reading.where) + 1);
    index.style.minWidth = room(keep("index", reading.index));
    node.replaceChildren(values, ...(reading.where ? [where] : []), index, names);
  };
  return { node, show };
}

/** What is below the pointer, beside it. */
export function pointerTip() {
  const node = element("div", { className: "tip", hidden: true });
  /** @param {Reading | null} reading @param {import("./viewer.js").Hover | null} hover */
  const show = (reading, hover) => {
    node.hidden = !reading || !hover;
    if (!reading || !hover) return;
    const lines = [
      element(
        "div",
        {},
        ...reading.values.map((one, i) =>
          nameValue(
            one,
            element("b", { textContent: `${one.text}${reading.values[i + 1] ? " " : ""}` }),
          ),
        ),
        reading.unit && ` ${reading.unit}`,
        reading.names.length ? ` · ${reading.names.join(", ")}` : "",
      ),
      element("div", {}, [reading.where, reading.index].filter(Boolean).join(" · ")),
    ];
    node.replaceChildren(...lines);
    const { offsetWidth: width, offsetHeight: height } = node;
    const room = /** @type {HTMLElement} */ (node.parentElement);
    const { left, top } = room.getBoundingClientRect();
    const scale = scaleOf(room);
    const pane = hover.pane.canvas.getBoundingClientRect();
    const put = (/** @type {number} */ at, /** @type {number} */ size, /** @type {number} */ all) =>
      `${Math.max(0, at + AWAY + size > all ? at - AWAY - size : at + AWAY)}px`;
    node.style.left = put((pane.left - left) / scale.x + hover.at.x, width, room.clientWidth);
    node.style.top = put((pane.top - top) / scale.y + hover.at.y, height, room.clientHeight);
  };
  return { node, show };
}
