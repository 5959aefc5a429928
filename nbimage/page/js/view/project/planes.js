// Which planes become one, what that is called, and the source that makes them of planes in the
// page. Python has the names in nbimage/view/project/projections.py.

import { typedArray } from "../base/bytes.js";
import { Embedded, Plane } from "../values/samples.js";
import { Projector } from "./reduce.js";

/** @typedef {import("../base/types.js").Config} Config */
/** @typedef {import("../base/types.js").ImageConfig} ImageConfig */
/** @typedef {import("../base/types.js").PlaneName} PlaneName */
/** @typedef {import("./reduce.js").Run} Run */

const BLOCK = 2 ** 20; // samples that are projected together
const MOST_MS = 12; // until the page has its turn

/**
 * A plane's number, or its name where planes become one: "4.max0-9".
 * @param {number[]} index
 * @param {import("../base/types.js").State["projections"]} projections
 * @param {Config["axes"]} axes
 * @returns {PlaneName}
 */
export function namePlane(index, projections, axes) {
  if (projections?.some((one) => one))
    return index
      .map((at, axis) => {
        const one = projections[axis];
        return one ? `${one.kind}${one.first}-${one.last}` : at;
      })
      .join(".");
  return axes.reduce((number, { size }, axis) => number * size + index[axis], 0);
}

/**
 * The planes that become one, in the order in which they are given, and by which steps.
 * @param {string} name
 * @param {Config["axes"]} axes
 */
function parsePlane(name, axes) {
  /** @type {Run[]} */
  const runs = [];
  let members = [0];
  name.split(".").forEach((part, axis) => {
    const [, kind, first, last] = /^([a-z]+)?(\d+)-?(\d*)$/.exec(part) ?? [];
    const { size } = axes[axis];
    const count = kind ? +last - +first + 1 : 1;
    members = members.flatMap((one) =>
      Array.from({ length: count }, (_, i) => one * size + +first + i),
    );
    const run = runs[runs.length - 1];
    if (kind && run?.kind === kind) run.count *= count;
    else if (kind) runs.push({ kind, count });
  });
  return { runs, members };
}

/** How many channels, if the last one is alpha; else 0. @param {ImageConfig} image */
export const alphaOf = ({ kind, channels }) =>
  kind !== "composite" && channels % 2 === 0 ? channels : 0;

/** The planes of a page, and what becomes of several. */
export class ProjectedSource extends Embedded {
  /** @param {ImageConfig} image @param {Config["axes"]} axes */
  constructor(image, axes) {
    super(image);
    this.axes = axes;
  }

  /** @param {PlaneName} name @param {() => boolean} wanted @returns {Promise<any>} */
  async make(name, wanted) {
    if (typeof name === "number") return super.make(name, wanted);
    const { image } = this;
    const { runs, members } = parsePlane(name, this.axes);
    const dtypes = [...new Set(members.map((one) => image.planes[one].dtype))];
    // some planes may be stored as smaller numbers
    const whole = dtypes.every((one) => /int/.test(one));
    const large = (whole && dtypes.find((one) => /int64/.test(one))) || "";
    const same = !dtypes[1] && runs.every(({ kind }) => /max|min/.test(kind));
    const total = image.rows * image.columns * image.channels;
    /** @type {any} */
    let own = same ? new (typedArray(dtypes[0]))(total) : null;
    let since = performance.now();
    for (let from = 0; from < total; from += BLOCK) {
      const projector = new Projector(runs, large, !!dtypes[1], alphaOf(image));
      for (const member of members) {
        projector.add(this.peek(member) ?? (await this.plane(member)), from, from + BLOCK);
        if (performance.now() - since < MOST_MS) continue;
        await new Promise((done) => setTimeout(done));
        if (!wanted()) return null;
        since = performance.now();
      }
      own ??= new projector.values.constructor(total);
      own.set(projector.values, from);
    }
    const dtype = same ? dtypes[0] : typeof own[0] === "bigint" ? large : "float64";
    return Plane.of(image, dtype, own, image.base);
  }
}
