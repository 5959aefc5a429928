// Statistics of a region, one row a channel.

import { element } from "../base/dom.js";
import { coveredSamples, findStatistics } from "./statistics.js";
import { value } from "./subjects.js";

/** @typedef {import("./statistics.js").Ends} Ends */

const ROUGH = 200000; // samples that are looked at while a region changes

/** @param {() => import("./subjects.js").Subject[]} subjects */
export function regionSummary(subjects) {
  const table = element("table");
  /**
   * @param {Ends} region
   * @param {boolean} fast
   * @returns {boolean} whether not all samples were looked at
   */
  const update = (region, fast) => {
    const all = subjects();
    const area = ([x0, y0, x1, y1] = region) => (x1 - x0) * (y1 - y0);
    const step = fast ? Math.ceil(Math.sqrt((area() * all.length) / ROUGH)) : 1;
    const about = step > 1 ? "≈ " : "";
    const found = all.map((subject) => {
      const {
        name,
        plane,
        image: { base },
        channel,
      } = subject;
      const own = coveredSamples(region, subject.image, false, subject.position);
      const { share, low, high, mean, std } = findStatistics(plane, own, channel, step);
      const finite = Math.round(share * area(own));
      const lacking = area(own) - finite;
      const whole =
        base === "0" || mean !== mean
          ? +mean.toPrecision(10)
          : BigInt(base) + BigInt(Math.round(mean));
      const numbers = [
        finite + (lacking ? ` (${lacking} missing)` : ""),
        value(subject, low),
        value(subject, high),
        whole,
        +std.toPrecision(10),
      ];
      return [name, ...numbers.map((one) => about + one)];
    });
    table.replaceChildren(
      ...[["", "count", "min", "max", "mean", "std"], ...found].map((row, i) =>
        element(
          "tr",
          {},
          ...row.map((textContent, j) => element(i && j ? "td" : "th", { textContent })),
        ),
      ),
    );
    return step > 1;
  };

  return { table, update };
}
