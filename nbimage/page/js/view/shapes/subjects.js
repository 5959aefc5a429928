// What is measured: the images that are shown, or the parts of them that are at hand, and which of
// their samples are inside of a shape.

import { findInside, nearest } from "./inside.js";
import { profilePoints } from "./numbers.js";

/** @typedef {import("../base/types.js").Explorer} Explorer */
/** @typedef {import("../base/types.js").ImageConfig} ImageConfig */
/** @typedef {import("../base/types.js").Pane} Pane */
/** @typedef {import("../base/types.js").Placement} Placement */
/** @typedef {import("../base/types.js").Shape} Shape */
/** @typedef {import("../values/samples.js").Plane} Plane */
/** @typedef {{name: string, plane: import("../base/types.js").Plane, image: ImageConfig,
 *   position: Placement}} Measured */
/**
 * An image, or a part of it, of which all samples are at hand.
 * @typedef {{name: string, plane: Plane, image: ImageConfig, position: Placement, times: number,
 *   whole?: import("../base/types.js").TiledPlane}}
 *   Subject `times`: of how many samples a side one of these is made
 */
/**
 * Of a part of a plane that is measured by Python: points in the image's own samples.
 * @typedef {{image: number, plane: import("../base/types.js").PlaneName, points: {x: number, y:
 *   number}[]}} Whole
 */
/** One of its channels. @typedef {{name: string, color: string, channel: number}} Part */

export const flat = (/** @type {Pane} */ { spec }) => String(spec.axes ?? "x,y") === "x,y";

/** Those that are compared, and what is shown in panes. */
/** @param {Explorer} explorer @returns {Measured[]} */
export function shownImages(explorer) {
  const { config, state, sources } = explorer;
  const { images, layout } = config;
  const compared = layout === "compare";
  const given = !compared
    ? []
    : (/side|blink/.test(state.mode) ? [...images.keys()] : [...new Set(state.pair)]).flatMap(
        (i) => {
          const plane = sources[i].peek(explorer.planeNumber());
          const { name, position } = images[i];
          return plane ? [{ name, plane, image: images[i], position }] : [];
        },
      );
  const shown = explorer.panes.filter(flat).flatMap((pane) =>
    pane.items().map(({ plane, image, position }) => ({
      name: compared ? image.name : pane.spec.name || image.name,
      plane,
      image,
      position,
    })),
  );
  const all = [...given, ...shown];
  const once = all.filter(({ plane }, i) => all.findIndex((one) => one.plane === plane) === i);
  const valued = once.filter(({ image }) => !image.labels); // none that only lie over another one
  return valued.length ? valued : once;
}

/** All images at an index along the axes. */
/** @param {Explorer} explorer @param {number[]} index @returns {Promise<Measured[]>} */
export const imagesAt = ({ config, sources, planeNumber }, index) =>
  Promise.all(
    config.images.map(async (image, i) => ({
      name: image.name,
      plane: await sources[i].plane(planeNumber(index)),
      image,
      position: image.position,
    })),
  );

/**
 * Where a shape is in an image's own samples: whole numbers are centers, rows are the array's.
 * @param {Pick<Shape, "points">} shape
 * @param {{image: ImageConfig, position: Placement}} measured
 */
export const ownPoints = ({ points }, { image: { rows, lower }, position }) =>
  points.map(({ x, y }) => {
    const down = (y - position.y) / position.sy;
    return {
      x: +((x - position.x) / position.sx - 0.5).toFixed(9),
      y: +(lower ? rows - down - 0.5 : down - 0.5).toFixed(9),
    };
  });

/**
 * What of the images is to be measured: a plane, or of one of tiles the part around a shape.
 * @param {Measured[]} all
 * @param {Shape} shape
 * @param {number} margin samples around it
 * @returns {Promise<Subject[]>}
 */
export async function findSubjects(all, shape, margin) {
  const found = all.map(async (measured) => {
    const { plane, image, position } = measured;
    if (!("tiled" in plane)) return [{ ...measured, plane, times: 1 }];
    if (plane.pictured) return [];
    const shown = ownPoints(shape, { image: { ...image, lower: false }, position });
    const [xs, ys] = [shown.map(({ x }) => x), shown.map(({ y }) => y)];
    const [x0, y0] = [Math.min(...xs) - margin, Math.min(...ys) - margin];
    const [x1, y1] = [Math.max(...xs) + margin + 1, Math.max(...ys) + margin + 1];
    if (x1 <= 0 || y1 <= 0 || x0 >= image.columns || y0 >= image.rows) return [];
    // the status of tiles says why
    const cut = await plane
      .cut(Math.max(0, x0), Math.max(0, y0), Math.min(image.columns, x1), Math.min(image.rows, y1))
      .catch(() => null);
    if (!cut) return [];
    const times = 2 ** cut.level;
    const { x, y, sx, sy } = position;
    const { rows, columns } = cut.plane;
    return [
      {
        name: measured.name,
        plane: cut.plane,
        image: { ...image, rows, columns },
        position: {
          x: x + cut.left * times * sx,
          y: y + cut.top * times * sy,
          sx: sx * times,
          sy: sy * times,
        },
        times,
        whole: plane,
      },
    ];
  });
  return (await Promise.all(found)).flat();
}

/** Where the first channel of a sample is in the data; -1: it is not in the image. */
/** @param {Subject} subject @param {number} x @param {number} row the array's */
function indexOf({ plane: { rows, columns, channels }, image }, x, row) {
  const y = image.lower ? rows - 1 - row : row;
  return x >= 0 && y >= 0 && x < columns && y < rows ? (y * columns + x) * channels : -1;
}

/** Where the samples inside of a shape are. @param {Subject} subject @param {Shape} shape */
export function samplesInside(subject, shape) {
  const { rows, columns } = subject.plane;
  const { top, left, height, width, mask } = findInside(
    shape.kind,
    ownPoints(shape, subject),
    rows,
    columns,
  );
  const found = new Uint32Array(mask.reduce((sum, one) => sum + one, 0));
  for (let i = 0, from = 0, to = 0; i < height; i++) {
    const row = indexOf(subject, left, top + i);
    for (let j = 0; j < width; j++)
      if (mask[from++]) found[to++] = row + j * subject.plane.channels;
  }
  return found;
}

/** Where the samples of each step along a line are. */
/** @param {Subject} subject @param {Shape} shape @param {number} width */
export const samplesAlong = (subject, shape, width) =>
  profilePoints(ownPoints(shape, subject), width).map(({ across }) =>
    across.flatMap(({ x, y }) => {
      const at = indexOf(subject, nearest(x), nearest(y));
      return at < 0 ? [] : [at];
    }),
  );

/**
 * The channels of what is measured.
 * @param {Subject[]} subjects
 * @returns {{subject: Subject, part: Part, order: number}[]}
 */
export const findParts = (subjects) =>
  subjects.flatMap((subject, order) =>
    (subject.image.colors.length ? subject.image.colors : [null]).map((one, channel) => ({
      subject,
      order,
      part: {
        name: `${subject.name} ${one?.name ?? ""}`.trim(),
        color: one ? `rgb(${one.color})` : order ? `hsl(${order * 137} 65% 50%)` : "var(--accent)",
        channel,
      },
    })),
  );
