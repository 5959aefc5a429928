// What stands around the panes: the tool bar, the menu of what is saved, and the list of keys.

import { element, setAria } from "../base/dom.js";
import { icon, iconButton, signButton } from "../base/icons.js";
import { popup, roving } from "../base/popup.js";
import { asPython } from "./python.js";

/** @typedef {import("./viewer.js").Viewer} Viewer */
/** @typedef {[string, string, string]} HelpLine group, key and what it does */

/** @type {HelpLine[]} */
const KEYS = [
  ["Move", "drag", "move (it glides if let go in motion)"],
  ["Move", "wheel, pinch", "zoom"],
  ["Move", "double-click", "zoom in (Shift: out)"],
  ["Move", "+ −", "zoom by whole steps"],
  ["Move", "0", "fit"],
  ["Move", "1", "one to one"],
  ["Move", "arrows", "move (Shift: further)"],
  ["Move", "f", "full screen"],
  ["Read", "click, p", "pin the cursor; arrows move it"],
  ["Read", "Ctrl+C", "copy the value"],
  ["Read", "Esc", "unpin, leave"],
];
/** @type {HelpLine[]} */
const AXIS_KEYS = [
  ["Play", "space", "play"],
  ["Play", ", .", "step the last axis"],
  ["Play", "< >", "step the axis before the last"],
  ["Play", "[ ]", "first, last plane"],
];

/** Those with panels as these stand. @param {import("../base/types.js").Control[]} controls */
const inOrder = (controls) =>
  ["contrast", "layers", "measure", "compare"].flatMap((name) =>
    controls.filter(({ opens }) => opens?.name === name),
  );

/** The list of what keys and the pointer do, over the picture. @param {Viewer} viewer */
function keyList({ config, controls, shell }) {
  /** @type {Map<string, HTMLElement>} */
  const groups = new Map();
  for (const [group, key, what] of [
    ...KEYS,
    ...(config.axes.length ? AXIS_KEYS : []),
    ...controls.flatMap(({ opens, help }) => [
      .../** @type {HelpLine[]} */ (opens ? [["Panels", opens.key, opens.word.toLowerCase()]] : []),
      ...(help ?? []),
    ]),
  ]) {
    if (!groups.has(group))
      groups.set(group, element("section", {}, element("h4", { textContent: group })));
    groups
      .get(group)
      ?.append(element("div", {}, element("kbd", { textContent: key }), element("span", {}, what)));
  }
  const close = iconButton(icon("close"), "Close (Esc)", () => box.hidePopover());
  const box = element(
    "div",
    { className: "help", role: "dialog", label: "Keys" },
    close,
    element("div", {}, ...groups.values()),
  );
  const opener = signButton("?", "Keys (?)", () => {});
  popup(opener, box, shell);
  return [opener, box];
}

/** What can be saved and copied. @param {Viewer} viewer */
function saveMenu(viewer) {
  const entries = [
    ...viewer.controls.flatMap(({ saves }) => saves ?? []),
    {
      word: "Copy view as Python",
      hint: "Copy this view as Python (state=…)",
      run: () => viewer.copy(asPython(viewer)),
    },
  ];
  const items = entries.map(({ word, hint, run }) =>
    element("button", {
      type: "button",
      role: "menuitem",
      textContent: word,
      title: hint,
      onclick: () => {
        menu.hidePopover();
        run();
      },
    }),
  );
  const menu = element("div", { className: "menu", role: "menu", label: "Save" }, ...items);
  menu.addEventListener("beforetoggle", () => {
    items[0].autofocus = true; // it has the focus as the menu opens, before another key comes
  });
  roving(menu);
  const opener = iconButton(icon("save"), "Save and copy", () => {});
  setAria(opener, { haspopup: "menu" });
  popup(opener, menu);
  return [opener, menu];
}

/**
 * The tool bar, with what it opens.
 * @param {Viewer} viewer
 */
export function toolBar(viewer) {
  /** @type {Map<string, HTMLElement>} */
  const openers = new Map();
  for (const { opens } of inOrder(viewer.controls)) {
    if (!opens || openers.has(opens.name)) continue;
    const { name, word, hint, key } = opens;
    const opener = iconButton(icon(name), `${hint} (${key})`, () => viewer.open(name), word);
    setAria(opener, { label: `${word} (${key})` }); // which has the word that is seen
    openers.set(name, opener);
  }
  const tell = () => {
    for (const [name, one] of openers)
      setAria(one, { expanded: viewer.state.panels.includes(name) });
  };
  viewer.on(tell);
  tell();
  const [save, menu] = saveMenu(viewer);
  const [keys, list] = keyList(viewer);
  const bar = element(
    "div",
    { className: "tools", role: "toolbar", label: "View" },
    element(
      "div",
      {},
      iconButton(icon("minus"), "Zoom out (−)", () => viewer.step(-1)),
      viewer.zoomed,
      iconButton(icon("plus"), "Zoom in (+)", () => viewer.step(1)),
      signButton("fit", "Fit (0)", () => viewer.fit()),
    ),
    element("div", {}, ...openers.values()),
    element(
      "div",
      {},
      save,
      iconButton(icon("full"), "Full screen (f)", () => viewer.full()),
      keys,
    ),
  );
  roving(bar);
  // By mouse: the picture keeps, or gets, the wheel and the keys
  bar.addEventListener("mousedown", (event) => event.preventDefault());
  bar.addEventListener("click", ({ detail }) => {
    if (detail && !viewer.held()) viewer.panes[0].canvas.focus({ preventScroll: true });
  });
  return { bar, help: list, all: [bar, menu, list] };
}

/** The panels, each below its heading. @param {Viewer} viewer */
export function sideColumn({ controls, state, on }) {
  const side = element("div", { className: "side" });
  const panels = inOrder(controls).flatMap(({ opens, panel }) => {
    if (!opens || !panel) return [];
    const heading = element("h4", { textContent: opens.word });
    const section = element(
      "section",
      { className: `panel ${opens.name}-panel`, label: opens.word },
      heading,
      panel,
    );
    side.append(section);
    return [{ name: opens.name, section }];
  });
  const show = () => {
    for (const { name, section } of panels) section.hidden = !state.panels.includes(name);
    side.hidden = panels.every(({ section }) => section.hidden);
  };
  on((change) => {
    if (change.panels) show();
  });
  show();
  return side;
}
