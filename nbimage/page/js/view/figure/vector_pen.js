// What controls draw on a canvas, as SVG: the part of a canvas' methods that they use.

import { element } from "../base/dom.js";

const DOWN = /** @type {Record<string, number>} */ ({ middle: 0.35, bottom: -0.2, top: 0.8 });
const ANCHORS = /** @type {Record<string, string>} */ ({ center: "middle", right: "end" });

// What XML can't hold, not even escaped: controls, half characters.
const FORBIDDEN = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** @param {string} text */
const escapeText = (text) =>
  text.replace(FORBIDDEN, "").replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);

/** A pen for SVG; `svg` gives what it has drawn. Of what else a canvas can, nothing is drawn. */
export function makeVectorPen() {
  const canvas = element("canvas"); // knows how wide texts are, and what colors mean
  const real = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  let body = "";
  let path = "";
  const put = (/** @type {string} */ name, /** @type {string} */ own, full = true, inside = "") => {
    const { lineWidth, lineJoin, lineCap, globalAlpha } = real;
    const color = String(full ? real.fillStyle : real.strokeStyle); // "#rrggbb", or rgba()
    const [, rgb, alpha = 1] = color.match(/^rgba\((.*), (.*)\)/) ?? ["", ""];
    const { a, b, c, d, e, f } = real.getTransform();
    const paint = `="${rgb ? `rgb(${rgb})` : color}" opacity="${globalAlpha * +alpha}"`;
    const line = `stroke-width="${lineWidth}" stroke-linejoin="${lineJoin}"`;
    const dashes = `stroke-linecap="${lineCap}" stroke-dasharray="${real.getLineDash()}"`;
    const style = full ? `fill${paint}` : `fill="none" stroke${paint} ${line} ${dashes}`;
    const turn = `transform="matrix(${[a, b, c, d, e, f]})"`;
    body += `<${name} ${own} ${style} ${turn}>${inside}</${name}>`;
  };
  const add =
    (/** @type {string} */ letter) =>
    (/** @type {number[]} */ ...at) => {
      path += letter + at.map((one) => +one.toFixed(2)).join(" ");
    };
  const write =
    (/** @type {boolean} */ full) =>
    (/** @type {string} */ text, /** @type {number} */ x, /** @type {number} */ y) => {
      const at = `x="${x}" y="${y}" dy="${DOWN[real.textBaseline] ?? 0}em"`;
      const anchor = `text-anchor="${ANCHORS[real.textAlign] ?? "start"}"`;
      put("text", `${at} ${anchor} style="font:${escapeText(real.font)}"`, full, escapeText(text));
    };
  const box = (/** @type {number[]} */ ...[x, y, w, h]) => {
    path += `M${x} ${y}h${w}v${h}h${-w}Z`;
  };
  const ellipse = (/** @type {number[]} */ ...[x, y, rx, ry, turn, from, to]) => {
    const at = (/** @type {number} */ angle) => {
      const [u, v] = [rx * Math.cos(angle), ry * Math.sin(angle)];
      const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
      return [x + u * cos - v * sin, y + u * sin + v * cos];
    };
    add(path ? "L" : "M")(...at(from));
    for (const end of [(from + to) / 2, to])
      add("A")(rx, ry, (turn * 180) / Math.PI, 0, +(to > from), ...at(end));
  };
  const draw = (/** @type {boolean} */ full) => () => put("path", `d="${path}"`, full);
  const square =
    (/** @type {boolean} */ full) =>
    (/** @type {number[]} */ ...at) => {
      const before = path;
      path = "";
      box(...at);
      draw(full)();
      path = before;
    };
  /** @type {Record<string, unknown>} */
  const own = {
    beginPath: () => {
      path = "";
    },
    moveTo: add("M"),
    lineTo: add("L"),
    closePath: add("Z"),
    rect: box,
    roundRect: box,
    ellipse,
    arc: (/** @type {number[]} */ ...[x, y, r, from, to]) => ellipse(x, y, r, r, 0, from, to),
    stroke: draw(false),
    fill: draw(true),
    strokeRect: square(false),
    fillRect: square(true),
    strokeText: write(false),
    fillText: write(true),
    drawImage: (/** @type {any} */ source, /** @type {number[]} */ ...at) => {
      const [x, y, w = source.width, h = source.height] = at.slice(-4);
      const [left, top, wide, high] = at.length > 4 ? at : [0, 0, source.width, source.height];
      const part = element("canvas", { width: wide, height: high });
      part.getContext("2d")?.drawImage(source, left, top, wide, high, 0, 0, wide, high);
      const size = `x="${x}" y="${y}" width="${w}" height="${h}" preserveAspectRatio="none"`;
      put("image", `${size} href="${part.toDataURL()}"`);
    },
    svg: (/** @type {number} */ width, /** @type {number} */ height) => {
      const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
      const ground = '<rect width="100%" height="100%" fill="#fff"/>';
      return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${ground}${body}</svg>`;
    },
  };
  /** @typedef {CanvasRenderingContext2D & {svg: (width: number, height: number) => string}} Pen */
  return /** @type {Pen} */ (
    new Proxy(real, {
      get: (_, key) => {
        const value = own[String(key)] ?? Reflect.get(real, key);
        return typeof value === "function" ? value.bind(real) : value;
      },
      set: (_, key, value) => Reflect.set(real, key, value),
    })
  );
}
