// What stands around the panes: the tool bar, and the list of keys.

import { element, signButton } from "../base/dom.js";
import { asPython } from "./python.js";

/** @typedef {import("./viewer.js").Viewer} Viewer */

const KEYS = [
  ["drag", "move (it glides if let go in motion)"],
  ["wheel, pinch", "zoom"],
  ["double-click", "zoom in (Shift: out)"],
  ["+ −", "zoom by whole steps"],
  ["0", "fit"],
  ["1", "one to one"],
  ["arrows", "move (Shift: further)"],
  ["click, p", "pin the cursor; arrows move it"],
  ["Ctrl+C", "copy the value"],
  ["Esc", "unpin, leave"],
  ["c", "contrast"],
  ["i", "invert"],
  ["l", "line profile"],
  ["b", "region"],
  ["f", "full screen"],
];
const AXIS_KEYS = [
  ["space", "play"],
  [", .", "step the last axis"],
  ["< >", "step the axis before the last"],
  ["[ ]", "first, last plane"],
];
const COMPARE_KEYS = [
  ["m", "next way to compare"],
  ["x", "exchange the two images"],
  ["/", "pause flicker"],
];

/** The list of what keys and the pointer do. @param {Viewer} viewer */
export function helpLines({ config, keys, compare, controls }) {
  const known = KEYS.filter(([key]) => !/^[cilb]$/.test(key) || keys[key]);
  const lines = [
    ...known,
    ...(config.axes.length ? AXIS_KEYS : []),
    ...(compare ? COMPARE_KEYS : []),
    ...controls.flatMap((control) => control.help ?? []),
  ];
  return lines.map(([key, what]) => element("div", {}, element("kbd", { textContent: key }), what));
}

/** @param {Viewer} viewer */
export function toolBar(viewer) {
  return element(
    "div",
    { className: "bar", role: "toolbar", label: "View" },
    signButton("fit", "Fit (0)", () => viewer.fit()),
    signButton("1:1", "One to one (1)", () => viewer.zoom(1)),
    signButton("+", "Zoom in (+)", () => viewer.step(1)),
    signButton("−", "Zoom out (−)", () => viewer.step(-1)),
    ...viewer.controls.flatMap((control) => control.bar ?? []),
    signButton("copy view", "Copy this view as Python (state=…)", () =>
      viewer.copy(asPython(viewer)),
    ),
    signButton("full screen", "Full screen (f)", () => viewer.full()),
    signButton("?", "Keys (?)", () => {
      viewer.help.hidden = !viewer.help.hidden;
    }),
  );
}
