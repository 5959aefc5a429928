// What is at a sample: its values, the coordinates with their units, the indices, names.

import { formatValue, minus, readValue } from "./format.js";

/** @typedef {import("../base/types.js").Item} Item */
/** @typedef {import("../base/types.js").Coordinates} Coordinates */
/**
 * One value, in five digits and in all that it has; or why there is none.
 * @typedef {{name: string, text: string, full: string, color?: ArrayLike<number>}} Value
 */
/**
 * @typedef {object} Reading
 * @property {Value[]} values of each channel, of each image
 * @property {string} unit
 * @property {string} where coordinates
 * @property {number} row
 * @property {number} column
 * @property {string} index into the array
 * @property {string[]} names of labels, and what else is to be known
 * @property {string} alone the values as they are copied
 */

const UNITS = {
  degrees: "°",
  degree: "°",
  deg: "°",
  degC: "°C",
  degree_C: "°C",
  degrees_Celsius: "°C",
  degree_Celsius: "°C",
  celsius: "°C",
  Celsius: "°C",
  um: "µm",
  micrometer: "µm",
  micron: "µm",
  angstrom: "Å",
  percent: "%",
};
const SIDES = { north: "NS", east: "EW", south: "SN", west: "WE", n: "NS", e: "EW" };
const NUMBER_DIGITS = 10; // of coordinates, at most
const MORE = 3; // digits of coordinates after those in which neighbours differ

/** A unit as it is written. @param {string} unit */
export const unitOf = (unit) => UNITS[/** @type {keyof typeof UNITS} */ (unit)] ?? unit;

/**
 * A number with its unit: "13.75° S", "−2 °C".
 * @param {string} text of a number
 * @param {string} unit
 */
function formatQuantity(text, unit) {
  const side = /^degrees?_?(north|east|south|west|n|e)$/i.exec(unit)?.[1];
  if (side) {
    const pair = SIDES[/** @type {keyof typeof SIDES} */ (side.toLowerCase())];
    const below = text.startsWith("-");
    return `${text.replace("-", "")}°${+text ? ` ${pair[+below]}` : ""}`;
  }
  const written = unitOf(unit);
  return `${minus(text)}${written && written !== "°" ? " " : ""}${written}`;
}

/**
 * The coordinate of a sample, in digits that tell neighbours apart; "" where there is none.
 * @param {Coordinates | null} coordinates
 * @param {number} index
 * @param {number} count of samples
 */
export function formatCoordinate(coordinates, index, count) {
  if (!coordinates) return "";
  const { texts, first = 0, step = 1, unit, label } = coordinates;
  if (texts) return unit ? formatQuantity(texts[index], unit) : minus(texts[index]);
  const farthest = Math.max(Math.abs(first), Math.abs(first + count * step));
  const digits = Math.ceil(Math.log10(farthest / Math.abs(step))) + MORE;
  const value = first + index * step;
  // none of a rounded sum that ought to be 0
  const near = Math.abs(value) < Math.abs(step) * 1e-9 ? 0 : value;
  const text = String(+near.toPrecision(Math.min(NUMBER_DIGITS, Math.max(4, digits || 0))));
  return unit || !label ? formatQuantity(text, unit) : `${label} ${minus(text)}`;
}

/**
 * The indices of a sample as the array counts.
 * @param {import("../base/types.js").Config["order"]} order
 * @param {(number | string)[]} index along the further axes
 * @param {number} row
 * @param {number} column
 */
export function formatIndex(order, index, row, column) {
  const parts = order.map((part) =>
    part === "y" ? row : part === "x" ? column : typeof part === "number" ? index[part] : part,
  );
  while (parts.at(-1) === ":") parts.pop();
  return `[${parts.join(", ")}]`;
}

/**
 * @param {Pick<Item, "plane" | "image" | "display">} item
 * @param {number} x
 * @param {number} y a sample
 * @param {string} of what it is called
 */
function valuesAt({ plane, image, display }, x, y, of) {
  const found = plane.at(y, x);
  if (!found) {
    const why = ("tiled" in plane && plane.trouble(y, x)) || "…";
    return [{ name: of, text: why, full: why }];
  }
  return found.map((value, i) => {
    const composite = image.kind === "composite";
    const name = composite ? image.colors[i].name : "";
    return {
      name: [i ? "" : of, name].filter(Boolean).join(" "),
      text: readValue(value, plane.dtype),
      full: formatValue(value, plane.dtype),
      ...(composite && { color: display.colors?.[i] ?? image.colors[i].color }),
    };
  });
}

/**
 * What is at a sample of an item, and at the same position in all others.
 * @param {Item} item
 * @param {{x: number, y: number}} sample
 * @param {{name: string, item: Item}[]} all
 * @returns {Omit<Reading, "index">}
 */
export function describeSample(item, { x, y }, all) {
  const { image, position } = item;
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
    const values = inside
      ? valuesAt(other, there.x, there.y, name)
      : [{ name, text: "–", full: "" }];
    const alone = values.map(({ full }) => full).join(", ");
    return { values, copied: name ? `${name}: ${alone}` : alone, image: other.image };
  });
  const values = found.flatMap((one) => one.values);
  const called = found.flatMap((one) =>
    one.values.map(({ full }) => one.image.names?.[full] ?? "").filter(Boolean),
  );
  return {
    values,
    // NaN is none of any unit
    unit: values.some(({ full }) => /\d|inf/.test(full)) ? unitOf(image.unit) : "",
    where: [formatCoordinate(image.x, x, image.columns), formatCoordinate(image.y, y, image.rows)]
      .filter(Boolean)
      .join(", "),
    row: image.lower ? image.rows - 1 - y : y,
    column: x,
    names: [...new Set(called), ...(image.exact ? [] : ["7 digits"])],
    alone: found.map(({ copied }) => copied).join(found.length > 1 ? "\n" : ""),
  };
}
