// The profile: values along a line, and the one that is pointed at.

import { clamp } from "../base/camera.js";
import { element } from "../base/dom.js";
import { linspace, toSamples } from "./statistics.js";
import { value } from "./subjects.js";

/** @typedef {import("./statistics.js").Ends} Ends */
/** @typedef {import("./subjects.js").Subject} Subject */
/** Where its values are in the plane, -1: outside. @typedef {Subject & {at: number[]}} Curve */

export const PROFILE_STYLE = `
.profile { position: relative; max-width: 640px; background: rgba(128,128,128,.1) }
.profile:focus-within { outline: 2px solid #4c9aff }
.profile div { padding: 0 4px }
.profile svg { display: block; width: 100%; height: 84px; overflow: visible; fill: none;
  filter: drop-shadow(0 0 1px #888) }
.profile path { stroke-width: 1.5; stroke-linecap: round; vector-effect: non-scaling-stroke }
.profile i { position: absolute; inset: 0 auto; border-left: 1px solid #4c9aff }
.profile input { position: absolute; inset: 0; width: 100%; opacity: 0; cursor: crosshair }
.curves { display: flex; flex-wrap: wrap; gap: 0 12px; font-variant-numeric: tabular-nums }
.curves b { text-shadow: 0 0 1px #888 }
`;
const CURVE = '<svg preserveAspectRatio="none" aria-hidden="true"><path></path></svg>';
const DASHES = [
  ["", "━"],
  ["6 3", "╍"],
  ["1 4", "┉"],
];

/**
 * @param {import("../base/types.js").Explorer} explorer
 * @param {() => Subject[]} subjects
 */
export function lineProfile(explorer, subjects) {
  const [{ x: across, y: down }] = explorer.config.images;
  const most = element("div");
  const least = element("div");
  const marker = element("i");
  const legend = element("div", { className: "curves" });
  const along = element("input", { type: "range", min: 0, label: "Position along the line" });
  const plot = element("div", { innerHTML: CURVE });
  const svg = /** @type {SVGElement} */ (plot.firstChild);
  const template = /** @type {SVGElement} */ (svg.firstChild);
  const [stepX, stepY, unit] =
    across?.step && down?.step && across.unit === down.unit
      ? [across.step, down.step, across.unit]
      : [1, 1, "samples"];
  /** @type {Curve[]} */
  let curves = [];
  let count = 0;
  let length = 0;
  let mark = -1; // which sample is marked

  const share = () => mark / (count - 1 || 1);
  const distance = (/** @type {number} */ part) => `${+(length * part).toPrecision(6)} ${unit}`;
  const point = (/** @type {number} */ to) => {
    mark = to;
    legend.replaceChildren(
      distance(to < 0 ? 1 : share()),
      ...curves.map((curve) => {
        const sign = element("b", {
          textContent: curves.length > 1 ? `${DASHES[curve.dash][1]} ` : "",
        });
        sign.style.color = curve.color;
        return element(
          "span",
          {},
          sign,
          curve.name,
          to < 0 ? "" : ` ${value(curve, curve.at[to])} ${curve.image.unit}`,
        );
      }),
    );
    marker.hidden = to < 0;
    marker.style.left = `${100 * share()}%`;
    along.value = String(to);
    along.setAttribute("aria-valuetext", legend.innerText);
    explorer.draw(); // it is marked in the picture too
  };
  along.oninput = () => point(+along.value);
  along.onpointermove = ({ offsetX }) =>
    point(clamp(Math.round((offsetX / along.clientWidth) * (count - 1)), 0, count - 1));
  along.onpointerleave = () => point(-1);
  along.onblur = () => point(-1);
  // Home and End too, where nothing changes
  along.onfocus = () => point(+along.value);
  along.onkeyup = () => point(+along.value);

  const update = (/** @type {Ends} */ line) => {
    const [dx, dy] = [line[2] - line[0], line[3] - line[1]];
    count = Math.ceil(Math.hypot(dx, dy)) + 1;
    length = Math.hypot(dx * stepX, dy * stepY);
    let low = Infinity;
    let high = -Infinity;
    most.textContent = "–";
    least.textContent = "–";
    curves = subjects().map((subject) => {
      const { plane, image, position, channel } = subject;
      const { data } = plane.level(0);
      const [x0, y0, x1, y1] = toSamples(line, image, true, position).map((end) => end - 0.5);
      const ys = linspace(y0, y1, count);
      const at = linspace(x0, x1, count).map((x, i) => {
        // halves were rounded in the array's own order
        const y = image.lower ? plane.rows - 1 - ys[i] : ys[i];
        return x >= 0 && y >= 0 && x < plane.columns && y < plane.rows
          ? (y * plane.columns + x) * plane.channels + channel
          : -1;
      });
      for (const from of at) {
        if (data[from] < low && data[from] > -Infinity)
          [low, least.textContent] = [data[from], value(subject, from)];
        if (data[from] > high && data[from] < Infinity)
          [high, most.textContent] = [data[from], value(subject, from)];
      }
      return { ...subject, at };
    });
    svg.setAttribute("viewBox", `0 0 ${count - 1 || 1} 84`);
    svg.replaceChildren(
      ...curves.map(({ plane, at, color, dash }) => {
        const { data } = plane.level(0);
        const path = /** @type {SVGElement} */ (template.cloneNode());
        let d = "";
        let to = "M";
        at.forEach((from, i) => {
          const y = high > low ? 84 * ((high - data[from]) / (high - low)) : data[from] - high + 42;
          const known = y - y === 0;
          if (known) d += `${to}${i} ${y.toFixed(2)}h0`; // h0: one alone is seen too
          to = known ? "L" : "M";
        });
        path.setAttribute("d", d);
        Object.assign(path.style, { stroke: color, strokeDasharray: DASHES[dash][0] });
        return path;
      }),
    );
    along.max = String(count - 1);
    point(mark < count ? mark : -1);
  };

  const panel = element("div", { className: "profile" }, most, plot, least, marker, along);
  return {
    elements: [panel, legend],
    update,
    /** How many samples the line has. */
    count: () => count,
    /** The share of the line at which a sample is marked, -1: none is. */
    marked: () => (mark < 0 ? -1 : share()),
  };
}
