// The buttons of the tools that draw shapes.

import { setAria } from "../base/dom.js";
import { icon, iconButton } from "../base/icons.js";

/** @typedef {import("../base/types.js").ShapeTool} ShapeTool */

/** @type {Record<ShapeTool, string>} */
const TOOLS = {
  select: "Select and move",
  point: "Draw a point",
  line: "Draw a line",
  box: "Draw a box",
  ellipse: "Draw an ellipse",
  polygon: "Draw a polygon: a corner with each press, Enter ends it",
  freehand: "Draw by hand: closed, or a line",
};

/** @param {Pick<import("./panel.js").Actions, "keyOf" | "use">} actions */
export const toolButtons = ({ keyOf, use }) =>
  Object.entries(TOOLS).map(([name, title]) => {
    const what = /** @type {ShapeTool} */ (name);
    const one = iconButton(icon(what), `${title} (${keyOf(what)})`, () => use(what));
    setAria(one, { label: title.split(":")[0] });
    return { what, one };
  });
