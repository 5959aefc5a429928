// Shapes that are drawn by the pointer, by keys or by numbers: the list of them, and its undoing.

import { drawShapes } from "./drawing.js";
import { profilePoints } from "./numbers.js";
import {
  apart,
  fitPoints,
  freehand,
  handles,
  isAround,
  middlePoints,
  moveCorner,
  offLine,
  outline,
  shiftPoints,
  sides,
  within,
} from "./outline.js";
import { shapePanel } from "./panel.js";
import { flat } from "./subjects.js";

/** @typedef {import("../base/types.js").Shape} Shape */
/** @typedef {import("../base/types.js").ShapeTool} ShapeTool */
/** @typedef {import("../base/types.js").Pane} Pane */
/** @typedef {import("./outline.js").Corner} Corner */
/** What the pointer has taken: of its corners one or, -1, none. */
/** @typedef {{shape: Shape, corner: number}} Grasp */

const KEYS = {
  select: "v",
  point: "d",
  line: "l",
  box: "b",
  ellipse: "e",
  polygon: "n",
  freehand: "h",
};
const MOST_UNDONE = 100;

/**
 * @param {import("../base/types.js").Explorer} explorer
 * @returns {import("../base/types.js").Control}
 */
export function shapesControl(explorer) {
  const { config, state } = explorer;
  const [size] = config.images;
  const coarse = matchMedia("(pointer: coarse)").matches;
  const reach = coarse ? 22 : 9; // CSS pixels from a handle at which it is taken
  let picked = -1; // which corner of the selected one the keys are for
  let dragging = false;
  let marked = -1; // a share of the selected line that is pointed at
  let count = 0;
  /** @type {Corner[]} */
  let draft = []; // corners so far
  /** @type {Shape[][]} */
  const undone = [];
  /** @type {Shape[][]} */
  const done = [];

  const findSelected = () => state.shapes.find(({ id }) => id === state.selected);
  /** Those of the plane that is shown. */
  const here = () =>
    state.shapes.filter(({ plane }) =>
      (plane ?? []).every((i, axis) => i < 0 || i === state.index[axis] || axis === config.facet),
    );
  const fresh = () =>
    `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}-${count++}`;

  // What changes the list

  const keep = () => {
    done.push(state.shapes);
    if (done.length > MOST_UNDONE) done.shift();
    undone.length = 0;
  };
  const select = (/** @type {string} */ id, corner = -1) => {
    picked = corner;
    marked = -1;
    if (id !== state.selected) explorer.set({ selected: id });
    explorer.draw();
  };
  const add = (/** @type {Shape["kind"]} */ kind, /** @type {Corner[]} */ points) => {
    keep();
    const id = fresh();
    const plain = { label: "", color: "", plane: null, id };
    const shape = { kind, points: fitPoints(kind, points, size), ...plain };
    picked = -1;
    explorer.set({ shapes: [...state.shapes, shape], selected: id });
    return shape;
  };
  /** @param {string} id @param {Partial<Shape>} by @param {boolean} [once] a change of its own */
  const change = (id, by, once = true) => {
    if (once) keep();
    explorer.set({
      shapes: state.shapes.map((one) =>
        one.id === id
          ? { ...one, ...by, points: by.points ? fitPoints(one.kind, by.points, size) : one.points }
          : one,
      ),
    });
  };
  const remove = (/** @type {string} */ id) => {
    keep();
    picked = -1;
    explorer.set({
      shapes: state.shapes.filter((one) => one.id !== id),
      ...(id === state.selected ? { selected: "" } : {}),
    });
  };
  const clear = () => {
    keep();
    explorer.set({ shapes: [], selected: "" });
  };
  const undo = (/** @type {Shape[][]} */ from, /** @type {Shape[][]} */ to) => {
    const shapes = from.pop();
    if (!shapes) return explorer.announce(`Nothing to ${from === done ? "undo" : "redo"}`);
    to.push(state.shapes);
    const selected = shapes.some(({ id }) => id === state.selected) ? state.selected : "";
    explorer.set({ shapes, selected });
  };
  const dropCorner = (/** @type {Shape} */ { id, points }, /** @type {number} */ corner) => {
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
    const near = reach / pane.scale;
    const own = findSelected();
    if (own) {
      const corner = handles(own).findIndex((one) => apart(one, at) <= near);
      if (corner >= 0) return { shape: own, corner };
      const side =
        own.kind === "polygon"
          ? sides(own).findIndex(
              ([a, b]) => apart({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, at) <= near,
            )
          : -1;
      if (side >= 0) {
        const points = [...own.points];
        points.splice(side + 1, 0, at);
        return { shape: { ...own, points }, corner: side + 1 };
      }
      if (isAround(own, at)) return { shape: own, corner: -1 };
    }
    const close = (/** @type {Shape} */ one) =>
      (one.kind === "point" && apart(one.points[0], at) <= near) ||
      sides(one).some(([a, b]) => offLine(at, a, b) <= near);
    const shape =
      here().findLast(close) ?? (inside ? here().findLast((one) => isAround(one, at)) : undefined);
    return shape ? { shape, corner: -1 } : null;
  };

  /** @param {ShapeTool} what @returns {import("../base/types.js").Tool} */
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
          if (draft.length > 2 && apart(draft[0], at) <= reach / pane.scale) close();
          else draft = [...draft, within(at, size)];
          return explorer.draw();
        }
        taken = grasp(at, pane, what === "select");
        if (taken) select(taken.shape.id, state.shapes.includes(taken.shape) ? taken.corner : -1);
        else {
          select("");
          if (what === "point") taken = { shape: add("point", [at]), corner: 0 };
          else if (what === "polygon" || what === "freehand") draft = [within(at, size)];
        }
      },
      move: (at, pane) => {
        if (!flat(pane) || (!moved && apart(at, press) * pane.scale < 4)) return;
        if (taken && !moved && what !== "point") keep();
        moved = true;
        dragging = true;
        if (taken) {
          const { shape, corner } = taken;
          const points =
            corner < 0
              ? shiftPoints(shape, at.x - press.x, at.y - press.y, size)
              : moveCorner(shape, corner, at);
          change(shape.id, { points }, false);
        } else if (what === "select")
          pane.camera.pan((at.x - press.x) * pane.scale, (at.y - press.y) * pane.scale);
        else if (what === "freehand") draft = [...draft, within(at, size)];
        else if (what === "polygon") draft = [...draft.slice(0, -1), within(at, size)];
        else if (what !== "point") {
          if (!begun) begun = add(what, [press, at]).id;
          else change(begun, { points: [press, at] }, false);
        }
      },
      end: (_, pane) => {
        dragging = false;
        if (what === "freehand" && !taken) {
          const found = freehand(draft, 3 / pane.scale);
          draft = [];
          if (found) add(found.kind, found.points);
        }
        panel.measure();
        explorer.draw();
      },
    };
  };

  // In the pictures

  /** @param {Pane} pane @param {CanvasRenderingContext2D} pen */
  const over = (pane, pen) => {
    listen(pane);
    if (!flat(pane)) return;
    const own = findSelected();
    const steps = own && marked >= 0 ? profilePoints(own.points, 1) : [];
    const at = steps[Math.round(marked * (steps.length - 1))]?.across[0];
    drawShapes(pane, pen, here(), state.selected, draft, coarse ? 12 : 7, at);
  };

  // By keys, while a pane has the focus: only those that a selected or an unfinished shape needs

  const listened = new WeakSet();
  const listen = (/** @type {Pane} */ pane) => {
    if (listened.has(pane)) return;
    listened.add(pane);
    pane.box.addEventListener(
      "keydown",
      (event) => {
        if (event.altKey || !pressKey(event, pane)) return;
        event.preventDefault();
        event.stopPropagation();
      },
      true,
    );
  };
  /**
   * @param {KeyboardEvent} event
   * @param {Pane} pane
   * @returns {boolean} whether it was for a shape
   */
  const pressKey = ({ key, shiftKey, ctrlKey, metaKey }, pane) => {
    const own = findSelected();
    const using = current();
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const way = ways[/** @type {keyof typeof ways} */ (key)];
    if (ctrlKey || metaKey) {
      if (key === "z" || (key === "Z" && !shiftKey)) undo(done, undone);
      else if (key === "y" || key === "Z") undo(undone, done);
      else return false;
    } else if (key === "Escape" && draft.length) draft = [];
    else if (key === "Escape" && own) select("");
    else if (key === "Escape" && using) explorer.set({ tool: "move" });
    else if (key === "Enter" && draft.length) close();
    else if (key === "Enter" && using && using !== "select" && !own) {
      const kind = using === "freehand" ? "polygon" : using;
      add(kind, middlePoints(kind, pane.visible()));
      explorer.announce(`${kind} in the middle: arrows move it, Delete removes it`);
    } else if (key === "Tab" && (own || using === "select")) return step(shiftKey ? -1 : 1);
    else if (key === "Backspace" && draft.length) draft = draft.slice(0, -1);
    else if ((key === "Delete" || key === "Backspace") && own) {
      if (own.kind === "polygon" && picked >= 0 && own.points.length > 3) dropCorner(own, picked);
      else remove(own.id);
    } else if (way && own) {
      const [dx, dy] = way.map((one) => one * (shiftKey ? 10 : 1));
      const corner = picked < 0 ? null : handles(own)[picked];
      change(own.id, {
        points: corner
          ? moveCorner(own, picked, { x: corner.x + dx, y: corner.y + dy })
          : shiftPoints(own, dx, dy, size),
      });
      say(findSelected() ?? own);
    } else return false;
    explorer.draw();
    return true;
  };
  /** To the next shape; from the last one the focus goes on. @param {number} by */
  const step = (by) => {
    const all = here();
    const at = all.findIndex(({ id }) => id === state.selected);
    const next = all[at < 0 && by < 0 ? all.length - 1 : at + by];
    select(next?.id ?? "");
    if (next) say(next);
    return !!next;
  };
  const say = (/** @type {Shape} */ { kind, label, points }) => {
    const texts = points.map(({ x, y }) => `${+x.toFixed(2)}, ${+y.toFixed(2)}`);
    explorer.announce(`${label || kind} ${texts.join("; ")}`);
  };

  const current = () =>
    /** @type {ShapeTool | null} */ (
      state.tool.startsWith("shape-") ? state.tool.slice("shape-".length) : null
    );
  const use = (/** @type {ShapeTool} */ what) => {
    draft = [];
    explorer.open("measure", true);
    if (what !== "select") select(""); // the keys are for the next one
    explorer.set({ tool: current() === what ? "move" : `shape-${what}` });
    if (!current() || what === "select") return;
    const how = what === "polygon" ? "a corner with each press, Enter ends it" : "draw it";
    explorer.announce(`${what}: ${how}, or Enter for one in the middle`);
  };

  const panel = shapePanel(explorer, {
    current,
    use,
    findSelected,
    change,
    remove,
    clear,
    select,
    dropCorner,
    isDragging: () => dragging,
    pick: (corner) => {
      picked = corner;
    },
    mark: (share) => {
      marked = findSelected()?.kind === "line" ? share : -1;
      explorer.draw();
    },
    keyOf: (what) => KEYS[what],
  });
  explorer.on((changed) => {
    if ("tool" in changed && !current()) draft = [];
    if (changed.panels && current() && !changed.panels.includes("measure"))
      explorer.set({ tool: "move" });
  });
  const tools = /** @type {ShapeTool[]} */ (Object.keys(KEYS));
  return {
    panel: panel.element,
    opens: { name: "measure", word: "Measure", hint: "Shapes and their numbers", key: "s" },
    over,
    keys: Object.fromEntries(tools.map((what) => [KEYS[what], () => use(what)])),
    help: [
      ["Shapes", "l b e n h d", "line, box, ellipse, polygon, freehand, point"],
      ["Shapes", "Enter", "one in the middle; the end of a polygon"],
      ["Shapes", "v, Tab", "select; the next one"],
      ["Shapes", "arrows", "move it (Shift: further)"],
      ["Shapes", "Delete", "remove it, or its corner"],
      ["Shapes", "Ctrl+Z", "undo (Ctrl+Y: redo)"],
    ],
    tools: Object.fromEntries(tools.map((what) => [`shape-${what}`, tool(what)])),
  };
}
