// A profile as a chart: values along a line or an axis, ticks, and the one that is pointed at.

import { clamp } from "../base/camera.js";
import { element } from "../base/dom.js";
import { readNumber } from "../values/format.js";
import { roundTicks } from "./numbers.js";

/**
 * @typedef {object} Curve
 * @property {string} name
 * @property {string} color
 * @property {number} order of the image: each has dashes of its own
 * @property {number[]} values NaN: none is known
 * @property {(i: number) => string} text of a value
 */
/**
 * @typedef {object} Profile
 * @property {Curve[]} curves
 * @property {number} from @property {number} to along the axis below
 * @property {string} unit
 * @property {(i: number) => string} text of a position along it
 */

export const CHART_STYLE = `
.chart { display: grid; grid-template-columns: auto minmax(0,1fr); gap: 2px 6px; font-size: 11px;
  color: var(--dim); margin-top: 6px }
.chart > div { position: relative; min-width: 8px }
.chart .plot { height: 96px; border: solid var(--line); border-width: 0 0 1px 1px }
.chart .plot:focus-within { outline: 2px solid var(--accent); outline-offset: 2px }
.chart svg { display: block; width: 100%; height: 100%; overflow: visible; fill: none }
.chart path { stroke-width: 1.5; stroke-linecap: round; vector-effect: non-scaling-stroke }
.chart i { position: absolute; inset: 0 auto; border-left: 1px solid var(--accent) }
.chart input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0;
  cursor: crosshair }
.chart .up { text-align: right }
.chart .up span { position: absolute; right: 0; transform: translateY(-50%) }
.chart .up b { visibility: hidden; font-weight: inherit }
.chart .on { height: 16px; grid-column: 2 }
.chart .on span { position: absolute; transform: translateX(-50%); white-space: nowrap }
.chart .on span:last-child { transform: translateX(-100%) }
.chart .on span:first-child { transform: none }
.curves { display: flex; flex-wrap: wrap; gap: 0 12px; min-height: 18px; font-size: 12px }`;
const DASHES = [
  ["", "━"],
  ["6 3", "╍"],
  ["1 4", "┉"],
];
const SVG = '<svg preserveAspectRatio="none" aria-hidden="true"><path></path></svg>';

/** @param {(share: number) => void} mark a share of the way is pointed at; -1: none is */
export function profileChart(mark) {
  const plot = element("div", { className: "plot", innerHTML: SVG });
  const svg = /** @type {SVGElement} */ (plot.firstChild);
  const template = /** @type {SVGElement} */ (svg.firstChild);
  const up = element("div", { className: "up" });
  const on = element("div", { className: "on" });
  const marker = element("i");
  const along = element("input", { type: "range", min: 0, label: "Position along the profile" });
  const curves = element("div", { className: "curves" });
  plot.append(marker, along);
  /** @type {Profile | null} */
  let shown = null;
  let last = 0;
  const point = (/** @type {number} */ to) => {
    if (!shown) return;
    const { curves: all, text } = shown;
    curves.replaceChildren(
      ...(to < 0 ? [] : [text(to)]),
      ...(all.length > 1 || to >= 0 ? all : []).map((curve) => {
        const sign = element("b", { textContent: `${DASHES[curve.order % 3][1]} ` });
        sign.style.color = curve.color;
        const value = to < 0 ? curve.name : `${curve.name} ${curve.text(to)}`;
        return element("span", {}, ...(all.length > 1 ? [sign] : []), value.trim());
      }),
    );
    marker.hidden = to < 0;
    marker.style.left = `${(100 * to) / (last || 1)}%`;
    along.value = String(to);
    along.setAttribute("aria-valuetext", curves.innerText);
    mark(to < 0 ? -1 : to / (last || 1));
  };
  along.oninput = () => point(+along.value);
  along.onpointermove = ({ offsetX }) =>
    point(clamp(Math.round((offsetX / along.clientWidth) * last), 0, last));
  along.onpointerleave = () => point(-1);
  along.onblur = () => point(-1);
  // Home and End too, where nothing changes
  along.onfocus = () => point(+along.value);
  along.onkeyup = () => point(+along.value);

  const show = (/** @type {Profile} */ profile) => {
    shown = profile;
    const { from, to, unit } = profile;
    last = profile.curves[0].values.length - 1;
    const known = profile.curves.flatMap(({ values }) => values).filter(Number.isFinite);
    const low = known.reduce((one, other) => Math.min(one, other), Infinity);
    const high = known.reduce((one, other) => Math.max(one, other), -Infinity);
    const share = (/** @type {number} */ value) =>
      high > low ? (high - value) / (high - low) : 0.5;
    svg.setAttribute("viewBox", `0 0 ${last || 1} 1`);
    svg.replaceChildren(
      ...profile.curves.map(({ values, color, order }) => {
        const path = /** @type {SVGElement} */ (template.cloneNode());
        let d = "";
        let pen = "M";
        values.forEach((value, i) => {
          // h0: one alone is seen too
          if (Number.isFinite(value)) d += `${pen}${i} ${share(value).toFixed(4)}h0`;
          pen = Number.isFinite(value) ? "L" : "M";
        });
        path.setAttribute("d", d);
        Object.assign(path.style, { stroke: color, strokeDasharray: DASHES[order % 3][0] });
        return path;
      }),
    );
    const heights = known.length ? roundTicks(low, high, 4) : [];
    const texts = heights.map(readNumber);
    up.replaceChildren(
      // as wide as the widest one
      element("b", { textContent: texts.reduce((a, b) => (b.length > a.length ? b : a), "") }),
      ...heights.map((value, i) => {
        const tick = element("span", { textContent: texts[i] });
        tick.style.top = `${100 * share(value)}%`;
        return tick;
      }),
    );
    const ticks = roundTicks(from, to, 6);
    on.replaceChildren(
      ...ticks.map((tick, i) => {
        const end = i === ticks.length - 1 && i;
        const one = element("span", { textContent: readNumber(tick) + (end ? ` ${unit}` : "") });
        one.style.left = `${to > from ? (100 * (tick - from)) / (to - from) : 50}%`;
        return one;
      }),
    );
    along.max = String(last);
    point(-1);
  };
  return {
    element: element("div", {}, element("div", { className: "chart" }, up, plot, on), curves),
    show,
  };
}
