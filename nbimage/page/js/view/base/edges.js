// The right and lower edges of a frame and their corner, which are dragged to resize it.

import { element } from "./dom.js";

const LEAST = { width: 100, height: 80 }; // CSS pixels

/**
 * Pixels of the page that are one CSS pixel of an element: others under a transform or `zoom`.
 * @param {HTMLElement} node
 */
export function scaleOf(node) {
  const { width, height } = node.getBoundingClientRect();
  const ratio = (/** @type {number} */ scaled, /** @type {number} */ own) =>
    Math.abs(scaled - own) < 1 ? 1 : scaled / own; // what it has of its own is rounded
  return { x: ratio(width, node.offsetWidth), y: ratio(height, node.offsetHeight) };
}

/** @param {HTMLElement} frame */
export function resizeEdges(frame) {
  const size = (/** @type {number} */ width, /** @type {number} */ height) => {
    const [wide, tall] = [Math.max(LEAST.width, width), Math.max(LEAST.height, height)];
    Object.assign(frame.style, { width: `${wide}px`, height: `${tall}px` });
    frame.dataset.sized = "1"; // by hand
  };
  return ["right", "bottom", "corner"].map((name) => {
    const edge = element("div", { className: `edge ${name}`, title: "Drag to resize" });
    const across = name !== "bottom";
    const along = name !== "right";
    edge.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      edge.setPointerCapture(event.pointerId);
      const { offsetWidth, offsetHeight } = frame;
      const { clientX, clientY } = event;
      const { x, y } = scaleOf(frame);
      edge.onpointermove = (move) => {
        size(
          offsetWidth + (across ? (move.clientX - clientX) / x : 0),
          offsetHeight + (along ? (move.clientY - clientY) / y : 0),
        );
      };
      const release = () => {
        edge.onpointermove = null;
      };
      edge.onpointerup = release;
      edge.onpointercancel = release;
    });
    if (name === "corner")
      byKeys(edge, (dx, dy) => size(frame.offsetWidth + dx, frame.offsetHeight + dy));
    return edge;
  });
}

/** @param {HTMLElement} edge @param {(dx: number, dy: number) => void} grow */
function byKeys(edge, grow) {
  const ways = { ArrowLeft: [-20, 0], ArrowRight: [20, 0], ArrowUp: [0, -20], ArrowDown: [0, 20] };
  edge.tabIndex = 0;
  edge.setAttribute("role", "button");
  edge.setAttribute("aria-label", "Size of the viewer: arrow keys");
  edge.addEventListener("keydown", (event) => {
    const way = ways[/** @type {keyof typeof ways} */ (event.key)];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    grow(way[0], way[1]);
  });
}
