// Overlays of points, lines, boxes, polygons and texts: drawn as in pictures, and found below the
// pointer.

/** @typedef {import("../base/types.js").LayerConfig} LayerConfig */
/** @typedef {{x: number, y: number}} Point */
/** @typedef {(x: number, y: number) => Point} ToScreen */

const REACH = 4; // CSS pixels around a point or a line that are it too
const LETTERS = 13; // CSS pixels

/**
 * @param {CanvasRenderingContext2D} pen in CSS pixels
 * @param {LayerConfig} layer
 * @param {ToScreen} screen from the image's samples
 * @param {number} scale CSS pixels of a sample
 */
export function drawOverlay(pen, layer, screen, scale) {
  const {
    kind,
    shapes = [],
    colors = [],
    width = 1,
    fill,
    alpha = 1,
    texts,
    size,
    written,
  } = layer;
  const opacity = pen.globalAlpha;
  const colorOf = (/** @type {number} */ i) => colors[colors.length > 1 ? i : 0];
  Object.assign(pen, { lineJoin: "round", lineCap: "round", textBaseline: "alphabetic" });
  for (let i = 0; i < shapes.length; ) {
    const color = colorOf(i);
    Object.assign(pen, { strokeStyle: color, fillStyle: color, lineWidth: width });
    if (kind === "text") {
      i++;
      continue;
    }
    if (kind === "points") {
      const [[x, y] = [NaN, NaN]] = shapes[i++];
      if (x === x) drawMarker(pen, screen(x, y), layer);
      continue;
    }
    pen.beginPath();
    do {
      for (const ring of shapes[i]) trace(pen, ring, screen, /polygon|boxes/.test(kind));
      i++; // those that are filled must not cut others
    } while (!fill && i < shapes.length && colorOf(i) === color);
    if (fill) {
      Object.assign(pen, { fillStyle: fill, globalAlpha: opacity * alpha });
      pen.fill("evenodd");
      pen.globalAlpha = opacity;
    }
    pen.stroke();
  }
  const high = size && kind !== "points" ? size * scale : LETTERS;
  if (high < 3) return;
  const write = (
    /** @type {Point} */ at,
    /** @type {string | null} */ text,
    /** @type {string} */ color,
    /** @type {string} */ halo,
    /** @type {number[]} */ [right, up],
  ) => {
    if (!text) return;
    Object.assign(pen, { strokeStyle: halo, fillStyle: color, lineWidth: high / 5 });
    pen.strokeText(text, at.x + right * high, at.y + up * high);
    pen.fillText(text, at.x + right * high, at.y + up * high);
  };
  pen.font = `${high}px system-ui, sans-serif`;
  pen.textAlign = kind === "text" ? anchors[layer.anchor ?? "middle"] : "left";
  texts?.forEach((text, i) => {
    const [[x, y] = [NaN, NaN]] = shapes[i];
    if (x !== x) return;
    const color = colorOf(i);
    if (kind === "boxes") write(screen(x, y), text, contrast(color), color, [0.25, -0.4]);
    else if (kind === "text") write(screen(x, y), text, color, contrast(color), [0, 0.35]);
    else write(screen(x, y), text, "#fff", "#000", [0.5, 0.35]);
  });
  pen.textAlign = "center";
  for (const [x, y, text] of written ?? []) write(screen(x, y), text, "#fff", "#000", [0, 0.35]);
}

/** @type {Record<string, CanvasTextAlign>} */
const anchors = { start: "left", middle: "center", end: "right" };

/** Black or white, whichever is farther from a color. @param {string} color `#rrggbb` */
function contrast(color) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return 0.299 * r + 0.587 * g + 0.114 * b > 96 ? "#000" : "#fff";
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number[]} ring x and y in turn
 * @param {ToScreen} screen
 * @param {boolean} closed
 */
function trace(pen, ring, screen, closed) {
  for (let k = 0; k < ring.length; k += 2) {
    const { x, y } = screen(ring[k], ring[k + 1]);
    if (k) pen.lineTo(x, y);
    else pen.moveTo(x, y);
  }
  if (closed && ring.length) pen.closePath();
}

/** @param {CanvasRenderingContext2D} pen @param {Point} at @param {LayerConfig} layer */
function drawMarker(pen, { x, y }, { size = 6, marker = "o" }) {
  const thick = Math.min(size / 4, 1 + size / 16);
  const half = size / 2;
  pen.beginPath();
  if (marker === "square") return pen.fillRect(x - half, y - half, size, size);
  if (marker === "o" || marker === "ring") {
    pen.arc(x, y, marker === "o" ? half : half - thick / 2, 0, 2 * Math.PI);
    if (marker === "o") return pen.fill();
  } else {
    const arm = marker === "x" ? (size - thick) / 2 ** 1.5 : half;
    const turned = marker === "x" ? 1 : 0;
    pen.moveTo(x - arm, y - arm * turned);
    pen.lineTo(x + arm, y + arm * turned);
    pen.moveTo(x - arm * turned, y + arm);
    pen.lineTo(x + arm * turned, y - arm);
  }
  Object.assign(pen, { lineWidth: thick, lineCap: "butt" });
  pen.stroke();
}

/**
 * The number of the uppermost thing at a position of the screen; -1: there is none.
 * @param {LayerConfig} layer
 * @param {ToScreen} screen
 * @param {Point} at
 */
export function findThing({ kind, shapes = [], size = 6, width = 1 }, screen, at) {
  const areas = kind === "polygon" || kind === "boxes";
  for (let i = shapes.length - 1; i >= 0; i--) {
    if (kind === "points") {
      const [[x, y] = [NaN, NaN]] = shapes[i];
      const there = screen(x, y);
      if (Math.hypot(there.x - at.x, there.y - at.y) <= Math.max(REACH, size / 2)) return i;
      continue;
    }
    let inside = false;
    for (const ring of shapes[i]) {
      const ends = Array.from({ length: ring.length / 2 }, (_, k) =>
        screen(ring[2 * k], ring[2 * k + 1]),
      );
      if (areas) ends.push(ends[0]);
      for (let k = 1; k < ends.length; k++) {
        const [p, q] = [ends[k - 1], ends[k]];
        if (distance(at, p, q) <= Math.max(REACH, width / 2)) return i;
        const crossed = p.y > at.y !== q.y > at.y;
        if (areas && crossed && at.x < p.x + ((at.y - p.y) / (q.y - p.y)) * (q.x - p.x))
          inside = !inside;
      }
    }
    if (inside) return i;
  }
  return -1;
}

/** How far a point is from a line. @param {Point} at @param {Point} p @param {Point} q */
function distance(at, p, q) {
  const [dx, dy] = [q.x - p.x, q.y - p.y];
  const along = ((at.x - p.x) * dx + (at.y - p.y) * dy) / (dx * dx + dy * dy || 1);
  const share = Math.min(1, Math.max(0, along));
  return Math.hypot(p.x + share * dx - at.x, p.y + share * dy - at.y);
}
