// Lines and regions that are drawn to be measured: by the pointer, by keys or by numbers.

import { clamp } from "../base/camera.js";
import { button, element } from "../base/dom.js";
import { lineProfile, PROFILE_STYLE } from "./profile.js";
import { coveredSamples, toSamples } from "./statistics.js";
import { findSubjects, flat, KINDS } from "./subjects.js";
import { regionSummary } from "./summary.js";

/** @typedef {import("../base/types.js").Pane} Pane */
/** @typedef {import("./statistics.js").Ends} Ends */
/** @typedef {import("./subjects.js").Kind} Kind */

export const MEASURE_STYLE = `
.measured { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 4px; margin: 4px 0 }
.measured input { width: 60px }
.statistics { max-height: 240px; overflow: auto; font-variant-numeric: tabular-nums }
.statistics :is(th, td) { padding: 0 12px 0 0; text-align: right; white-space: nowrap;
  font-weight: 400 }
${PROFILE_STYLE}`;

const CORNERS = {
  line: [
    [0, 1],
    [2, 3],
  ],
  roi: [
    [0, 1],
    [2, 1],
    [2, 3],
    [0, 3],
  ],
}; // as indices in `Ends`
const NAMES = { line: "line", roi: "region" }; // on the page
const REACH = 10; // CSS pixels from a handle at which it is taken
/**
 * @param {import("../base/types.js").Explorer} explorer
 * @returns {import("../base/types.js").Control}
 */
export function measureControl(explorer) {
  const { config, state } = explorer;
  const { images } = config;
  const [first] = images;
  const { rows, columns } = first;
  const sizes = [columns, rows, columns, rows];

  // Whole samples: a line goes from the centre of one to that of another, a region between edges

  const snap = (/** @type {Kind} */ kind, /** @type {Ends} */ ends) =>
    ends.map((end, i) => {
      if (kind === "line") return clamp(Math.floor(end), 0, sizes[i] - 1) + 0.5;
      const other = ends[(i + 2) % 4];
      const start = clamp(Math.floor(Math.min(end, other)), 0, sizes[i] - 1);
      return i < 2 ? start : clamp(Math.ceil(Math.max(end, other)), start + 1, sizes[i]);
    });
  const drawnEnds = (/** @type {Kind} */ kind) => {
    const box = state[kind];
    return box && snap(kind, [box.x0, box.y0, box.x1, box.y1]);
  };
  const put = (/** @type {Kind} */ kind, /** @type {Ends} */ ends) => {
    const [x0, y0, x1, y1] = snap(kind, ends);
    explorer.set({ [kind]: { x0, y0, x1, y1 } });
  };

  const { comparedImages, fetchCuts, subjects } = findSubjects(explorer, drawnEnds);
  const profile = lineProfile(explorer, () => subjects("line"));
  const summary = regionSummary(() => subjects("roi"));

  // When: as a frame is drawn, and of few samples while things go on changing

  let dragging = false;
  let coming = false;
  let timer = 0;
  const measure = (fast = dragging || state.playing >= 0) => {
    const line = drawnEnds("line");
    const roi = drawnEnds("roi");
    clearTimeout(timer);
    if (line) profile.update(line);
    if (roi && summary.update(roi, fast)) timer = setTimeout(() => measure(false), 250);
  };
  const later = () => {
    if (coming) return;
    coming = true;
    explorer
      .settled()
      .then(fetchCuts)
      .catch(() => {})
      .then(() => {
        coming = false;
        measure();
      });
  };

  // By numbers, in the array's own order, and as Python

  /** @param {Kind} kind @param {Ends} ends @param {number} i @returns {string[]} */
  const python = (kind, ends, i) => {
    const image = images[i];
    const isLine = kind === "line";
    const own = (isLine ? toSamples : coveredSamples)(ends, image, true, image.position);
    const count = profile.count();
    const [xs, ys] = [0, 1].map((i) =>
      isLine
        ? `np.linspace(${own[i] - 0.5}, ${own[i + 2] - 0.5}, ${count}).round().astype(int)`
        : `${own[i]}:${own[i + 2]}`,
    );
    const index = config.order
      .filter((axis) => axis !== ":" || first.channels === 1 || image.channels > 1)
      .map((axis) =>
        axis === "y"
          ? isLine
            ? "rows"
            : ys
          : axis === "x"
            ? isLine
              ? "columns"
              : xs
            : axis === ":" || axis === config.facet
              ? ":"
              : axis === "0"
                ? 0
                : state.index[axis],
      );
    return [
      ...(isLine ? [`rows, columns = ${ys}, ${xs}`] : []),
      `${image.source}[${index.join(", ")}]`,
    ];
  };
  const panel = element("div", { hidden: true });
  const sections = KINDS.map((kind) => {
    const half = kind === "line" ? 0.5 : 0;
    const names = ["x0", "y0", "x1", "y1"];
    const inputs = names.map((name) =>
      element("input", { type: "number", label: `${NAMES[kind]} ${name}` }),
    );
    const copy = () =>
      explorer.copy(
        [...new Set(comparedImages().flatMap((i) => python(kind, drawnEnds(kind) ?? [], i)))].join(
          "\n",
        ),
      );
    const section = element(
      "section",
      {},
      element(
        "div",
        { className: "measured" },
        ...names.flatMap((name, i) => [i ? name : `${NAMES[kind]} ${name}`, inputs[i]]),
        button("copy", "Copy as Python", copy),
      ),
      ...(half
        ? profile.elements
        : [
            element(
              "div",
              { className: "statistics", role: "region", label: "Statistics", tabIndex: 0 },
              summary.table,
            ),
          ]),
    );
    section.onchange = () =>
      put(
        kind,
        toSamples(
          inputs.map(({ value }) => +value + half),
          first,
          true,
          first.position,
        ),
      );
    panel.append(section);
    return () => {
      const ends = drawnEnds(kind);
      section.hidden = !ends;
      if (ends)
        (half ? toSamples : coveredSamples)(ends, first, true, first.position).forEach((end, i) => {
          inputs[i].value = String(end - half);
        });
    };
  });
  const clear = () => explorer.set({ line: null, roi: null, tool: "move" });
  panel.append(button("clear", "Remove line and region (Esc)", clear));

  // In the pictures

  const corners = (/** @type {Kind} */ kind) => {
    const ends = drawnEnds(kind);
    return ends ? CORNERS[kind].map(([x, y]) => ({ x: ends[x], y: ends[y] })) : [];
  };
  /** @param {Pane} pane @param {CanvasRenderingContext2D} pen */
  const over = (pane, pen) => {
    if (!flat(pane)) return;
    const path = new Path2D();
    const line = drawnEnds("line");
    for (const kind of KINDS) {
      const spots = corners(kind).map(({ x, y }) => pane.toScreen(x, y));
      spots.forEach(({ x, y }, i) => path[i ? "lineTo" : "moveTo"](x, y));
      path.closePath();
      for (const { x, y } of spots) if (kind === state.tool) path.rect(x - 3, y - 3, 6, 6);
    }
    const mark = profile.marked();
    if (line && mark >= 0) {
      const [wx, wy] = [0, 1].map((i) => line[i] + mark * (line[i + 2] - line[i]));
      const { x, y } = pane.toScreen(wx, wy);
      path.moveTo(x + 5, y);
      path.arc(x, y, 5, 0, 7);
    }
    for (const [strokeStyle, lineWidth] of [
      ["#000", 3],
      ["#fff", 1],
    ]) {
      Object.assign(pen, { strokeStyle, lineWidth });
      pen.stroke(path);
    }
  };

  /** @param {Kind} kind @returns {import("../base/types.js").Tool} */
  const tool = (kind) => {
    /** @typedef {{x: number, y: number}} Spot */
    let press = { x: 0, y: 0 };
    /** @type {(to: Spot) => Ends} what is drawn when the pointer is there */
    let drag;
    const apart = (/** @type {Spot} */ a, /** @type {Spot} */ b, /** @type {Pane} */ pane) =>
      Math.hypot(a.x - b.x, a.y - b.y) * pane.scale;
    return {
      start: (at, pane) => {
        const ends = drawnEnds(kind);
        const taken = corners(kind).findIndex((spot) => apart(spot, at, pane) <= REACH);
        const { x, y } = at;
        press = at;
        const inside =
          kind === "roi" && ends && x > ends[0] && x < ends[2] && y > ends[1] && y < ends[3];
        if (ends && taken >= 0) {
          const [i, j] = CORNERS[kind][taken];
          drag = (to) => ends.with(i, to.x).with(j, to.y);
        } else if (ends && inside) {
          drag = (to) =>
            ends.map((end, i) => {
              const low = ends[i % 2];
              const way = Math.round(i % 2 ? to.y - y : to.x - x);
              return end + clamp(way, -low, sizes[i] - ends[(i % 2) + 2]);
            });
        } else drag = (to) => [x, y, to.x, to.y];
      },
      move: (at, pane) => {
        // a click changes nothing
        if (!flat(pane) || (!dragging && apart(at, press, pane) < 4)) return;
        dragging = true;
        put(kind, drag(at));
      },
      end: () => {
        dragging = false;
        later();
      },
    };
  };

  // What buttons and keys do

  const toggle = (/** @type {Kind} */ kind) =>
    explorer.set({ tool: state.tool === kind ? "move" : kind });
  const key = (/** @type {Kind} */ kind) => () => {
    toggle(kind);
    if (state.tool !== kind || drawnEnds(kind)) return;
    const { x0, y0, x1, y1 } = explorer.panes[0].visible();
    const ends = [x0, y0, x1, y1];
    put(
      kind,
      ends.map((end, i) => 0.75 * end + 0.25 * ends[(i + 2) % 4]),
    );
  };
  const bar = KINDS.map((kind, i) =>
    button(NAMES[kind], ["Line profile (l)", "Region (b)"][i], () => toggle(kind)),
  );
  const update = () => {
    bar.forEach((one, i) => one.setAttribute("aria-pressed", String(KINDS[i] === state.tool)));
    for (const one of sections) one();
    panel.hidden = !drawnEnds("line") && !drawnEnds("roi");
  };
  explorer.on((change) => {
    const changed = String(Object.keys(change));
    if (/line|roi|tool/.test(changed)) update(); // no other change may touch what is being typed
    if (!panel.hidden && /line|roi|index|mode|pair/.test(changed)) later();
  });
  update();
  if (!panel.hidden) later();
  const leave = () => {
    if (!panel.hidden) clear();
    else if (state.cursor) explorer.set({ cursor: null });
    else for (const { canvas } of explorer.panes) canvas.blur();
  };
  return {
    bar,
    panel,
    over,
    keys: { l: key("line"), b: key("roi"), Escape: leave },
    tools: { line: tool("line"), roi: tool("roi") },
  };
}
