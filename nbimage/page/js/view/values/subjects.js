// What is measured: each channel of the images that are shown, or of the part of one that is at
// hand.

import { formatValue } from "./format.js";
import { coveredSamples } from "./statistics.js";

/** @typedef {import("../base/types.js").ImageConfig} ImageConfig */
/** @typedef {import("../base/types.js").Item} Item */
/** @typedef {import("../base/types.js").Pane} Pane */
/** @typedef {import("../base/types.js").Placement} Placement */
/** @typedef {import("../base/types.js").TiledPlane} TiledPlane */
/** @typedef {import("./samples.js").Plane} Plane */
/** @typedef {import("./statistics.js").Ends} Ends */
/** @typedef {"line" | "roi"} Kind */
/**
 * The part of a tiled plane that is measured.
 * @typedef {{plane: Plane, level: number, left: number, top: number}} Cut
 */
/**
 * A channel that is measured.
 * @typedef {{name: string, plane: Plane, image: ImageConfig, position: Placement, channel: number,
 *   color: string, dash: number}} Subject
 */

export const KINDS = /** @type {const} */ (["line", "roi"]);

export const flat = (/** @type {Pane} */ { spec }) => String(spec.axes ?? "x,y") === "x,y";

/** A sample's value as text. @param {Subject} subject @param {number} at in the plane, -1: none */
export const value = ({ plane }, at) => (at < 0 ? "–" : formatValue(plane.own[at], plane.dtype));

/**
 * @param {import("../base/types.js").Explorer} explorer
 * @param {(kind: Kind) => Ends | null} drawnEnds what is drawn of a kind
 */
export function findSubjects(explorer, drawnEnds) {
  const { config, state } = explorer;
  const { images, layout } = config;

  const comparedImages = () =>
    layout === "compare" && state.mode !== "side" ? [...new Set(state.pair)] : [...images.keys()];
  /** @type {Map<TiledPlane, Partial<Record<Kind, Cut>>>} */
  const cuts = new Map();
  /** @type {Map<TiledPlane, Item>} those that are shown */
  const large = new Map();
  /**
   * What is measured of an item: all of a plane, or the part that is at hand.
   * @param {Item} item
   * @param {Kind} kind
   */
  const measuredItems = ({ plane, image, position, ...rest }, kind) => {
    if (!("tiled" in plane)) return [{ ...rest, plane, image, position }];
    large.set(plane, { plane, image, position, ...rest });
    const cut = cuts.get(plane)?.[kind];
    if (!cut) return [];
    const { rows, columns } = cut.plane;
    const times = 2 ** cut.level;
    const { x, y, sx, sy } = position;
    const part = {
      x: x + cut.left * times * sx,
      y: y + cut.top * times * sy,
      sx: sx * times,
      sy: sy * times,
    };
    return [
      {
        ...rest,
        plane: cut.plane,
        image: {
          ...image,
          rows,
          columns,
          name:
            times > 1
              ? `${image.name} ${image.labels ? "one" : "means"} of ${times}×${times}`.trim()
              : image.name,
        },
        position: part,
      },
    ];
  };
  /** Fetch what is to be measured of planes of tiles. */
  const fetchCuts = async () => {
    large.clear();
    for (const kind of KINDS) subjects(kind);
    await Promise.all(
      [...large].flatMap(([plane, { image, position }]) =>
        KINDS.map(async (kind) => {
          const ends = drawnEnds(kind);
          if (!ends || plane.pictured) return;
          const [x0, y0, x1, y1] = coveredSamples(
            ends.map((end, i) =>
              kind === "roi"
                ? end
                : i < 2
                  ? Math.min(end, ends[i + 2]) - 1
                  : Math.max(end, ends[i - 2]) + 1,
            ),
            image,
            false,
            position,
          );
          if (x1 <= x0 || y1 <= y0) return;
          // the status of tiles says why
          const cut = await plane.cut(x0, y0, x1, y1).catch(() => undefined);
          cuts.set(plane, { ...cuts.get(plane), [kind]: cut });
        }),
      ),
    );
    for (const plane of cuts.keys()) if (!large.has(plane)) cuts.delete(plane);
  };
  /** @param {Kind} kind @returns {Subject[]} */
  const subjects = (kind) => {
    const compareControl = layout === "compare";
    const derived = /^[da]/.test(state.mode);
    const shown =
      compareControl && !derived
        ? []
        : explorer.panes.filter(flat).flatMap((pane) =>
            pane
              .items()
              .flatMap((item) => measuredItems(item, kind))
              .map((item) => ({
                ...item,
                name: compareControl || !pane.spec.name ? item.image.name : pane.spec.name,
              })),
          );
    const given = compareControl
      ? comparedImages().flatMap((i) => {
          const plane = explorer.sources[i].peek(explorer.planeNumber());
          const item = plane && {
            key: "",
            plane,
            image: images[i],
            display: explorer.displayOf(i),
            position: images[i].position,
          };
          return item
            ? measuredItems(item, kind).map((one) => ({ ...one, name: one.image.name }))
            : [];
        })
      : [];
    const parts = (/** @type {ImageConfig} */ { colors: all }) => (all.length ? all : [null]);
    return [...given, ...shown].flatMap(({ name, plane, image, position }, order) =>
      parts(image).map((part, channel) => ({
        name: `${name} ${part?.name ?? ""}`.trim(),
        plane,
        image,
        position,
        channel,
        dash: order % 3,
        color: part ? `rgb(${part.color})` : order ? `hsl(${order * 137} 65% 50%)` : "currentColor",
      })),
    );
  };

  return { comparedImages, fetchCuts, subjects };
}
