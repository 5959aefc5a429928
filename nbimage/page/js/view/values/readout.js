// The readout of a sample: where it is, and each value there.

import { formatValue } from "./format.js";

/** @typedef {import("../base/types.js").Item} Item */
/** @typedef {import("../base/types.js").Coordinates} Coordinates */
/**
 * @typedef {{where: string, values: string, alone: string}} Reading `alone`: the values as they are
 *   copied
 */

const SYMBOLS = {
  degrees_north: "°N",
  degrees_east: "°E",
  degrees_south: "°S",
  degrees_west: "°W",
  degrees: "°",
};

/** @param {string} unit */
const ofUnit = (unit) =>
  unit ? ` ${SYMBOLS[/** @type {keyof typeof SYMBOLS} */ (unit)] ?? unit}` : "";

/** @param {Coordinates | null} coordinates @param {number} index */
export function formatCoordinate(coordinates, index) {
  if (!coordinates) return "";
  const text =
    coordinates.texts?.[index] ??
    String(+((coordinates.first ?? 0) + index * (coordinates.step ?? 1)).toPrecision(10));
  return `${coordinates.label ? `${coordinates.label} ` : ""}${text}${ofUnit(coordinates.unit)}`;
}

/** @param {Pick<Item, "plane" | "image">} item @param {number} x @param {number} y a sample */
function valuesAt({ plane, image }, x, y) {
  const values = plane.at(y, x)?.map((value) => formatValue(value, plane.dtype)) ?? [
    "tiled" in plane && plane.trouble(y, x) ? "can't be read" : "…",
  ];
  // NaN is none of any unit
  const unit = values.some((value) => /\d|inf/.test(value)) ? ofUnit(image.unit) : "";
  const named =
    image.kind === "composite"
      ? values.map((value, i) => `${image.colors[i].name} ${value}`)
      : values.map((value) => `${value} ${image.names?.[value] ?? ""}`.trim());
  return {
    alone: values.join(", "),
    text: `${named.join(", ")}${unit}${image.exact ? "" : " (7 digits)"}`,
  };
}

/**
 * What is at a sample of an item, and at the same position in all others.
 * @param {Item} item @param {{x: number, y: number}} sample
 * @param {{name: string, item: Item}[]} all
 * @param {[string, string]} axes the names of x and y
 * @returns {Reading}
 */
export function describeSample(item, { x, y }, all, [across, along]) {
  const { image, position } = item;
  const row = image.lower ? image.rows - 1 - y : y;
  const describe = (
    /** @type {string} */ name,
    /** @type {number} */ index,
    /** @type {string} */ there,
  ) => `${name} ${index}${there && ` (${there})`}`;
  const first = describe(across, x, formatCoordinate(image.x, x));
  const where = `${first}, ${describe(along, row, formatCoordinate(image.y, y))}`;
  const world = {
    x: position.x + (x + 0.5) * position.sx,
    y: position.y + (y + 0.5) * position.sy,
  };
  const found = all.map(({ name, item: { key, position: own, ...other } }) => {
    const there =
      key === item.key
        ? { x, y }
        : { x: Math.floor((world.x - own.x) / own.sx), y: Math.floor((world.y - own.y) / own.sy) };
    const inside =
      there.x >= 0 && there.y >= 0 && there.x < other.image.columns && there.y < other.image.rows;
    return { name, ...(inside ? valuesAt(other, there.x, there.y) : { alone: "", text: "–" }) };
  });
  if (found.length === 1) return { where, values: found[0].text, alone: found[0].alone };
  return {
    where,
    values: found.some(({ text }) => text && text !== "–")
      ? found.map(({ name, text }) => `${name}: ${text}`).join("  |  ")
      : "",
    alone: found.map(({ name, alone }) => `${name}: ${alone}`).join("\n"),
  };
}
