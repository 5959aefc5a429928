// The list of annotations: a row each, with its label and the numbers of its corners.

import { button, element } from "../base/dom.js";

/** @typedef {import("../base/types.js").Annotation} Annotation */
/**
 * What a row can do.
 * @typedef {object} Actions
 * @property {(id: string) => Annotation | undefined} find
 * @property {(id: string, change: Partial<Annotation>) => void} change
 * @property {(annotation: Annotation, corner: number) => void} dropCorner
 * @property {(corner: number) => void} pick the corner that keys are for
 * @property {(id: string) => void} select
 * @property {(id: string) => void} remove
 */
/**
 * @typedef {{row: HTMLElement, annotation: Annotation, on: boolean, fill: (annotation: Annotation)
 *   => void}} Row
 */

export const ANNOTATIONS_STYLE = `
.annotations { margin: 4px 0 }
.annotations ul { max-height: 180px; overflow: auto; margin: 4px 0; padding: 0; list-style: none }
.annotations li { display: flex; flex-wrap: wrap; gap: 2px 4px; align-items: center;
  padding: 1px 2px }
.annotations li.on { background: rgba(76,154,255,.2) }
.annotations li > button:first-child { min-width: 64px }
.annotations li input { width: 74px }
.annotations li input[type=text] { flex: 0 1 120px; min-width: 60px }
`;

/**
 * @param {Annotation} annotation
 * @param {boolean} on whether it is selected
 * @param {Actions} actions
 * @returns {Row}
 */
export function annotationRow(annotation, on, actions) {
  const { id, kind } = annotation;
  const points = on || kind !== "polygon" ? annotation.points.length : 0;
  const label = element("input", {
    type: "text",
    label: "annotation label",
    placeholder: "label",
    onchange: () => actions.change(id, { label: label.value }),
  });
  const numbers = Array.from({ length: points }, (_, i) =>
    /** @type {const} */ (["x", "y"]).map((axis) => {
      const input = element("input", {
        type: "number",
        step: "any",
        label: `annotation ${axis}${points > 1 ? i : ""}`,
        onfocus: () => {
          if (kind !== "box") actions.pick(i);
        },
        onchange: () => {
          const own = actions.find(id);
          if (own && input.value !== "" && Number.isFinite(+input.value))
            actions.change(id, {
              points: own.points.with(i, { ...own.points[i], [axis]: +input.value }),
            });
        },
      });
      return input;
    }),
  );
  const less =
    on && kind === "polygon" && points > 3
      ? numbers.map((_, i) =>
          button(
            "−",
            "Remove this corner",
            () => {
              const own = actions.find(id);
              if (own) actions.dropCorner(own, i);
            },
            { label: `Remove corner ${i}` },
          ),
        )
      : [];
  const between =
    on && kind === "polygon"
      ? [
          button(
            "+",
            "Add a corner",
            () => {
              const own = actions.find(id);
              const ends = own && [own.points[own.points.length - 1], own.points[0]];
              if (own && ends)
                actions.change(id, {
                  points: [
                    ...own.points,
                    { x: (ends[0].x + ends[1].x) / 2, y: (ends[0].y + ends[1].y) / 2 },
                  ],
                });
            },
            { label: "Add a corner" },
          ),
        ]
      : [];
  const row = element(
    "li",
    { className: on ? "on" : "" },
    button(kind, "Select", () => actions.select(on ? "" : id), { ariaPressed: on }),
    label,
    ...numbers.flatMap((pair, i) => [...pair, ...(less[i] ? [less[i]] : [])]),
    ...between,
    ...(points ? [] : [`${annotation.points.length} corners`]),
    button("×", "Remove", () => actions.remove(id), { label: `Remove ${kind}` }),
  );
  const fill = (/** @type {Annotation} */ now) => {
    label.value = now.label;
    numbers.forEach((pair, i) =>
      pair.forEach((input, j) => {
        input.value = String(+(j ? now.points[i].y : now.points[i].x).toFixed(2));
      }),
    );
  };
  fill(annotation);
  return { row, annotation, on, fill };
}
