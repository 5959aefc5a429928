// The view as Python that shows it again: all that `View.state` has.

import { asJson } from "../shapes/describe.js";

const DIGITS = 6; // of a sample, as Python has them

/** Python that is no JSON. */
class Code extends String {}

/** A value of JSON as Python. @param {any} value @returns {string} */
function asLiteral(value) {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (value instanceof Code) return `${value}`;
  if (Array.isArray(value)) return `[${value.map(asLiteral).join(", ")}]`;
  if (typeof value === "object")
    return `{${Object.entries(value)
      .map((pair) => pair.map(asLiteral).join(": "))
      .join(", ")}}`;
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** A limit or an edge with what has been taken off. @param {number} value @param {string} base */
const addBase = (value, base) =>
  Number.isInteger(value) ? BigInt(value) + BigInt(base) : value + Number(base);

/**
 * @param {import("../base/types.js").DisplaySettings} display
 * @param {string} base
 */
function describeDisplay(display, base) {
  const { vmin, vmax, norm, parameter, edges, vsym, cmap, on, colors } = display;
  /** @type {any} */
  let spread = parameter === null ? norm : [norm, parameter];
  if (norm === "gamma") spread = parameter;
  if (norm === "levels" && edges) {
    const share = (vmax[0] - vmin[0]) / (edges[edges.length - 1] - edges[0]);
    const moved =
      edges[0] === vmin[0] && share === 1
        ? edges
        : edges.map((edge) => vmin[0] + (edge - edges[0]) * share);
    spread = ["levels", moved.map((edge) => addBase(edge, base))];
  }
  return {
    limits: vmin.map((low, i) => [addBase(low, base), addBase(vmax[i], base)]),
    norm: spread,
    ...(vsym && { vsym }),
    ...(cmap !== "given" && { cmap }), // which nobody else knows
    ...(on.length && { on }),
    ...(colors?.length && {
      colors: colors.map((one) => `#${one.map((n) => n.toString(16).padStart(2, "0")).join("")}`),
    }),
  };
}

/** @param {import("./viewer.js").Viewer} viewer */
export function asPython(viewer) {
  const { config, state } = viewer;
  const { rows, lower } = config.images[0];
  /** @type {Record<string, any>} */
  const all = {};
  if (!viewer.focus.fitted) {
    const { x0, y0, x1, y1 } = viewer.panes[0].camera.visible();
    const ends = [...(lower ? [rows - y1, rows - y0] : [y0, y1]), x0, x1];
    const rounded = ends.map((one) => +one.toFixed(DIGITS));
    const whole = rounded.every((one) => Number.isInteger(one) && one >= 0);
    // floats are positions between samples, within the image or not
    const [top, bottom, left, right] = rounded.map((one) =>
      whole || !Number.isInteger(one) ? one : new Code(one.toFixed(1)),
    );
    all.viewport = whole
      ? new Code(`(slice(${top}, ${bottom}), slice(${left}, ${right}))`)
      : [
          [top, bottom],
          [left, right],
        ];
  }
  if (config.axes.length)
    all.index = Object.fromEntries(config.axes.map(({ name }, i) => [name, state.index[i]]));
  const projected = config.axes.flatMap(({ name }, axis) => {
    const one = state.projections[axis];
    return one ? [[name, [one.kind, one.first, one.last]]] : [];
  });
  if (projected.length) all.projections = Object.fromEntries(projected);
  if (state.cursor)
    all.cursor = [lower ? rows - 1 - state.cursor.y : state.cursor.y, state.cursor.x];
  if (state.shapes.length) {
    all.shapes = JSON.parse(asJson(state.shapes, config));
    if (state.selected) all.selected = state.selected;
  }
  all.displays = state.displays.map((one, i) => describeDisplay(one, config.images[i].base));
  const inverted = state.displays.map(({ invert }) => invert);
  if (inverted.some(Boolean)) all.invert = inverted.every(Boolean) || inverted;
  if (config.layers.length) {
    all.layers = state.layers.map(({ picked, ...rest }, i) => ({
      name: config.layers[i].name,
      ...rest,
      picked: picked === null ? null : new Code(picked),
    }));
    all.image = state.image;
  }
  all.panels = state.panels;
  for (const name of /** @type {const} */ (["axes", "tip"])) if (state[name]) all[name] = true;
  if (viewer.compare) {
    const { mode, pair, swipe, rate, linked } = state;
    Object.assign(all, { mode, pair, swipe, rate, linked });
  }
  return `state=${asLiteral(all)}`;
}
