// Values, and what they are shown by, as text.

import { LABELS } from "../base/labels.js";

/**
 * A value in as many digits as its dtype has.
 * @param {number | bigint} value
 * @param {string} dtype
 */
export function formatValue(value, dtype) {
  if (typeof value === "bigint" || dtype.includes("int")) return String(value);
  if (!Number.isFinite(value)) return String(value).replace("-", "−").replace("Infinity", "inf");
  for (let digits = 1; dtype === "float32" && digits < 10; digits++) {
    // the shortest text that is this float32
    const near = +value.toPrecision(digits);
    if (Math.fround(near) === value) return String(near);
  }
  return String(value);
}

/**
 * Display settings as arguments in Python.
 * @param {import("../base/types.js").DisplaySettings} display
 * @param {boolean} gray
 * @param {(limit: number) => number | string} number
 */
export function formatDisplay({ vmin, vmax, vsym, norm, parameter, cmap, invert }, gray, number) {
  const list = (/** @type {number[]} */ all) =>
    all.length > 1 ? `[${all.map(number).join(", ")}]` : number(all[0]);
  if (gray && cmap === LABELS) return "labels=True";
  const map = (cmap + (invert ? "_r" : "")).replace(/_r_r$/, "");
  const parts = [`vmin=${list(vmin)}`, `vmax=${list(vmax)}`];
  if (vsym) parts.push("vsym=True");
  if (norm === "gamma") parts.push(`norm=${parameter}`);
  else if (norm !== "linear")
    parts.push(`norm=${parameter ? `("${norm}", ${parameter})` : `"${norm}"`}`);
  if (gray && map !== "gray" && cmap !== "given") parts.push(`cmap=${JSON.stringify(map)}`);
  return parts.join(", ");
}
