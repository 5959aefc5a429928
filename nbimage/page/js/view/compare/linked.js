// Display settings of compared images: the same for all of them, or each its own.

/** @typedef {import("../base/types.js").Explorer} Explorer */
/** @typedef {import("../base/types.js").State} State */

/** Whether images can have the same limits. @param {import("../base/types.js").Config} config */
export const mayLink = ({ images: [first, ...others] }) =>
  first.kind !== "composite" &&
  others.every(
    ({ kind, base, channels }) =>
      kind === first.kind && base === first.base && channels === first.channels,
  );

/**
 * The same limits for all, from the least to the largest of each one's; or from the least to the
 * largest value of each.
 * @param {Explorer} explorer @param {boolean} linked
 * @returns {Partial<State>}
 */
export function linkDisplays({ config: { images }, displayOf }, linked) {
  const all = images.map((_, i) => displayOf(i));
  const ends = (/** @type {"vmin" | "vmax"} */ key, /** @type {"min" | "max"} */ end) =>
    all[0][key].map((_, c) => Math[end](...all.map((one) => one[key][c] ?? one[key][0])));
  if (linked) {
    const vmin = ends("vmin", "min");
    return { linked, active: 0, displays: [{ ...all[0], vmin, vmax: ends("vmax", "max") }] };
  }
  return {
    linked,
    displays: images.map(({ extent, full }, i) => {
      const { vmin, vmax, vsym } = all[i];
      const own = vmin.map((low, c) =>
        // the bytes themselves stay so
        full === 255 && low === 0 && vmax[c] === 255 ? [low, 255] : (extent[c] ?? extent[0]),
      );
      const most = own.map((pair) => Math.max(...pair.map(Math.abs)));
      return {
        ...all[i],
        vmin: vsym ? most.map((end) => -end) : own.map(([low]) => low),
        vmax: vsym ? most : own.map(([, high]) => high),
      };
    }),
  };
}
