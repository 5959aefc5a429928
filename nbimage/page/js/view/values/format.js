// Values, and what they are shown by, as text.

import { LABELS } from "../base/labels.js";
import { channelLimits, findEdges } from "./norms.js";

const DIGITS = 5; // of what is read at a glance
const LONG = 1e7; // from which on numbers have an exponent

/** A number as it is read, with a true minus: what is copied keeps its own. @param {string} text */
export const minus = (text) => text.replace(/(?<![\w.)])-(?=[\d.i])|(?<=\de)-(?=\d)/g, "−");

/**
 * A value in as many digits as its dtype has, as Python reads it.
 * @param {number | bigint} value
 * @param {string} dtype
 */
export function formatValue(value, dtype) {
  if (typeof value === "bigint" || dtype.includes("int")) return String(value);
  if (!Number.isFinite(value)) return String(value).replace("Infinity", "inf");
  for (let digits = 1; dtype === "float32" && digits < 10; digits++) {
    // the shortest text that is this float32
    const near = +value.toPrecision(digits);
    if (Math.fround(near) === value) return String(near);
  }
  return String(value);
}

/** The same, to be read. @param {number | bigint} value @param {string} dtype */
export const readWhole = (value, dtype) => minus(formatValue(value, dtype));

/**
 * A value in five digits, to be read; whole numbers and those before the point stay.
 * @param {number | bigint} value
 * @param {string} [dtype]
 */
export function readValue(value, dtype = "") {
  if (typeof value === "bigint" || dtype.includes("int") || !Number.isFinite(value))
    return readWhole(value, dtype);
  const size = Math.abs(value);
  const text =
    size >= LONG || (size && size < 1e-4)
      ? value.toExponential(DIGITS - 1).replace(/\.?0*e\+?/, "e")
      : size >= 10 ** DIGITS
        ? value.toFixed(0)
        : String(+value.toPrecision(DIGITS));
  return minus(text);
}

/** In five digits; whole numbers in all, and "–" for none. @param {number | bigint} value */
export const readNumber = (value) =>
  Number.isNaN(value) ? "–" : readValue(value, Number.isSafeInteger(value) ? "int" : "");

/**
 * Display settings as arguments in Python.
 * @param {import("../base/types.js").DisplaySettings} display
 * @param {boolean} gray
 * @param {(limit: number) => number | string} number
 */
export function formatDisplay(display, gray, number) {
  const { vmin, vmax, vsym, norm, parameter, cmap, invert } = display;
  const list = (/** @type {number[]} */ all) =>
    all.length > 1 ? `[${all.map(number).join(", ")}]` : number(all[0]);
  if (gray && cmap === LABELS) return "labels=True";
  const map = (cmap + (invert ? "_r" : "")).replace(/_r_r$/, "");
  const discrete = norm === "levels";
  const parts = discrete
    ? [`levels=${list(findEdges(channelLimits(display, 0)))}`]
    : [`vmin=${list(vmin)}`, `vmax=${list(vmax)}`];
  if (vsym && !discrete) parts.push("vsym=True");
  if (norm === "gamma") parts.push(`norm=${parameter}`);
  else if (norm !== "linear" && !discrete)
    parts.push(`norm=${parameter ? `("${norm}", ${parameter})` : `"${norm}"`}`);
  if (gray && map !== "gray" && cmap !== "given") parts.push(`cmap=${JSON.stringify(map)}`);
  return parts.join(", ");
}
