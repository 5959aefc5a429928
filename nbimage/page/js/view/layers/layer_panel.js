// The list of layers: what is visible and how, and the labels of one of them.

import { button, element, setAria } from "../base/dom.js";
import { icon } from "../base/icons.js";
import { isAway } from "./sources.js";

/** @typedef {import("../base/types.js").Explorer} Explorer */
/** @typedef {import("../base/types.js").LayerState} LayerState */
/** @typedef {import("../base/types.js").Label} Label */
/** @typedef {import("./label_colors.js").LabelFacts} LabelFacts */

const MOST = 100; // labels that are listed at once
const FEW = 12; // that are seen without a search

const STYLE_OF_LAYERS = `
.layer button { padding: 0 4px; background: none; color: inherit; font-weight: 400 }
.layer b { flex: 1; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.layer > button + * + button { flex: 1; min-width: 0; text-align: left }
.layer [type=range] { width: 64px; flex: none }
.layer b, .layer small { font: inherit }
.swatch { flex: none; width: 14px; height: 14px; border-radius: 3px; box-sizing: border-box;
  border: 1px solid var(--line) }
.labels { margin: 0 0 8px 36px }
.labels > input { width: 100%; margin-top: 8px }
.list { max-height: 288px; overflow: auto; margin-top: 4px }
.list button { width: 100%; padding: 1px 4px; min-height: 24px; overflow-wrap: anywhere;
  text-align: left }
.list span { margin-left: auto; color: var(--dim) }
`;

/** @param {string} background */
const swatch = (background) => {
  const found = element("i", { className: "swatch" });
  found.style.background = background;
  return found;
};

/**
 * @param {Explorer} explorer
 * @param {(LabelFacts | null)[]} facts one a layer
 * @param {(layer: number) => Label[]} inView the labels that are seen
 * @param {(layer: number, change: Partial<LayerState>) => void} change
 */
export function layerPanel(explorer, facts, inView, change) {
  const { layers, images } = explorer.config;
  const [{ name: word, tiles, planes }] = images;
  /** @type {{name: string, count?: any, colors?: string[]}[]} the images, below all layers */
  const all = [{ name: (images.length < 2 && word) || "image" }, ...layers];
  const state = (/** @type {number} */ i) => explorer.state.layers[i] ?? explorer.state.image;
  let open = layers.findIndex(({ kind }) => kind === "labels");
  const rows = all.map(({ name, count, colors: [first] = [] }, at) => {
    const i = at - 1;
    const known = facts[i];
    const many = (known?.count ?? 0) > 1;
    const eye = button("", "", () => change(i, { visible: !state(i).visible }));
    const hues = [1, 2, 3, 4, 5, 6].map((id) => known?.color(id, null));
    const title = button("", "", () => {
      open = open === i ? -1 : i;
      refresh();
    });
    const own = at ? (many ? `${count ?? ""} labels` : "") : (tiles ?? planes[0]).dtype;
    const note = element("small", { className: "quiet" });
    title.append(element("b", { textContent: name }), note);
    const opacity = element("input", {
      type: "range",
      min: 0,
      max: 1,
      step: "any",
      label: `Opacity of ${name}`,
      oninput: () => change(i, { opacity: +opacity.value }),
    });
    const color = many ? `conic-gradient(${hues})` : (hues[0] ?? first);
    const row = element("div", { className: "row layer" }, eye, swatch(color), title, opacity);
    const more = known && labelList(i, known);
    return {
      parts: more ? [row, more.part] : [row],
      refresh: () => {
        const { visible, opacity: share } = state(i);
        eye.replaceChildren(icon(visible ? "eye" : "hidden"));
        eye.title = `${visible ? "Hide" : "Show"} ${name}`;
        setAria(eye, { label: eye.title });
        opacity.value = String(share);
        const away = at && isAway(layers[i], explorer.state, explorer.state.index);
        note.textContent = away ? "none here" : own;
        if (!more) return;
        setAria(title, { expanded: open === i });
        more.refresh(open === i);
      },
    };
  });

  /** @param {number} i @param {LabelFacts} known */
  function labelList(i, known) {
    const { name, ranges = {} } = layers[i];
    const chooser = (
      /** @type {string} */ text,
      /** @type {string[]} */ names,
      /** @type {(value: string) => Partial<LayerState>} */ as,
    ) => {
      const select = element(
        "select",
        { onchange: () => change(i, as(select.value)) },
        ...names.map((one) => new Option(one)),
      );
      return { select, field: element("label", { className: "field" }, text, select) };
    };
    const mode = chooser("drawn as", ["fill", "outline"], (value) => ({ fill: value === "fill" }));
    const by = chooser("color by", ["label", ...Object.keys(known.columns)], (value) => ({
      by: by.select.selectedIndex ? value : null,
    }));
    const legend = element("div", { className: "quiet" });
    const search = element("input", {
      type: "search",
      placeholder: "find a label",
      label: `Find one of ${name}`,
      oninput: () => fill(),
    });
    const list = element("div", { className: "list", role: "group", label: name });
    const fields = element("div", { className: "fields" }, mode.field, by.field);
    const part = element("div", { className: "labels" }, fields, legend, search, list);
    search.hidden = (layers[i].count ?? known.count) <= FEW;
    by.field.hidden = by.select.length < 2;
    let listed = "";
    const fill = () => {
      const { picked, by: key } = state(i);
      const text = search.value.trim().toLowerCase();
      const visible = inView(i);
      const all = text ? new Set([...known.ids, ...visible]) : visible;
      const found = [...all].filter((id) => `${id} ${known.name(id)}`.toLowerCase().includes(text));
      const some = found.slice(0, MOST);
      if (picked !== null && !some.includes(picked)) some.unshift(picked);
      const now = JSON.stringify([some, found.length, picked, key]);
      if (now === listed) return; // what has the focus stays
      listed = now;
      const more = found.length - some.length;
      list.replaceChildren(
        ...some.map((id) => {
          const title = known.name(id);
          const one = button("", "", () =>
            change(i, { picked: state(i).picked === id ? null : id }),
          );
          one.append(
            swatch(known.color(id, key)),
            title || String(id),
            element("span", { textContent: key ? known.value(id, key) : title && id }),
          );
          setAria(one, { pressed: picked === id });
          return one;
        }),
        more > 0 ? `and ${more} more` : "",
      );
    };
    return {
      part,
      refresh: (/** @type {boolean} */ shown) => {
        part.hidden = !shown;
        if (!shown) return;
        const { fill: filled, by: key } = state(i);
        mode.select.value = filled ? "fill" : "outline";
        if (key) by.select.value = key;
        else by.select.selectedIndex = 0;
        const range = ranges[key ?? ""];
        legend.textContent = range ? `${key} from ${range.join(" to ")}` : "";
        fill();
      },
    };
  }

  const style = element("style", { textContent: STYLE_OF_LAYERS });
  const panel = element("div", {}, style, ...[...rows].reverse().flatMap(({ parts }) => parts));
  const refresh = () => {
    if (explorer.state.panels.includes("layers")) for (const row of rows) row.refresh();
  };
  return { panel, refresh };
}
