// The view as Python that shows it again.

import { clamp } from "../base/camera.js";

/** @param {import("./viewer.js").Viewer} viewer */
export function asPython(viewer) {
  const { config, state } = viewer;
  const { rows, columns, lower } = config.images[0];
  const visible = viewer.panes[0].camera.visible();
  const span = (
    /** @type {number} */ from,
    /** @type {number} */ to,
    /** @type {number} */ count,
  ) => {
    const start = clamp(Math.floor(from), 0, count - 1);
    return [start, clamp(Math.ceil(to), start + 1, count)];
  };
  const slices = ({ x0, y0, x1, y1 } = visible) => {
    const [top, bottom] = lower ? span(rows - y1, rows - y0, rows) : span(y0, y1, rows);
    const [left, right] = span(x0, x1, columns);
    return `(slice(${top}, ${bottom}), slice(${left}, ${right}))`;
  };
  const parts = viewer.focus.fitted ? [] : [`"viewport": ${slices()}`];
  if (config.axes.length) {
    const all = config.axes.map(({ name }, i) => `${JSON.stringify(name)}: ${state.index[i]}`);
    parts.push(`"index": {${all.join(", ")}}`);
  }
  if (state.cursor)
    parts.push(
      `"cursor": (${lower ? rows - 1 - state.cursor.y : state.cursor.y}, ${state.cursor.x})`,
    );
  if (state.roi) parts.push(`"roi": ${slices(state.roi)}`);
  if (state.line) {
    const { x0, y0, x1, y1 } = state.line;
    const row = (/** @type {number} */ y) => (lower ? rows - 0.5 - y : y - 0.5);
    parts.push(`"line": ((${row(y0)}, ${x0 - 0.5}), (${row(y1)}, ${x1 - 0.5}))`);
  }
  if (state.panel) parts.push('"panel": True');
  if (state.displays.every(({ invert }) => invert)) parts.push('"invert": True');
  if (viewer.compare)
    parts.push(
      `"mode": "${state.mode}", "pair": [${state.pair}], "swipe": ${+state.swipe.toFixed(4)}`,
    );
  return `state={${parts.join(", ")}}`;
}
