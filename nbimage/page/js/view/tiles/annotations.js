// Shapes that the reader draws: points, lines, boxes and polygons, each with a label.

import { clamp } from "../base/camera.js";
import { button, made } from "../base/dom.js";

/** @typedef {import("../base/types.js").Shape} Shape */
/** @typedef {import("../base/types.js").Pane} Pane */
/** @typedef {{x: number, y: number}} Corner */
/**
 * What the pointer has taken: a shape, and of its corners one or, -1, none.
 * @typedef {{shape: Shape, corner: number}} Taken
 */

export const SHAPES_STYLE = `
.shapes { margin: 4px 0 }
.shapes ul { max-height: 180px; overflow: auto; margin: 4px 0; padding: 0; list-style: none }
.shapes li { display: flex; flex-wrap: wrap; gap: 2px 4px; align-items: center; padding: 1px 2px }
.shapes li.on { background: rgba(76,154,255,.2) }
.shapes li > button:first-child { min-width: 64px }
.shapes li input { width: 74px }
.shapes li input[type=text] { flex: 0 1 120px; min-width: 60px }
`;

const SHAPE_KINDS = /** @type {const} */ (["point", "line", "box", "polygon"]);
const SHAPE_KEYS = { select: "v", point: "d", line: "n", box: "r", polygon: "g" };
const GRASP = 9; // CSS pixels
const ROWS_SHOWN = 100; // of the list
const LABELS_SHOWN = 200;
// a shape's, and the selected one's; with a dark edge they are seen on anything
const COLORS = ["#ffd400", "#3cf"];

/** @param {Corner} a @param {Corner} b */
const apart = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);

/** From a place to the nearest of a line. @param {Corner} at @param {Corner} a @param {Corner} b */
function offLine(at, a, b) {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const share = clamp(((at.x - a.x) * dx + (at.y - a.y) * dy) / (dx * dx + dy * dy || 1), 0, 1);
  return apart(at, { x: a.x + share * dx, y: a.y + share * dy });
}

/** The corners that are drawn: of a box all four. @param {Shape} shape @returns {Corner[]} */
function outline({ kind, points }) {
  if (kind !== "box") return points;
  const [a, b] = points;
  return [a, { x: b.x, y: a.y }, b, { x: a.x, y: b.y }];
}

/**
 * Its edges, each from one corner to the next.
 * @param {Shape} shape
 * @returns {[Corner, Corner][]}
 */
function sides(shape) {
  const all = outline(shape);
  const closed = shape.kind === "box" || shape.kind === "polygon";
  return all
    .slice(closed ? 0 : 1)
    .map((one, i) => (closed ? [one, all[(i + 1) % all.length]] : [all[i], one]));
}

/** @param {Shape} shape @param {Corner} at */
function isInside(shape, at) {
  if (shape.kind !== "box" && shape.kind !== "polygon") return false;
  return (
    sides(shape).filter(
      ([a, b]) =>
        a.y > at.y !== b.y > at.y && at.x < a.x + ((at.y - a.y) / (b.y - a.y)) * (b.x - a.x),
    ).length %
      2 ===
    1
  );
}

/**
 * @param {import("../base/types.js").Explorer} explorer
 * @returns {import("../base/types.js").Part}
 */
export function shaping(explorer) {
  const {
    config: {
      images: [{ columns, rows }],
    },
    state,
  } = explorer;
  const flat = (/** @type {Pane} */ { spec }) => String(spec.axes ?? "x,y") === "x,y";
  let selected = "";
  let picked = -1; // the id, and which of its corners the keys are for
  /** @type {Corner[]} */
  let draft = []; // a polygon's corners so far
  let count = 0;

  const all = () => state.shapes ?? [];
  const chosen = () => all().find(({ id }) => id === selected);
  const within = (/** @type {Corner} */ { x, y }) => ({
    x: clamp(Math.round(x * 100) / 100, 0, columns),
    y: clamp(Math.round(y * 100) / 100, 0, rows),
  });
  /**
   * A box has whole samples.
   * @param {Shape["kind"]} kind
   * @param {Corner[]} points
   * @returns {Corner[]}
   */
  const proper = (kind, points) => {
    if (kind !== "box") return points.map(within);
    const [a, b] = points;
    const ends = (
      /** @type {number} */ one,
      /** @type {number} */ other,
      /** @type {number} */ size,
    ) => {
      const low = clamp(Math.floor(Math.min(one, other) + 1e-6), 0, size - 1);
      return [low, clamp(Math.ceil(Math.max(one, other) - 1e-6), low + 1, size)];
    };
    const [x0, x1] = ends(a.x, b.x, columns);
    const [y0, y1] = ends(a.y, b.y, rows);
    return [
      { x: x0, y: y0 },
      { x: x1, y: y1 },
    ];
  };
  const fresh = () =>
    `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}-${count++}`;

  // What changes the list

  const select = (/** @type {string} */ id, corner = -1) => {
    [selected, picked] = [id, corner];
    update();
    explorer.draw();
  };
  const add = (/** @type {Shape["kind"]} */ kind, /** @type {Corner[]} */ points) => {
    const shape = { kind, points: proper(kind, points), label: "", id: fresh() };
    [selected, picked] = [shape.id, -1];
    explorer.set({ shapes: [...all(), shape] });
    return shape;
  };
  const change = (/** @type {string} */ id, /** @type {Partial<Shape>} */ by) =>
    explorer.set({
      shapes: all().map((one) =>
        one.id === id
          ? { ...one, ...by, points: by.points ? proper(one.kind, by.points) : one.points }
          : one,
      ),
    });
  const remove = (/** @type {string} */ id) => {
    if (id === selected) [selected, picked] = ["", -1];
    explorer.set({ shapes: all().filter((one) => one.id !== id) });
  };
  const shifted = (
    /** @type {Shape} */ { kind, points },
    /** @type {number} */ right,
    /** @type {number} */ down,
  ) => {
    // else it would grow
    const [dx, dy] = kind === "box" ? [Math.round(right), Math.round(down)] : [right, down];
    const xs = points.map(({ x }) => x);
    const ys = points.map(({ y }) => y);
    const sx = clamp(dx, -Math.min(...xs), columns - Math.max(...xs));
    const sy = clamp(dy, -Math.min(...ys), rows - Math.max(...ys));
    return points.map(({ x, y }) => ({ x: x + sx, y: y + sy }));
  };
  /**
   * A box whose corner is elsewhere: two of its ends move.
   * @param {Shape} shape
   * @param {number} corner
   * @param {Corner} to
   */
  const bent = ({ kind, points }, corner, to) => {
    if (kind !== "box") return points.with(corner, to);
    const [a, b] = points;
    const right = corner === 1 || corner === 2;
    const low = corner > 1;
    return [
      { x: right ? a.x : to.x, y: low ? a.y : to.y },
      { x: right ? to.x : b.x, y: low ? to.y : b.y },
    ];
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
   * @param {boolean} inside whether what lies around the place is taken too
   * @returns {Taken | null}
   */
  const take = (at, pane, inside) => {
    const reach = GRASP / pane.scale;
    const own = chosen();
    if (own) {
      const corner = outline(own).findIndex((one) => apart(one, at) <= reach);
      if (corner >= 0) return { shape: own, corner };
      const side =
        own.kind === "polygon"
          ? sides(own).findIndex(
              ([a, b]) => apart({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, at) <= reach,
            )
          : -1;
      if (side >= 0)
        return {
          shape: { ...own, points: own.points.toSpliced(side + 1, 0, at) },
          corner: side + 1,
        };
      if (isInside(own, at)) return { shape: own, corner: -1 };
    }
    const close = (/** @type {Shape} */ one) =>
      outline(one).some((corner) => apart(corner, at) <= reach) ||
      sides(one).some(([a, b]) => offLine(at, a, b) <= reach);
    const shape =
      all().findLast(close) ?? (inside ? all().findLast((one) => isInside(one, at)) : undefined);
    return shape ? { shape, corner: -1 } : null;
  };

  /** @param {"select" | Shape["kind"]} what @returns {import("../base/types.js").Tool} */
  const tool = (what) => {
    /** @type {Taken | null} */
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
          else draft = [...draft, within(at)];
          return explorer.draw();
        }
        taken = take(at, pane, what === "select");
        if (taken) select(taken.shape.id, all().includes(taken.shape) ? taken.corner : -1);
        else if (what === "select") select("");
        else if (what === "point") taken = { shape: add("point", [at]), corner: 0 };
        else if (what === "polygon") {
          select("");
          draft = [within(at)];
        } else select("");
      },
      move: (at, pane) => {
        if (!flat(pane) || (!moved && apart(at, press) * pane.scale < 4)) return;
        moved = true;
        if (taken) {
          const { shape, corner } = taken;
          change(shape.id, {
            points:
              corner < 0 ? shifted(shape, at.x - press.x, at.y - press.y) : bent(shape, corner, at),
          });
        } else if (what === "select")
          pane.camera.pan((at.x - press.x) * pane.scale, (at.y - press.y) * pane.scale);
        else if (what === "polygon") draft = [...draft.slice(0, -1), within(at)];
        else if (!begun) begun = add(what, [press, at]).id;
        else change(begun, { points: [press, at] });
      },
      end: () => explorer.draw(),
    };
  };

  // In the pictures

  /** @param {Path2D} path @param {Corner[]} spots @param {boolean} closed */
  const trace = (path, spots, closed) => {
    if (spots.length === 1)
      return spots.forEach(({ x, y }) => {
        path.moveTo(x + 4, y);
        path.arc(x, y, 4, 0, 7);
      });
    spots.forEach(({ x, y }, i) => path[i ? "lineTo" : "moveTo"](x, y));
    if (closed) path.closePath();
  };
  /** @param {CanvasRenderingContext2D} pen @param {Path2D} path @param {string} color */
  const stroke = (pen, path, color) => {
    for (const [strokeStyle, lineWidth] of /** @type {const} */ ([
      ["#000b", 4],
      [color, 2],
    ])) {
      Object.assign(pen, { strokeStyle, lineWidth, lineJoin: "round" });
      pen.stroke(path);
    }
  };
  /** @param {Pane} pane @param {CanvasRenderingContext2D} pen */
  const over = (pane, pen) => {
    listen(pane);
    if (!flat(pane)) return;
    const paths = [new Path2D(), new Path2D()];
    const { width, height } = pane;
    const labels = [];
    for (const shape of all()) {
      const spots = outline(shape).map(({ x, y }) => pane.toScreen(x, y));
      const xs = spots.map(({ x }) => x);
      const ys = spots.map(({ y }) => y);
      if (
        Math.max(...xs) < -9 ||
        Math.max(...ys) < -9 ||
        Math.min(...xs) > width + 9 ||
        Math.min(...ys) > height + 9
      )
        continue;
      const own = shape.id === selected;
      trace(paths[own ? 1 : 0], spots, shape.kind === "box" || shape.kind === "polygon");
      if (shape.label && labels.length < LABELS_SHOWN)
        labels.push({
          text: shape.label,
          x: Math.max(...xs) + 7,
          y: ys[xs.indexOf(Math.max(...xs))],
        });
      if (!own || shape.kind === "point") continue;
      for (const { x, y } of spots) paths[1].rect(x - 3.5, y - 3.5, 7, 7);
      if (shape.kind === "polygon")
        spots.forEach(({ x, y }, i) => {
          const next = spots[(i + 1) % spots.length];
          const [mx, my] = [(x + next.x) / 2, (y + next.y) / 2];
          paths[1].moveTo(mx + 2.5, my);
          paths[1].arc(mx, my, 2.5, 0, 7);
        });
    }
    const going = draft.map(({ x, y }) => pane.toScreen(x, y));
    trace(paths[1], going, false);
    for (const { x, y } of going) paths[1].rect(x - 3.5, y - 3.5, 7, 7);
    paths.forEach((path, i) => stroke(pen, path, COLORS[i]));
    Object.assign(pen, {
      font: "12px system-ui",
      textAlign: "left",
      textBaseline: "middle",
      lineWidth: 3,
      strokeStyle: "#000b",
      fillStyle: "#fff",
    });
    for (const { text, x, y } of labels) {
      pen.strokeText(text, x, y);
      pen.fillText(text, x, y);
    }
  };

  // By keys, while a pane has the focus: only those that a selected or an unfinished shape needs

  const listened = new WeakSet();
  const listen = (/** @type {Pane} */ pane) => {
    if (listened.has(pane)) return;
    listened.add(pane);
    pane.box.addEventListener(
      "keydown",
      (event) => {
        if (event.ctrlKey || event.altKey || event.metaKey || !pressed(event, pane)) return;
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
  const pressed = ({ key, shiftKey }, pane) => {
    const own = chosen();
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
          ? bent(own, picked, { x: corner.x + dx, y: corner.y + dy })
          : shifted(own, dx, dy),
      });
      const { points } = chosen() ?? own;
      explorer.say(
        `${own.kind} ${points.map(({ x, y }) => `${+x.toFixed(2)}, ${+y.toFixed(2)}`).join("; ")}`,
      );
    } else return false;
    explorer.draw();
    return true;
  };
  /** One in the middle of what is seen. @param {Shape["kind"]} kind @param {Pane} pane */
  const middle = (kind, pane) => {
    const { x0, y0, x1, y1 } = pane.visible();
    const at = (/** @type {number} */ x, /** @type {number} */ y) => ({
      x: x0 + x * (x1 - x0),
      y: y0 + y * (y1 - y0),
    });
    const places = {
      point: [at(0.5, 0.5)],
      line: [at(0.35, 0.5), at(0.65, 0.5)],
      box: [at(0.35, 0.35), at(0.65, 0.65)],
      polygon: [at(0.5, 0.35), at(0.65, 0.65), at(0.35, 0.65)],
    };
    add(kind, places[kind]);
    explorer.say(`${kind} in the middle: arrows move it, Delete removes it`);
  };

  // Buttons, and the list

  /** @returns {"select" | Shape["kind"] | null} */
  const current = () =>
    state.tool.startsWith("shape-") ? /** @type {any} */ (state.tool.slice(6)) : null;
  const use = (/** @type {"select" | Shape["kind"]} */ what) => {
    draft = [];
    open = true;
    if (what !== "select") select(""); // the keys are for the next one
    explorer.set({ tool: current() === what ? "move" : /** @type {any} */ (`shape-${what}`) });
    if (!current() || what === "select") return;
    const how = what === "polygon" ? "a corner with each press, Enter ends it" : "draw it";
    explorer.say(`${what}: ${how}, or Enter for one in the middle`);
  };
  let open = false;
  const toggle = button("shapes", "Shapes (s)", () => {
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
  const tools = /** @type {const} */ (["select", ...SHAPE_KINDS]).map((what) =>
    button(what, `${titles[what]} (${SHAPE_KEYS[what]})`, () => use(what), {
      label: what === "select" ? "Select shapes" : `Draw a ${what}`,
    }),
  );
  const list = made("ul", { label: "Shapes", tabIndex: -1 });
  const more = made("span");
  const clear = button("remove all", "", () => {
    selected = "";
    explorer.set({ shapes: [] });
  });
  const panel = made(
    "div",
    { className: "shapes", role: "group", label: "Shapes", hidden: true },
    made("div", { className: "bar" }, ...tools, clear, more),
    list,
  );

  /**
   * @type {Map<string, {row: HTMLElement, shape: Shape, on: boolean, fill: (shape: Shape) =>
   *   void}>}
   */
  let shown = new Map();
  /** @param {Shape} shape @param {boolean} on */
  const rowOf = (shape, on) => {
    const { id, kind } = shape;
    const points = on || kind !== "polygon" ? shape.points.length : 0;
    const label = made("input", {
      type: "text",
      label: "shape label",
      placeholder: "label",
      onchange: () => change(id, { label: label.value }),
    });
    const numbers = Array.from({ length: points }, (_, i) =>
      /** @type {const} */ (["x", "y"]).map((axis) => {
        const input = made("input", {
          type: "number",
          step: "any",
          label: `shape ${axis}${points > 1 ? i : ""}`,
          onfocus: () => {
            if (kind !== "box") picked = i;
          },
          onchange: () => {
            const own = all().find((one) => one.id === id);
            if (own && input.value !== "" && Number.isFinite(+input.value))
              change(id, {
                points: own.points.with(i, { ...own.points[i], [axis]: +input.value }),
              });
          },
        });
        return input;
      }),
    );
    const less =
      on && kind === "polygon" && points > 3
        ? numbers.map((_, i) =>
            made("button", {
              type: "button",
              textContent: "−",
              title: "Remove this corner",
              label: `Remove corner ${i}`,
              onclick: () => {
                const own = all().find((one) => one.id === id);
                if (own) dropCorner(own, i);
              },
            }),
          )
        : [];
    const between =
      on && kind === "polygon"
        ? [
            made("button", {
              type: "button",
              textContent: "+",
              title: "Add a corner",
              label: "Add a corner",
              onclick: () => {
                const own = all().find((one) => one.id === id);
                const ends = own && [own.points[own.points.length - 1], own.points[0]];
                if (own && ends)
                  change(id, {
                    points: [
                      ...own.points,
                      { x: (ends[0].x + ends[1].x) / 2, y: (ends[0].y + ends[1].y) / 2 },
                    ],
                  });
              },
            }),
          ]
        : [];
    const row = made(
      "li",
      { className: on ? "on" : "" },
      made("button", {
        type: "button",
        textContent: kind,
        title: "Select",
        ariaPressed: on,
        onclick: () => select(on ? "" : id),
      }),
      label,
      ...numbers.flatMap((pair, i) => [...pair, ...(less[i] ? [less[i]] : [])]),
      ...between,
      ...(points ? [] : [`${shape.points.length} corners`]),
      made("button", {
        type: "button",
        textContent: "×",
        title: "Remove",
        label: `Remove ${kind}`,
        onclick: () => remove(id),
      }),
    );
    const fill = (/** @type {Shape} */ now) => {
      label.value = now.label;
      numbers.forEach((pair, i) =>
        pair.forEach((input, j) => {
          input.value = String(+(j ? now.points[i].y : now.points[i].x).toFixed(2));
        }),
      );
    };
    fill(shape);
    return { row, shape, on, fill };
  };
  const update = () => {
    const using = current();
    const shapes = all();
    tools.forEach((one, i) =>
      one.setAttribute("aria-pressed", String(["select", ...SHAPE_KINDS][i] === using)),
    );
    toggle.setAttribute("aria-expanded", String(open));
    panel.hidden = !open;
    if (!open) return;
    clear.hidden = !shapes.length;
    const at = shapes.findIndex(({ id }) => id === selected);
    const first = clamp(
      (at < 0 ? shapes.length : at + ROWS_SHOWN / 2) - ROWS_SHOWN,
      0,
      Math.max(0, shapes.length - ROWS_SHOWN),
    );
    const some = shapes.slice(first, first + ROWS_SHOWN);
    const listed =
      some.length < shapes.length ? `, ${first + 1} to ${first + some.length} listed` : "";
    more.textContent = `${shapes.length} shape${shapes.length === 1 ? "" : "s"}${listed}`;
    /** @type {typeof shown} */
    const next = new Map();
    for (const shape of some) {
      const known = shown.get(shape.id);
      const on = shape.id === selected;
      const alike =
        known &&
        known.on === on &&
        known.shape.kind === shape.kind &&
        known.shape.points.length === shape.points.length;
      if (alike && known.shape !== shape) known.fill(shape);
      next.set(shape.id, alike ? Object.assign(known, { shape }) : rowOf(shape, on));
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
    if ("shapes" in changed || "tool" in changed) update();
  });
  open = all().length > 0;
  update();
  const keys = Object.fromEntries(
    Object.entries(SHAPE_KEYS).map(([what, key]) => [key, () => use(/** @type {any} */ (what))]),
  );
  return {
    bar: [toggle],
    panel,
    over,
    keys: { ...keys, s: () => toggle.click() },
    help: [
      ["s", "shapes"],
      ["d n r g", "draw a point, line, box, polygon (Enter: in the middle)"],
      ["v, Delete", "select a shape; remove it"],
    ],
    tools: Object.fromEntries(
      /** @type {const} */ (["select", ...SHAPE_KINDS]).map((what) => [
        `shape-${what}`,
        tool(what),
      ]),
    ),
  };
}
