// What is seen as a file: panes drawn anew at a scale, with what is over them and the colorbar.

import { element } from "../base/dom.js";
import { paintPatch } from "../values/color.js";
import { drawColorbar, findColorbar } from "./colorbar_drawing.js";
import { makeVectorPen } from "./vector_pen.js";

/** @typedef {import("../base/types.js").Explorer} Explorer */
/** @typedef {import("../base/types.js").Pane} Pane */

const MOST = 16384; // pixels a side, which every browser draws

/**
 * Draws all panes, with names and colorbar, as pictures or as vectors.
 * @param {Explorer} explorer
 * @param {number} asked pixels a CSS pixel; 0: as SVG
 * @returns {HTMLCanvasElement | string}
 */
function drawFigure(explorer, asked) {
  const { panes } = explorer;
  const boxes = panes.map((pane) => pane.canvas.getBoundingClientRect());
  const bar = findColorbar(explorer);
  const left = Math.min(...boxes.map((box) => box.left));
  const top = Math.min(...boxes.map((box) => box.top)) - (panes[0].spec.name ? 20 : 0);
  const wide = Math.max(...boxes.map(({ right }) => right)) - left;
  const high = Math.max(...boxes.map(({ bottom }) => bottom)) - top;
  const [width, height] = [Math.round(wide + (bar?.room ?? 0)), Math.round(high)];
  const scale = Math.min(asked || devicePixelRatio, MOST / width, MOST / height);
  const canvas = element("canvas", { width: width * scale, height: height * scale });
  const vectors = asked ? null : makeVectorPen();
  const pen = vectors ?? /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  if (asked) {
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.scale(scale, scale);
  }
  panes.forEach((pane, i) => {
    const own = { canvas: pane.canvas, context: pane.context };
    const [x, y] = [boxes[i].left - left, boxes[i].top - top].map(
      (at) => Math.round(at * scale) / scale,
    );
    const other = element("canvas", {
      width: Math.round(pane.width * scale),
      height: Math.round(pane.height * scale),
    });
    const context = /** @type {CanvasRenderingContext2D} */ (other.getContext("2d"));
    Object.assign(pane, { canvas: other, context });
    try {
      pane.render(scale);
      if (asked) explorer.over(pane);
      pen.drawImage(other, x, y, other.width / scale, other.height / scale);
      if (!asked) {
        pen.save();
        pen.translate(x, y);
        pane.context = pen;
        explorer.over(pane);
        pen.restore();
      }
    } finally {
      Object.assign(pane, own);
    }
    Object.assign(pen, { fillStyle: "#000", font: "13px system-ui", textBaseline: "middle" });
    pen.textAlign = "left";
    pen.fillText(pane.spec.name, x, y - 10);
  });
  if (bar) drawColorbar(pen, bar, wide + 12, height);
  explorer.draw();
  return vectors ? vectors.svg(width, height) : canvas;
}

/** @param {HTMLCanvasElement | string} canvas @returns {Promise<Blob>} */
const encode = async (canvas) =>
  typeof canvas === "string"
    ? new Blob([canvas], { type: "image/svg+xml" })
    : new Promise((done, fail) => {
        canvas.toBlob((blob) => (blob ? done(blob) : fail(Error("it is too large"))));
      });

/**
 * What can be saved and copied of what is seen.
 * @param {Explorer} explorer
 * @returns {import("../base/types.js").Control}
 */
export function saveControl(explorer) {
  const { images } = explorer.config;
  const samples = () => {
    const { plane, image, display } = explorer.panes[0].items()[0];
    const { rows: height, columns: width } = image;
    const canvas = element("canvas", { width, height });
    const whole = { left: 0, top: 0, width, height };
    const painted = paintPatch(plane, 0, whole, image, display, explorer.palettes[display.cmap]);
    canvas.getContext("2d")?.putImageData(painted, 0, 0);
    return canvas;
  };
  /**
   * @param {string} word
   * @param {string} hint
   * @param {string} suffix
   * @param {() => HTMLCanvasElement | string} make
   */
  const entry = (word, hint, suffix, make) => ({
    word,
    hint,
    run: async () => {
      try {
        const href = URL.createObjectURL(await encode(make()));
        element("a", { href, download: (images[0].name || "view") + suffix }).click();
        setTimeout(() => URL.revokeObjectURL(href), 60000);
      } catch (error) {
        // such as of pictures from a disk, which no page may read
        explorer.hint(`It can't be saved here: ${/** @type {Error} */ (error).message}`);
      }
    },
  });
  const copy = async () => {
    try {
      const image = new ClipboardItem({ "image/png": encode(drawFigure(explorer, 1)) });
      await navigator.clipboard.write([image]);
      explorer.hint("Copied the image");
    } catch {
      explorer.hint("The browser does not let this page copy images: save it as PNG");
    }
  };
  return {
    saves: [
      ...[1, 2, 4].map((scale) =>
        entry(`PNG, ${scale}×`, "What is seen, in so many pixels a screen pixel", ".png", () =>
          drawFigure(explorer, scale),
        ),
      ),
      entry("SVG", "What is seen, lines and texts as vectors", ".svg", () =>
        drawFigure(explorer, 0),
      ),
      ...(images.some(({ tiles }) => tiles)
        ? []
        : [entry("Samples, PNG", "All pixels of the plane", "-samples.png", samples)]),
      { word: "Copy image", hint: "What is seen", run: copy },
    ],
  };
}
