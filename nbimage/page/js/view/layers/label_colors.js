// What is known of labels: names, properties and colors.

import { decodeBase64 } from "../base/bytes.js";
import { numberLabel } from "../base/labels.js";
import { readNumber } from "../values/format.js";

/** @typedef {import("../base/types.js").LayerConfig} LayerConfig */
/** @typedef {import("../base/types.js").Label} Label */

/** What is known of the labels of a layer. */
export class LabelFacts {
  /** @param {LayerConfig} layer */
  constructor({ palette = "", labels = 0, ids = [], names = {}, properties = {}, tints = {} }) {
    this.names = names;
    this.columns = properties;
    this.ids = ids;
    this.tints = tints;
    this.count = labels;
    this.palette = decodeBase64(palette);
    this.rows = new Map(ids.map((id, row) => [String(id), row]));
  }

  /** @param {Label | bigint} id */
  name(id) {
    return this.names[String(id)] ?? "";
  }

  /** A property of a label. @param {Label | bigint} id @param {string} key */
  value(id, key) {
    const value = this.columns[key]?.[this.rows.get(String(id)) ?? -1] ?? "";
    return typeof value === "number" ? readNumber(value) : value;
  }

  /** All that is known of a label. @param {Label | bigint} id */
  about(id) {
    const all = Object.keys(this.columns).map((key) => [key, this.value(id, key)]);
    return all.filter(([, value]) => value !== "").map((pair) => pair.join(" "));
  }

  /**
   * A label's color, #rrggbb or #rrggbbaa: by a column, its own, or one of many.
   * @param {Label} id
   * @param {string | null} by
   */
  color(id, by) {
    const tint = this.tints[by ?? ""]?.[this.rows.get(String(id)) ?? -1];
    if (tint || by) return tint ?? "#808080";
    const from = 4 * numberLabel(+id, this.count);
    const hex = [...this.palette.subarray(from, from + 4)].map((n) =>
      n.toString(16).padStart(2, "0"),
    );
    return `#${hex.join("")}`;
  }
}
