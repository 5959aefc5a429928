// Where a shape is, by numbers: an input for each coordinate of its corners.

import { withItem } from "../base/camera.js";
import { button, element } from "../base/dom.js";
import { typedPoints, worldPoints } from "./describe.js";
import { isBoxed, isClosed } from "./outline.js";

/** @typedef {import("../base/types.js").Shape} Shape */

const LISTED = 100;

/**
 * @param {import("../base/types.js").Explorer} explorer
 * @param {import("./panel.js").Actions} actions
 */
export function cornerInputs({ config }, { findSelected, change, pick, dropCorner }) {
  const corners = element("div", { className: "corners" });
  let shown = ""; // id and number of corners of the selected one
  /** Inputs for the corners; they stay as long as there are as many. */
  const fill = (/** @type {Shape} */ shape) => {
    const { kind, points } = shape;
    const key = [shape.id, points.length].join();
    const typed = typedPoints(shape, config);
    if (key !== shown) {
      shown = key;
      const plenty = points.length > LISTED;
      corners.replaceChildren(
        ...(plenty ? [0] : typed).flatMap((_, i) => {
          if (plenty) return [element("span", { textContent: `${points.length} corners` })];
          const inputs = ["x", "y"].map((axis, j) =>
            element("input", {
              type: "number",
              step: "any",
              label: `${kind} ${axis}${points.length > 1 ? i : ""}`,
              onfocus: () => pick(isBoxed(kind) ? -1 : i),
              onchange: (/** @type {{target: HTMLInputElement}} */ { target }) => {
                const now = findSelected();
                if (!now || target.value === "" || !Number.isFinite(+target.value)) return;
                const all = typedPoints(now, config);
                const next = all.map((one, k) =>
                  k === i ? /** @type {[number, number]} */ (withItem(one, j, +target.value)) : one,
                );
                change(now.id, { points: worldPoints(kind, next, config) });
              },
            }),
          );
          const drop =
            points.length > (isClosed(kind) ? 3 : 2)
              ? button(
                  "−",
                  "Remove this corner",
                  () => {
                    const now = findSelected();
                    if (now) dropCorner(now, i);
                  },
                  { label: `Remove corner ${i}` },
                )
              : element("span");
          return [element("span", { textContent: String(i + 1) }), ...inputs, drop];
        }),
        ...(kind === "polygon" || kind === "line"
          ? [
              button(
                "+",
                "Add a corner",
                () => {
                  const now = findSelected();
                  if (!now) return;
                  const a = now.points[now.points.length - 1];
                  const b = now.points[kind === "line" ? now.points.length - 2 : 0];
                  const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
                  const at = now.points.length - (kind === "line" ? 1 : 0);
                  const points = [...now.points];
                  points.splice(at, 0, middle);
                  change(now.id, { points });
                },
                { label: "Add a corner" },
              ),
            ]
          : []),
      );
    }
    corners.querySelectorAll("input").forEach((input, i) => {
      input.value = String(typed[i >> 1][i % 2]);
    });
  };
  return { element: corners, fill };
}
