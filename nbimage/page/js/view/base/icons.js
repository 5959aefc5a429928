// The signs on buttons: 16 CSS pixels, drawn in the text's own color.

import { button, drawIcon, element } from "./dom.js";

const PATHS = {
  minus: "M3 8h10",
  plus: "M3 8h10M8 3v10",
  more: "M4 6l4 4 4-4",
  contrast: "M8 2a6 6 0 010 12z|M8 2a6 6 0 100 12 6 6 0 000-12z",
  layers: "M8 2l6 3.5-6 3.5-6-3.5zM2 9l6 3.5L14 9",
  measure: "M2 11l9-9 3 3-9 9zM5.5 7.5L7 9M8.5 4.5L10 6",
  compare: "M8 1v14M2 4h3v8H2zM11 4h3v8h-3z",
  save: "M8 2v8M5 7l3 3 3-3M3 13h10",
  full: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4",
  eye: "M1 8s2.5-4.5 7-4.5S15 8 15 8s-2.5 4.5-7 4.5S1 8 1 8zM8 6a2 2 0 100 4 2 2 0 000-4z",
  hidden: "M1 8s2.5-4.5 7-4.5S15 8 15 8M2 14L14 2",
  copy: "M6 6h8v8H6zM10 6V2H2v8h4",
  close: "M4 4l8 8M12 4l-8 8",
  select: "M4 2l8 6-4 .8L10.5 13 8.6 14 6.5 9.8 4 12z",
  point: "M8 6.5a1.5 1.5 0 100 3 1.5 1.5 0 000-3zM8 1v3M8 12v3M1 8h3M12 8h3",
  line: "M3 13L13 3",
  box: "M2.5 4h11v8h-11z",
  ellipse: "M8 4c3.3 0 5.5 1.8 5.5 4s-2.2 4-5.5 4-5.5-1.8-5.5-4S4.7 4 8 4z",
  polygon: "M8 2.5l5.5 4-2 6.5h-7l-2-6.5z",
  freehand: "M3 12c-2-4 1-9 4-8s0 6 3 6 1-5 3-5",
};

/** @param {keyof typeof PATHS} name */
export const icon = (name) => drawIcon(PATHS[name]);

/**
 * A button with a sign, which its title names.
 * @param {string} sign
 * @param {string} title
 * @param {() => void} onclick
 */
export const signButton = (sign, title, onclick) => button(sign, title, onclick, { label: title });

/**
 * A button with an icon, which its title names, and maybe a word beside it where there is room.
 * @param {SVGElement | string} sign
 * @param {string} title
 * @param {() => void} onclick
 * @param {string} [word]
 */
export function iconButton(sign, title, onclick, word) {
  const node = signButton("", title, onclick);
  node.append(sign, ...(word ? [element("span", { className: "word", textContent: word })] : []));
  return node;
}
