// Ticks along the edges of what is seen, lines of longitude and latitude, and where north is.

import { clamp } from "../base/camera.js";
import { element } from "../base/dom.js";
import { parts } from "../values/parts.js";
import { dateTicks, nameTicks, numberTicks } from "./ticks.js";

/** @typedef {import("../base/types.js").Coordinates} Coordinates */
/** @typedef {import("../base/types.js").Pane} Pane */

/** CSS pixels that texts take at the left and below. */
export const STRIP = { left: 52, bottom: 20 };
const DATE = /^\d{4}-\d\d(-\d\d( \d\d:\d\d(:\d\d(\.\d+)?)?)?)?$/;
const ARROW = 20;

/** "NS" or "EW" of degrees on a globe, else "". @param {Coordinates | null} coordinates */
export function unitAlong(coordinates) {
  const { label = "", unit = "" } = coordinates ?? {};
  if (/^degrees?_?n(orth)?$/i.test(unit) || (/^lat/i.test(label) && /^(deg|°|$)/.test(unit)))
    return "NS";
  return /^degrees?_?e(ast)?$/i.test(unit) || (/^lon/i.test(label) && /^(deg|°|$)/.test(unit))
    ? "EW"
    : "";
}

/**
 * A function to the ticks of an axis: their positions in samples and their texts.
 * @param {Coordinates | null} known
 * @param {number} count of samples
 * @returns {(low: number, high: number, scale: number, across: boolean) => {at: number, text:
 *   string}[]}
 */
function ticksAlong(known, count) {
  const { texts, first = 0, step = 1 } = known ?? {};
  if (texts && texts.length > 1 && texts.every((text) => DATE.test(text))) {
    const dates = texts.map((text) =>
      Date.parse(`${text.replace(" ", "T")}${text[10] ? "Z" : ""}`),
    );
    const way = dates[count - 1] >= dates[0] ? 1 : -1;
    const dateAt = (/** @type {number} */ at) => {
      const i = clamp(Math.floor(at), 0, count - 2);
      return dates[i] + (at - i) * (dates[i + 1] - dates[i]);
    };
    const indexOf = (/** @type {number} */ date) => {
      const next = dates.findIndex((one) => (one - date) * way > 0);
      const i = clamp((next < 0 ? count : next) - 1, 0, count - 2);
      return i + (date - dates[i]) / (dates[i + 1] - dates[i]);
    };
    return (low, high, scale, across) => {
      const [one, other] = [dateAt(low), dateAt(high)].sort((a, b) => a - b);
      const each = ((high - low) * scale) / (other - one || 1);
      return dateTicks(one, other, each, across).map(({ value, text }) => ({
        at: indexOf(value),
        text,
      }));
    };
  }
  if (texts)
    return (low, high, scale, across) =>
      nameTicks(texts, low, high, scale, across).map(({ value, text }) => ({ at: value, text }));
  return (low, high, scale, across) => {
    const [one, other] = [first + low * step, first + high * step].sort((a, b) => a - b);
    const options = { whole: !known, letters: unitAlong(known) };
    return numberTicks(one, other, scale / Math.abs(step), across, options).map(
      ({ value, text }) => ({ at: (value - first) / step, text }),
    );
  };
}

/**
 * @param {import("../base/types.js").Explorer} explorer
 * @param {import("../base/types.js").World | null} sky of the first image
 * @returns {import("../base/types.js").Control}
 */
export function edgeAxesControl(explorer, sky) {
  const [image] = explorer.config.images;
  const along = { x: ticksAlong(image.x, image.columns), y: ticksAlong(image.y, image.rows) };
  const globe = sky && sky.parts[0].kind !== "number" ? sky : null;
  const letters = [unitAlong(image.x), unitAlong(image.y)].join("");

  /** Returns what is at each end: ticks along the lower and the left edge, in CSS pixels. */
  const ticks = (/** @type {Pane} */ pane) => {
    const { x0, x1, y0, y1 } = pane.visible();
    const { scale } = pane;
    return {
      below: along
        .x(Math.max(0, x0 - 0.5), Math.min(image.columns - 1, x1 - 0.5), scale, true)
        .map(({ at, text }) => ({ at: pane.toScreen(at + 0.5, 0).x, text })),
      left: along
        .y(Math.max(0, y0 - 0.5), Math.min(image.rows - 1, y1 - 0.5), scale, false)
        .map(({ at, text }) => ({ at: pane.toScreen(0, at + 0.5).y, text })),
    };
  };

  /** @param {Pane} pane @param {CanvasRenderingContext2D} pen */
  const over = (pane, pen) => {
    const { width, height } = pane;
    if (!explorer.state.axes || width < 160 || height < 100 || pane.spec.axes?.includes("z"))
      return;
    const lines = globe && parts.sky?.findLines(globe, pane);
    if (lines) {
      Object.assign(pen, { strokeStyle: "rgba(255,255,255,.55)", lineWidth: 1 });
      pen.beginPath();
      for (const [ax, ay, bx, by] of lines.segments) {
        pen.moveTo(ax, ay);
        pen.lineTo(bx, by);
      }
      pen.stroke();
    }
    const { below, left } = lines ?? ticks(pane);
    Object.assign(pen, { font: "11px system-ui", textBaseline: "middle", fillStyle: "#000a" });
    STRIP.left = Math.ceil(
      Math.max(24, ...left.map(({ text }) => pen.measureText(text).width + 12)),
    );
    const bottom = height - STRIP.bottom;
    pen.fillRect(0, bottom, width, STRIP.bottom);
    pen.fillRect(0, 0, STRIP.left, bottom);
    Object.assign(pen, {
      fillStyle: "#fff",
      strokeStyle: "#fff",
      lineWidth: 1,
      textAlign: "right",
    });
    const [across, down] = lines ? ["", ""] : [image.x, image.y].map(labelOf);
    pen.fillText(across, width - 6, height - 9);
    let free = pen.measureText(across).width;
    const end = width - (free ? free + 14 : 0);
    pen.beginPath();
    for (const { at, text } of left) {
      if (at < (down ? 26 : 8) || at > bottom - 6) continue;
      pen.moveTo(STRIP.left - 4, Math.round(at) + 0.5);
      pen.lineTo(STRIP.left, Math.round(at) + 0.5);
      pen.fillText(text, STRIP.left - 6, at);
    }
    pen.textAlign = "left";
    pen.fillText(down, 4, 10);
    pen.textAlign = "center";
    free = STRIP.left;
    for (const { at, text } of below) {
      const half = pen.measureText(text).width / 2;
      if (at - half < free + 2 || at + half > end - 2) continue;
      free = at + half + 6;
      pen.moveTo(Math.round(at) + 0.5, bottom);
      pen.lineTo(Math.round(at) + 0.5, bottom + 4);
      pen.fillText(text, at, height - 8);
    }
    pen.stroke();
    arrows(pane, pen);
  };

  /**
   * Arrows to the north and the east, at the upper right.
   * @param {Pane} pane
   * @param {CanvasRenderingContext2D} pen
   */
  const arrows = (pane, pen) => {
    const { x0, x1, y0, y1 } = pane.visible();
    const [x, y] = [(x0 + x1 - 1) / 2, (y0 + y1 - 1) / 2];
    const [a, b] = globe
      ? [globe.step(x, y, 0.5, 0), globe.step(x, y, 0, 0.5)]
      : letters === "EWNS"
        ? [
            { east: image.x?.step ?? 1, north: 0 },
            { east: 0, north: image.y?.step ?? -1 },
          ]
        : [];
    if (!a || !b) return;
    const turn = Math.sign(a.east * b.north - a.north * b.east);
    const [cx, cy] = [pane.width - 46, 46];
    for (const [letter, dx, dy] of /** @type {[string, number, number][]} */ ([
      ["N", -b.east * turn, a.east * turn],
      ["E", b.north * turn, -a.north * turn],
    ])) {
      const length = Math.hypot(dx, dy);
      if (!length) continue;
      const [ux, uy] = [dx / length, dy / length];
      const [tx, ty] = [cx + ux * ARROW, cy + uy * ARROW];
      for (const [color, width] of /** @type {[string, number][]} */ ([
        ["#000b", 4],
        ["#fff", 1.5],
      ])) {
        Object.assign(pen, { strokeStyle: color, lineWidth: width, lineJoin: "round" });
        pen.beginPath();
        pen.moveTo(cx, cy);
        pen.lineTo(tx, ty);
        pen.moveTo(tx - 6 * ux - 4 * uy, ty - 6 * uy + 4 * ux);
        pen.lineTo(tx, ty);
        pen.lineTo(tx - 6 * ux + 4 * uy, ty - 6 * uy - 4 * ux);
        pen.stroke();
        Object.assign(pen, { font: "600 12px system-ui", textAlign: "center", lineWidth: 3 });
        if (width > 2) pen.strokeText(letter, tx + 11 * ux, ty + 11 * uy);
        else pen.fillText(letter, tx + 11 * ux, ty + 11 * uy);
      }
    }
  };

  const box = /** @type {HTMLInputElement} */ (
    element("input", { type: "checkbox", onchange: () => explorer.set({ axes: box.checked }) })
  );
  const word = globe || letters === "EWNS" ? "Ticks and north (g)" : "Ticks (g)";
  const toggle = element("label", { className: "row" }, box, word);
  const tell = () => {
    box.checked = explorer.state.axes;
  };
  explorer.on(tell);
  tell();

  return {
    over,
    keys: { g: () => explorer.set({ axes: !explorer.state.axes }) },
    opens: { name: "layers", word: "Axes", hint: "Axes and scale bar", key: "g" },
    panel: toggle,
    read: (pane, { x, y }) =>
      sky && !pane.spec.axes?.includes("z") ? sky.describe(Math.floor(x), Math.floor(y)) : [],
  };
}

/** @param {Coordinates | null} known */
function labelOf(known) {
  const { label = "", unit = "" } = known ?? {};
  return unitAlong(known) || !unit ? label : `${label} [${unit}]`.trim();
}
