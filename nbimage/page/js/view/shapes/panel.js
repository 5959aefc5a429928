// The panel of shapes: tools, the selected one with its numbers and profile, and the list of all.

import { clamp } from "../base/camera.js";
import { button, element, setAria } from "../base/dom.js";
import { readNumber } from "../values/format.js";
import { CHART_STYLE, profileChart } from "./chart.js";
import { cornerInputs } from "./corner_inputs.js";
import { asCsv, asJson, valuesInPython } from "./describe.js";
import { COLOR } from "./drawing.js";
import { findNumbers, measuredRows, unitsOf } from "./measured.js";
import { measureShape } from "./numbers.js";
import { isClosed } from "./outline.js";
import { lineProfile, planeProfile } from "./profiles.js";
import { toolButtons } from "./tool_buttons.js";

/** @typedef {import("../base/types.js").Shape} Shape */
/** @typedef {import("../base/types.js").ShapeTool} ShapeTool */
/**
 * What the panel can do.
 * @typedef {object} Actions
 * @property {() => ShapeTool | null} current
 * @property {(what: ShapeTool) => void} use
 * @property {() => Shape | undefined} findSelected
 * @property {(id: string, change: Partial<Shape>) => void} change
 * @property {(id: string) => void} remove
 * @property {() => void} clear
 * @property {(id: string) => void} select
 * @property {(shape: Shape, corner: number) => void} dropCorner
 * @property {() => boolean} isDragging
 * @property {(corner: number) => void} pick the corner that keys are for
 * @property {(share: number) => void} mark a share of the line
 * @property {(what: ShapeTool) => string} keyOf
 */

export const SHAPES_STYLE = `
.shape-tools { display: flex; flex-wrap: wrap; gap: 2px }
.shape-tools button { min-width: 32px; padding: 2px 6px }
.shape { margin-top: 12px }
.shape .row > [type=text] { flex: 1; font-weight: 600 }
.shape [type=color] { width: 28px; height: 28px; padding: 2px; border: 0; background: none }
.shape-numbers { margin-top: 6px; max-width: 100%; overflow: auto }
.shape-numbers table { border-collapse: collapse; width: 100% }
.shape-numbers :is(th, td) { padding: 2px 0 2px 8px; text-align: right; white-space: nowrap;
  font-weight: 400 }
.shape-numbers th:first-child { text-align: left; padding-left: 0; color: var(--dim) }
.shape-numbers small { font-size: inherit; color: var(--dim); margin-left: 6px }
.corners { display: grid; grid-template-columns: auto 1fr 1fr auto; gap: 4px 6px;
  align-items: center; max-height: 200px; overflow: auto }
.corners input { width: 100% }
.shape summary { color: var(--dim); cursor: pointer; padding: 4px 0 }
.shape-list { margin: 12px 0 4px; padding: 0; list-style: none; max-height: 220px; overflow: auto }
.shape-list:empty { margin: 0 }
.shape-list button { width: 100%; justify-content: flex-start; gap: 8px }
.shape-list b { width: 10px; height: 10px; border-radius: 3px; flex: none }
.shape-list small { margin-left: auto; font-size: inherit; color: var(--dim); font-weight: 400 }
${CHART_STYLE}`;
const LISTED = 100;
/** @type {(keyof import("./numbers.js").Statistics)[]} in the order of a table's columns */
const STATISTICS = ["count", "missing", "min", "max", "mean", "median", "std", "sum"];

/**
 * @param {import("../base/types.js").Explorer} explorer
 * @param {Actions} actions
 */
export function shapePanel(explorer, actions) {
  const { config, state } = explorer;
  const { findSelected, change } = actions;
  const units = unitsOf(config.images[0]);
  const chart = profileChart(actions.mark);
  let along = -1; // the axis of the profile, -1: of a line its own, of others none
  let turn = 0;

  const tools = toolButtons(actions);

  const tip = element("input", {
    type: "checkbox",
    onchange: () => explorer.set({ tip: tip.checked }),
  });

  // The selected one

  const label = element("input", {
    type: "text",
    label: "Name of the shape",
    placeholder: "name",
    onchange: () => change(state.selected, { label: label.value }),
  });
  const color = element("input", {
    type: "color",
    label: "Color of the shape",
    onchange: () => change(state.selected, { color: color.value }),
  });
  const here = element("input", {
    type: "checkbox",
    onchange: () =>
      change(state.selected, {
        plane: here.checked ? state.index.map((i, axis) => (axis === config.facet ? -1 : i)) : null,
      }),
  });
  const numbers = element("div", {
    className: "shape-numbers",
    role: "region",
    label: "Numbers of the shape",
    tabIndex: 0,
  });
  const note = element("div", { className: "quiet" });
  const width = element("input", {
    type: "number",
    min: 1,
    max: 999,
    value: "1",
    label: "Width of averaging in samples",
    oninput: () => measure(),
  });
  const ways = [-1, ...config.axes.keys()]
    .filter((axis) => axis < 0 || axis !== config.facet)
    .map((axis) => {
      const name = axis < 0 ? "line" : `along ${config.axes[axis].name}`;
      const one = button(name, axis < 0 ? "Profile along the line" : `Profile ${name}`, () => {
        along = along === axis ? -1 : axis;
        measure();
      });
      return { axis, one };
    });
  const widthRow = element("label", { className: "row" }, "averaged over", width, "px");
  const profile = element(
    "div",
    {},
    element(
      "div",
      { className: "chips", hidden: !config.axes.length },
      ...ways.map(({ one }) => one),
    ),
    chart.element,
    widthRow,
  );
  const corners = cornerInputs(explorer, actions);
  const own = element(
    "div",
    { className: "shape" },
    element(
      "div",
      { className: "row" },
      color,
      label,
      button("×", "Remove (Delete)", () => actions.remove(state.selected), {
        label: "Remove the shape",
      }),
    ),
    numbers,
    note,
    profile,
    element(
      "details",
      {},
      element("summary", { textContent: "position" }),
      corners.element,
      ...(config.axes.length
        ? [element("label", { className: "row" }, here, "only on this plane")]
        : []),
    ),
  );

  // Its numbers, once what is shown has been drawn

  const measure = async () => {
    const mine = ++turn;
    const shape = findSelected();
    own.hidden = !shape;
    if (!shape || !state.panels.includes("measure")) return;
    const moving = actions.isDragging() || state.playing >= 0;
    if (state.projections?.[along]) along = -1;
    const lined = shape.kind === "line" && along < 0;
    for (const { axis, one } of ways) {
      one.hidden = axis < 0 ? shape.kind !== "line" : !!state.projections?.[axis];
      setAria(one, { pressed: axis === along });
    }
    chart.element.hidden = !lined && along < 0;
    widthRow.hidden = !lined;
    const across = lined ? clamp(Math.round(+width.value) || 1, 1, 999) : 1;
    await explorer.settled();
    if (mine !== turn) return;
    const found = await findNumbers(explorer, shape, moving, across);
    if (mine !== turn || !found) return;
    const show = (/** @type {import("./measured.js").Found} */ found) => {
      const rows = measuredRows(shape, units, found);
      numbers.replaceChildren(
        element(
          "table",
          {},
          ...rows.map((row) =>
            element(
              "tr",
              {},
              ...row.map(([text, more = ""], j) =>
                element(
                  j ? "td" : "th",
                  row.length === 2 && j ? { colSpan: Math.max(1, found.parts.length) } : {},
                  text,
                  ...(more ? [element("small", { textContent: more })] : []),
                ),
              ),
            ),
          ),
        ),
      );
      note.textContent = found.note;
    };
    show(found);
    found.exact?.then((better) => better && mine === turn && show(better));
    const curve = lined
      ? lineProfile(shape, found.subjects, across, units)
      : along >= 0
        ? await planeProfile(explorer, shape, along, () => mine !== turn)
        : null;
    if (mine !== turn) return;
    if (curve?.curves.length) chart.show(curve);
    else chart.element.hidden = true;
  };

  // All of them

  const list = element("ul", { className: "shape-list", label: "Shapes" });
  const csv = async () => {
    const rows = [];
    for (const shape of state.shapes) {
      const rough = await findNumbers(explorer, shape, false, 1);
      const found = (await rough?.exact) ?? rough;
      const { length, area } = measureShape(shape, units.sx, units.sy);
      const plain = [shape.label || shape.id, shape.kind, length, area];
      for (const { name, numbers: all } of found?.parts ?? [])
        rows.push([...plain, name, ...STATISTICS.map((word) => all[word])]);
      if (!found?.parts.length) rows.push(plain);
    }
    const unit = units.unit || "px";
    const titles = ["shape", "kind", `length [${unit}]`, `area [${unit}²]`, "values"];
    explorer.copy(asCsv([[...titles, ...STATISTICS], ...rows]));
  };
  const copies = element(
    "div",
    { className: "chips" },
    button("copy CSV", "Copy a table of all shapes and their numbers", csv),
    button("JSON", "Copy all shapes, as View.shapes takes them", () =>
      explorer.copy(asJson(state.shapes, config)),
    ),
    button("Python", "Copy Python that gives the values of the selected shape, or of all", () => {
      const shape = findSelected();
      const all = shape ? [shape] : state.shapes;
      explorer.copy(all.map((one) => valuesInPython(one, config)).join("\n"));
    }),
    button("remove all", "Remove all shapes (Ctrl+Z brings them back)", actions.clear),
  );
  const hint = element("div", {
    className: "quiet",
    textContent: "Draw a shape to measure lengths, areas and values.",
  });
  const update = () => {
    const using = actions.current();
    for (const { what, one } of tools) setAria(one, { pressed: what === using });
    const shape = findSelected();
    own.hidden = !shape;
    if (shape) {
      label.value = shape.label;
      color.value = shape.color || COLOR;
      here.checked = !!shape.plane;
      corners.fill(shape);
    }
    const { shapes } = state;
    hint.hidden = shapes.length > 0;
    tip.checked = state.tip;
    copies.hidden = !shapes.length;
    const at = shape ? shapes.indexOf(shape) : shapes.length;
    const first = clamp(at - LISTED / 2, 0, Math.max(0, shapes.length - LISTED));
    const some = shapes.slice(first, first + LISTED);
    list.replaceChildren(
      ...some.map((one, i) => {
        const { length, area } = measureShape(one, units.sx, units.sy);
        const size = isClosed(one.kind)
          ? `${readNumber(area)} ${units.unit || "px"}²`
          : one.kind === "line"
            ? `${readNumber(length)} ${units.unit || "px"}`
            : "";
        const dot = element("b");
        dot.style.background = one.color || COLOR;
        const row = button("", "Select", () =>
          actions.select(one.id === state.selected ? "" : one.id),
        );
        setAria(row, { pressed: one === shape });
        row.append(
          dot,
          one.label || `${one.kind} ${first + i + 1}`,
          element("small", { textContent: size }),
        );
        return element("li", {}, row);
      }),
      ...(some.length < shapes.length ? [`${some.length} of ${shapes.length} shapes`] : []),
    );
  };
  explorer.on((changed) => {
    const keys = Object.keys(changed).join();
    // no other change may touch what is being typed
    if (/shapes|selected|tip|tool/.test(keys)) update();
    if (/shapes|selected|index|mode|pair|panels|projections/.test(keys)) measure();
  });
  update();
  if (state.panels.includes("measure")) measure();
  else own.hidden = !findSelected();
  return {
    element: element(
      "div",
      {},
      element(
        "div",
        { className: "shape-tools", role: "toolbar", label: "Tools for shapes" },
        ...tools.map(({ one }) => one),
      ),
      hint,
      own,
      list,
      copies,
      element("label", { className: "row" }, tip, "values beside the pointer (t)"),
    ),
    measure,
  };
}
