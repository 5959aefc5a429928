// A line on the values that the first limits hide, with ways out, as long as these limits hold.

import { button, element } from "../base/dom.js";

/**
 * @param {import("../base/types.js").Explorer} explorer
 * @returns {import("../base/types.js").Control}
 */
export function tailControl({ config, initial, state, displayOf, set, on }) {
  const note = element("div", { className: "note", role: "note" });
  /** @type {import("../base/types.js").Tail | null} */
  let shown = null;
  const refresh = () => {
    const { tail } = config.images[state.active];
    const { norm, vmin, vmax } = displayOf(state.active);
    const first = initial[Math.min(state.active, initial.length - 1)];
    note.hidden =
      !tail || norm !== "linear" || vmin[0] !== first.vmin[0] || vmax[0] !== first.vmax[0];
    if (shown === tail || !tail) return;
    shown = tail;
    const ways = tail.ways.map(([name, python, limits]) =>
      button(name, python, () => {
        const display = displayOf(state.active);
        /** @type {Partial<import("../base/types.js").DisplaySettings>} */
        const change = limits
          ? { vmin: [limits[0]], vmax: [limits[1]], vsym: false }
          : { norm: "asinh", parameter: null };
        set({
          displays: state.displays.map((one) => (one === display ? { ...one, ...change } : one)),
        });
      }),
    );
    note.replaceChildren(`${tail.text}: `, ...ways);
  };
  on(refresh);
  refresh();
  return { note };
}
