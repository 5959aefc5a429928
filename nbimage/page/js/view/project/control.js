// The switch beside an axis' slider by which planes become one: the slider then is a range.

import { withItem } from "../base/camera.js";
import { element } from "../base/dom.js";
import { alphaOf } from "./planes.js";

/** @typedef {import("../base/types.js").Explorer} Explorer */
/** @typedef {import("../base/types.js").State} State */
/** @typedef {import("../base/types.js").DisplaySettings} DisplaySettings */
/** @typedef {import("../base/types.js").Projection} Projection */
/** @typedef {[number, number][]} Extents */

export const PROJECT_STYLE = `
.axis .ranged { flex: 1 1 200px }
.axis.ranging > :is([type=range], output) { display: none }
.span { position: relative; flex: 1; height: 20px; margin-right: 8px;
  background: linear-gradient(var(--line) 0 0) 0/100% 4px no-repeat }
.span i { position: absolute; inset: 8px auto; height: 4px; background: var(--accent) }
.span input { position: absolute; inset: 0; width: 100%; appearance: none; background: none;
  pointer-events: none }
.span ::-webkit-slider-thumb { pointer-events: auto }
.span ::-moz-range-thumb { pointer-events: auto }
.project select { background: none; border-color: #0000 }
`;

/** What values are: "sum", "std", or "" where the data's limits fit. @param {State} state */
const measured = ({ projections }) =>
  projections.find((one) => one && /sum|std/.test(one.kind))?.kind ?? "";

/**
 * The least and the largest value of planes: of all channels, or of each.
 * @param {import("../base/types.js").Plane[]} planes
 * @param {import("../base/types.js").ImageConfig} image
 * @returns {Extents}
 */
function findExtents(planes, image) {
  const { channels, kind } = image;
  const several = kind === "composite";
  /** @type {Extents} */
  const found = Array.from({ length: several ? channels : 1 }, () => [Infinity, -Infinity]);
  for (const one of planes) {
    const plane = "tiled" in one ? one.overview : one; // of tiles the coarsest one
    const data = plane?.level(0).data ?? [];
    for (let i = 0; i < data.length; i++) {
      const value = data[i];
      const c = i % channels;
      if (value - value !== 0 || (alphaOf(image) && c === channels - 1)) continue;
      const extent = found[several ? c : 0];
      if (value < extent[0]) extent[0] = value;
      if (value > extent[1]) extent[1] = value;
    }
  }
  return found.map((one) => (one[0] <= one[1] ? one : [0, 1]));
}

/** @param {Explorer} explorer @returns {import("../base/types.js").Control} */
export function projectControl(explorer) {
  const { config, state } = explorer;
  const { axes, images, kinds } = config;
  const own = images.map(({ extent }) => extent);
  /** @type {(() => void)[]} */
  const updates = [];
  /** @type {Record<string, DisplaySettings[]>} what was chosen for values of each kind */
  const kept = {};
  let measure = measured(state);
  /** @type {DisplaySettings[] | null} that nobody has chosen */
  let found = null;

  /** @param {number} axis @param {Projection | null} one */
  const project = (axis, one) =>
    explorer.set({ projections: withItem(state.projections, axis, one), playing: -1 });

  // limits: those of a sum, and of a spread, are its own

  /** Say what there is to be seen; take that as limits. @param {boolean} take */
  const extend = async (take) => {
    const { projections } = state;
    await explorer.settled();
    if (state.projections !== projections) return;
    const items = explorer.panes.flatMap((pane) => pane.items());
    images.forEach((image, i) => {
      const planes = items.filter((one) => one.image === image).map(({ plane }) => plane);
      const plane = explorer.sources[i].peek(explorer.planeNumber());
      image.extent = measure
        ? findExtents(planes.length || !plane ? planes : [plane], image)
        : own[i];
    });
    if (!take) return explorer.set({});
    const shared = state.displays.length < images.length;
    found = state.displays.map((display, i) => {
      const all = shared ? images.map(({ extent }) => extent) : [images[i].extent];
      const ends = (/** @type {0 | 1} */ end) =>
        display.vmin.map((_, c) =>
          Math[end ? "max" : "min"](...all.map((extent) => (extent[c] ?? extent[0])[end])),
        );
      const { norm } = display;
      return {
        ...display,
        vmin: ends(0),
        vmax: ends(1),
        vsym: false,
        norm: norm === "levels" ? "linear" : norm,
      };
    });
    explorer.set({ displays: found });
  };
  explorer.on(({ projections }) => {
    updates.forEach((one) => one());
    if (!projections) return;
    const before = measure;
    measure = measured(state);
    if (measure === before) {
      if (measure) extend(state.displays === found);
      return;
    }
    kept[before] = state.displays;
    const chosen = measure ? null : kept[measure];
    if (chosen) explorer.set({ displays: chosen });
    extend(!chosen);
  });
  if (measure) explorer.settled().then(() => extend(false));

  /** The two ends of a range, instead of the slider. @param {number} axis */
  const rangeOf = (axis) => {
    const own = axes[axis]; // there may be more of them later
    const { name } = own;
    const text = element("output");
    const ends = ["first", "last"].map((end) =>
      element("input", { type: "range", min: 0, label: `${end} of ${name}` }),
    );
    const fill = element("i");
    const box = element("div", { className: "span" }, fill, ...ends);
    const values = () => ends.map(({ value }) => +value).sort((a, b) => a - b);
    const say = () => {
      const [first, last] = values();
      const word = (/** @type {number} */ at) => own.labels[at] ?? at;
      text.textContent = `${word(first)}–${word(last)}`;
      ends.forEach((one) => one.setAttribute("aria-valuetext", String(word(+one.value))));
      const share = (/** @type {number} */ at) => `${(100 * at) / (own.size - 1)}%`;
      Object.assign(fill.style, { left: share(first), width: share(last - first) });
    };
    const take = () => {
      const one = state.projections[axis];
      const [first, last] = values();
      if (one && (one.first !== first || one.last !== last)) project(axis, { ...one, first, last });
    };
    for (const one of ends) {
      one.oninput = () => {
        say();
        if (!images[0].tiles) take();
      };
      one.onchange = take;
    }
    const show = () => {
      for (const end of ends) end.max = String(own.size - 1);
      const one = state.projections[axis];
      const [first, last] = values();
      if (one && (first !== one.first || last !== one.last))
        ends.forEach((end, i) => {
          end.value = String(i ? one.last : one.first);
        });
      say();
    };
    return { parts: [box, text], show };
  };

  /** @param {number} axis */
  const row = (axis) => {
    const { name, size } = axes[axis];
    if (!kinds.length || size < 2) return null;
    const choice = element(
      "select",
      { label: `Planes of ${name}`, title: `One plane along ${name}, or what all have in common` },
      new Option("slice", ""),
      ...kinds.map((kind) => new Option(kind, kind)),
    );
    choice.onchange = () => {
      const { first = 0, last = axes[axis].size - 1 } = state.projections[axis] ?? {};
      project(axis, choice.value ? { kind: choice.value, first, last } : null);
    };
    const range = rangeOf(axis);
    const box = element("span", { className: "project" }, ...range.parts, choice);
    const update = () => {
      const one = state.projections[axis];
      choice.value = one?.kind ?? "";
      box.classList.toggle("ranged", !!one);
      box.closest(".axis")?.classList.toggle("ranging", !!one);
      range.parts.forEach((part) => {
        part.hidden = !one;
      });
      range.show();
    };
    updates.push(update);
    update();
    return box;
  };

  return {
    row,
    read: (pane) => {
      // of the plane that is drawn: the one that is asked for may be still to come
      const [item] = pane.items();
      return ((item?.key ?? "").split(/[ :@]/).find((part) => /[a-z]\d+-\d/.test(part)) ?? "")
        .split(".")
        .flatMap((part, axis) => {
          const [, kind, first, last] = /^([a-z]+)(\d+)-(\d+)$/.exec(part) ?? [];
          if (!kind) return [];
          const dtype = /max|min/.test(kind) ? "" : `, ${item.plane.dtype}`;
          return [{ text: `${kind} of ${axes[axis].name} ${first}–${last}${dtype}` }];
        });
    },
  };
}
