// Annotations that the reader draws: points, lines, boxes and polygons, each with a label.

import { clamp } from "../base/camera.js";
import { button, element } from "../base/dom.js";
import { flat } from "../values/subjects.js";
import { drawAnnotations } from "./annotation_drawing.js";
import {
  apart,
  fitPoints,
  isInside,
  middlePoints,
  moveCorner,
  offLine,
  outline,
  shiftPoints,
  sides,
  within,
} from "./annotation_geometry.js";
import { annotationRow } from "./annotation_list.js";

/** @typedef {import("../base/types.js").Annotation} Annotation */
/** @typedef {import("../base/types.js").Pane} Pane */
/** @typedef {import("./annotation_geometry.js").Corner} Corner */
/**
 * What the pointer has taken: a annotation, and of its corners one or, -1, none.
 * @typedef {{annotation: Annotation, corner: number}} Grasp
 */

const ANNOTATION_KINDS = /** @type {const} */ (["point", "line", "box", "polygon"]);
const ANNOTATION_KEYS = { select: "v", point: "d", line: "n", box: "r", polygon: "g" };
const GRASP = 9; // CSS pixels
const ROWS_SHOWN = 100; // of the list

/**
 * @param {import("../base/types.js").Explorer} explorer
 * @returns {import("../base/types.js").Control}
 */
export function annotationControl(explorer) {
  const { config, state } = explorer;
  const [size] = config.images;
  let selected = "";
  let picked = -1; // the id, and which of its corners the keys are for
  /** @type {Corner[]} */
  let draft = []; // a polygon's corners so far
  let count = 0;

  const all = () => state.annotations ?? [];
  const findSelected = () => all().find(({ id }) => id === selected);
  const fresh = () =>
    `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}-${count++}`;

  // What changes the list

  const select = (/** @type {string} */ id, corner = -1) => {
    [selected, picked] = [id, corner];
    update();
    explorer.draw();
  };
  const add = (/** @type {Annotation["kind"]} */ kind, /** @type {Corner[]} */ points) => {
    const annotation = { kind, points: fitPoints(kind, points, size), label: "", id: fresh() };
    [selected, picked] = [annotation.id, -1];
    explorer.set({ annotations: [...all(), annotation] });
    return annotation;
  };
  const change = (/** @type {string} */ id, /** @type {Partial<Annotation>} */ by) =>
    explorer.set({
      annotations: all().map((one) =>
        one.id === id
          ? { ...one, ...by, points: by.points ? fitPoints(one.kind, by.points, size) : one.points }
          : one,
      ),
    });
  const remove = (/** @type {string} */ id) => {
    if (id === selected) [selected, picked] = ["", -1];
    explorer.set({ annotations: all().filter((one) => one.id !== id) });
  };
  const dropCorner = (/** @type {Annotation} */ { id, points }, /** @type {number} */ corner) => {
    picked = -1;
    change(id, { points: points.filter((_, i) => i !== corner) });
  };
  const close = () => {
    const points = draft.filter((one, i) => !i || apart(one, draft[i - 1]) > 0.01);
    draft = [];
    if (points.length > 2) add("polygon", points);
    else explorer.draw();
  };

  // What is taken by the pointer

  /**
   * @param {Corner} at
   * @param {Pane} pane
   * @param {boolean} inside whether what lies around the position is taken too
   * @returns {Grasp | null}
   */
  const grasp = (at, pane, inside) => {
    const reach = GRASP / pane.scale;
    const own = findSelected();
    if (own) {
      const corner = outline(own).findIndex((one) => apart(one, at) <= reach);
      if (corner >= 0) return { annotation: own, corner };
      const side =
        own.kind === "polygon"
          ? sides(own).findIndex(
              ([a, b]) => apart({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, at) <= reach,
            )
          : -1;
      if (side >= 0)
        return {
          annotation: { ...own, points: own.points.toSpliced(side + 1, 0, at) },
          corner: side + 1,
        };
      if (isInside(own, at)) return { annotation: own, corner: -1 };
    }
    const close = (/** @type {Annotation} */ one) =>
      outline(one).some((corner) => apart(corner, at) <= reach) ||
      sides(one).some(([a, b]) => offLine(at, a, b) <= reach);
    const annotation =
      all().findLast(close) ?? (inside ? all().findLast((one) => isInside(one, at)) : undefined);
    return annotation ? { annotation, corner: -1 } : null;
  };

  /** @param {"select" | Annotation["kind"]} what @returns {import("../base/types.js").Tool} */
  const tool = (what) => {
    /** @type {Grasp | null} */
    let taken = null;
    let press = { x: 0, y: 0 };
    let moved = false;
    let begun = ""; // the id of what is being drawn
    return {
      start: (at, pane) => {
        [press, moved, begun] = [at, false, ""];
        if (!flat(pane)) return;
        if (what === "polygon" && draft.length) {
          taken = null;
          if (draft.length > 2 && apart(draft[0], at) <= GRASP / pane.scale) close();
          else draft = [...draft, within(at, size)];
          return explorer.draw();
        }
        taken = grasp(at, pane, what === "select");
        if (taken)
          select(taken.annotation.id, all().includes(taken.annotation) ? taken.corner : -1);
        else if (what === "select") select("");
        else if (what === "point") taken = { annotation: add("point", [at]), corner: 0 };
        else if (what === "polygon") {
          select("");
          draft = [within(at, size)];
        } else select("");
      },
      move: (at, pane) => {
        if (!flat(pane) || (!moved && apart(at, press) * pane.scale < 4)) return;
        moved = true;
        if (taken) {
          const { annotation, corner } = taken;
          change(annotation.id, {
            points:
              corner < 0
                ? shiftPoints(annotation, at.x - press.x, at.y - press.y, size)
                : moveCorner(annotation, corner, at),
          });
        } else if (what === "select")
          pane.camera.pan((at.x - press.x) * pane.scale, (at.y - press.y) * pane.scale);
        else if (what === "polygon") draft = [...draft.slice(0, -1), within(at, size)];
        else if (!begun) begun = add(what, [press, at]).id;
        else change(begun, { points: [press, at] });
      },
      end: () => explorer.draw(),
    };
  };

  // In the pictures

  /** @param {Pane} pane @param {CanvasRenderingContext2D} pen */
  const over = (pane, pen) => {
    listen(pane);
    if (flat(pane)) drawAnnotations(pane, pen, all(), selected, draft);
  };

  // By keys, while a pane has the focus: only those that a selected or an unfinished annotation
  // needs

  const listened = new WeakSet();
  const listen = (/** @type {Pane} */ pane) => {
    if (listened.has(pane)) return;
    listened.add(pane);
    pane.box.addEventListener(
      "keydown",
      (event) => {
        if (event.ctrlKey || event.altKey || event.metaKey || !pressKey(event, pane)) return;
        event.preventDefault();
        event.stopPropagation();
      },
      true,
    );
  };
  /**
   * @param {KeyboardEvent} event
   * @param {Pane} pane
   * @returns {boolean} whether it was for a annotation
   */
  const pressKey = ({ key, shiftKey }, pane) => {
    const own = findSelected();
    const using = current();
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const way = ways[/** @type {keyof typeof ways} */ (key)];
    if (key === "Escape" && draft.length) draft = [];
    else if (key === "Escape" && selected) select("");
    else if (key === "Escape" && using) explorer.set({ tool: "move" });
    else if (key === "Enter" && draft.length) close();
    else if (key === "Enter" && using && using !== "select" && !own) middle(using, pane);
    else if (key === "Backspace" && draft.length) draft = draft.slice(0, -1);
    else if ((key === "Delete" || key === "Backspace") && own) {
      if (own.kind === "polygon" && picked >= 0 && own.points.length > 3) dropCorner(own, picked);
      else remove(own.id);
    } else if (way && own) {
      const [dx, dy] = way.map((one) => one * (shiftKey ? 10 : 1));
      const corner = picked < 0 ? null : outline(own)[picked];
      change(own.id, {
        points: corner
          ? moveCorner(own, picked, { x: corner.x + dx, y: corner.y + dy })
          : shiftPoints(own, dx, dy, size),
      });
      const { points } = findSelected() ?? own;
      explorer.announce(
        `${own.kind} ${points.map(({ x, y }) => `${+x.toFixed(2)}, ${+y.toFixed(2)}`).join("; ")}`,
      );
    } else return false;
    explorer.draw();
    return true;
  };
  const middle = (/** @type {Annotation["kind"]} */ kind, /** @type {Pane} */ pane) => {
    add(kind, middlePoints(kind, pane.visible()));
    explorer.announce(`${kind} in the middle: arrows move it, Delete removes it`);
  };

  // Buttons, and the list

  /** @returns {"select" | Annotation["kind"] | null} */
  const current = () =>
    state.tool.startsWith("annotation-") ? /** @type {any} */ (state.tool.slice(11)) : null;
  const use = (/** @type {"select" | Annotation["kind"]} */ what) => {
    draft = [];
    open = true;
    if (what !== "select") select(""); // the keys are for the next one
    explorer.set({ tool: current() === what ? "move" : /** @type {any} */ (`annotation-${what}`) });
    if (!current() || what === "select") return;
    const how = what === "polygon" ? "a corner with each press, Enter ends it" : "draw it";
    explorer.announce(`${what}: ${how}, or Enter for one in the middle`);
  };
  let open = false;
  const toggle = button("annotations", "Annotations (s)", () => {
    open = !open;
    if (!open && current()) explorer.set({ tool: "move" });
    update();
  });
  const titles = {
    select: "Select and move",
    point: "Draw a point",
    line: "Draw a line",
    box: "Draw a box",
    polygon: "Draw a polygon: a corner with each press, Enter ends it",
  };
  const tools = /** @type {const} */ (["select", ...ANNOTATION_KINDS]).map((what) =>
    button(what, `${titles[what]} (${ANNOTATION_KEYS[what]})`, () => use(what), {
      label: what === "select" ? "Select annotations" : `Draw a ${what}`,
    }),
  );
  const list = element("ul", { label: "Annotations", tabIndex: -1 });
  const more = element("span");
  const clear = button("remove all", "", () => {
    selected = "";
    explorer.set({ annotations: [] });
  });
  const panel = element(
    "div",
    { className: "annotations", role: "group", label: "Annotations", hidden: true },
    element("div", { className: "bar" }, ...tools, clear, more),
    list,
  );

  /** @type {Map<string, import("./annotation_list.js").Row>} */
  let shown = new Map();
  const actions = {
    find: (/** @type {string} */ id) => all().find((one) => one.id === id),
    change,
    dropCorner,
    pick: (/** @type {number} */ corner) => {
      picked = corner;
    },
    select,
    remove,
  };
  const update = () => {
    const using = current();
    const annotations = all();
    tools.forEach((one, i) =>
      one.setAttribute("aria-pressed", String(["select", ...ANNOTATION_KINDS][i] === using)),
    );
    toggle.setAttribute("aria-expanded", String(open));
    panel.hidden = !open;
    if (!open) return;
    clear.hidden = !annotations.length;
    const at = annotations.findIndex(({ id }) => id === selected);
    const first = clamp(
      (at < 0 ? annotations.length : at + ROWS_SHOWN / 2) - ROWS_SHOWN,
      0,
      Math.max(0, annotations.length - ROWS_SHOWN),
    );
    const some = annotations.slice(first, first + ROWS_SHOWN);
    const listed =
      some.length < annotations.length ? `, ${first + 1} to ${first + some.length} listed` : "";
    const plural = annotations.length === 1 ? "" : "s";
    more.textContent = `${annotations.length} annotation${plural}${listed}`;
    /** @type {typeof shown} */
    const next = new Map();
    for (const annotation of some) {
      const known = shown.get(annotation.id);
      const on = annotation.id === selected;
      const alike =
        known &&
        known.on === on &&
        known.annotation.kind === annotation.kind &&
        known.annotation.points.length === annotation.points.length;
      if (alike && known.annotation !== annotation) known.fill(annotation);
      next.set(
        annotation.id,
        alike ? Object.assign(known, { annotation }) : annotationRow(annotation, on, actions),
      );
    }
    const wanted = [...next.values()].map(({ row }) => row);
    if (wanted.length !== list.children.length || wanted.some((row, i) => list.children[i] !== row))
      list.replaceChildren(...wanted);
    const row = next.get(selected)?.row;
    if (row && selected !== scrolled)
      // the page stays
      list.scrollTop += row.getBoundingClientRect().top - list.getBoundingClientRect().top - 40;
    scrolled = selected;
    shown = next;
  };
  let scrolled = "";
  explorer.on((changed) => {
    if ("tool" in changed && !current()) draft = [];
    if ("annotations" in changed || "tool" in changed) update();
  });
  open = all().length > 0;
  update();
  const keys = Object.fromEntries(
    Object.entries(ANNOTATION_KEYS).map(([what, key]) => [
      key,
      () => use(/** @type {any} */ (what)),
    ]),
  );
  return {
    bar: [toggle],
    panel,
    over,
    keys: { ...keys, s: () => toggle.click() },
    help: [
      ["s", "annotations"],
      ["d n r g", "draw a point, line, box, polygon (Enter: in the middle of what is seen)"],
      ["v, Delete", "select an annotation; remove it"],
    ],
    tools: Object.fromEntries(
      /** @type {const} */ (["select", ...ANNOTATION_KINDS]).map((what) => [
        `annotation-${what}`,
        tool(what),
      ]),
    ),
  };
}
