// What the values of a part are: a profile along a line, statistics of a region.

import { clamp } from "../base/camera.js";
import { button, made } from "../base/dom.js";
import { written } from "./color.js";

/** @typedef {import("../base/types.js").ImageConfig} ImageConfig */
/** @typedef {import("../base/types.js").Place} Place */
/** @typedef {import("../base/types.js").Pane} Pane */
/** @typedef {import("./samples.js").Plane} Plane */
/** @typedef {import("../tiles/tiled_plane.js").TiledPlane} TiledPlane */
/**
 * The part of a tiled plane that is measured.
 * @typedef {{plane: Plane, level: number, left: number, top: number}} Cut
 */
/** Where a line or region begins and ends: x0, y0, x1, y1. @typedef {number[]} Ends */
/** @typedef {"line" | "box"} Kind */
/**
 * A channel that is measured.
 * @typedef {{name: string, plane: Plane, image: ImageConfig, place: Place, channel: number, color:
 *   string, dash: number}} Subject
 */
/** Where its values are in the plane, -1: outside. @typedef {Subject & {at: number[]}} Curve */

export const MEASURE_STYLE = `
.measured { display: flex; flex-wrap: wrap; align-items: center; gap: 2px 4px; margin: 4px 0 }
.measured input { width: 60px }
.profile { position: relative; max-width: 640px; background: rgba(128,128,128,.1) }
.profile:focus-within { outline: 2px solid #4c9aff }
.profile div { padding: 0 4px }
.profile svg { display: block; width: 100%; height: 84px; overflow: visible; fill: none;
  filter: drop-shadow(0 0 1px #888) }
.profile path { stroke-width: 1.5; stroke-linecap: round; vector-effect: non-scaling-stroke }
.profile i { position: absolute; inset: 0 auto; border-left: 1px solid #4c9aff }
.profile input { position: absolute; inset: 0; width: 100%; opacity: 0; cursor: crosshair }
.curves { display: flex; flex-wrap: wrap; gap: 0 12px; font-variant-numeric: tabular-nums }
.curves b { text-shadow: 0 0 1px #888 }
.statistics { max-height: 240px; overflow: auto; font-variant-numeric: tabular-nums }
.statistics :is(th, td) { padding: 0 12px 0 0; text-align: right; white-space: nowrap;
  font-weight: 400 }
`;

const CURVE = '<svg preserveAspectRatio="none" aria-hidden="true"><path></path></svg>';
const DASHES = [
  ["", "━"],
  ["6 3", "╍"],
  ["1 4", "┉"],
];
const KINDS = /** @type {const} */ (["line", "box"]);
const CORNERS = {
  line: [
    [0, 1],
    [2, 3],
  ],
  box: [
    [0, 1],
    [2, 1],
    [2, 3],
    [0, 3],
  ],
}; // as places in `Ends`
const REACH = 10; // CSS pixels from a handle at which it is taken
const ROUGH = 200000; // samples that are looked at while a region changes

/**
 * The same as np.linspace(from, to, count).round(): of two the even one.
 * @param {number} from
 * @param {number} to
 * @param {number} count
 */
function stepped(from, to, count) {
  return Array.from({ length: count }, (_, i) => {
    const at = i && i === count - 1 ? to : i * ((to - from) / (count - 1 || 1)) + from;
    const near = Math.round(at);
    return near - at === 0.5 && near % 2 ? near - 1 : near;
  });
}

/**
 * In an image's samples: 0 is the edge of the first one.
 * @param {Ends} ends
 * @param {ImageConfig} image
 * @param {boolean} own rows as the array has them, not as shown @param {Place} place
 */
function inImage(ends, { rows, lower }, own, { x, y, sx, sy }) {
  return ends.map((end, i) =>
    i % 2 === 0 ? (end - x) / sx : own && lower ? rows - (end - y) / sy : (end - y) / sy,
  );
}

/**
 * The samples with their centres in a region.
 * @param {Ends} ends
 * @param {ImageConfig} image
 * @param {boolean} own
 * @param {Place} place
 */
function covered(ends, image, own, place) {
  const all = inImage(ends, image, own, place).map((end, i) =>
    clamp(Math.round(end), 0, i % 2 ? image.rows : image.columns),
  );
  return all.map((end, i) => (i < 2 ? Math.min : Math.max)(end, all[(i + 2) % 4]));
}

/**
 * Numbers of the finite values; each row is summed by itself, so that little is rounded.
 * @param {Plane} plane @param {Ends} region @param {number} channel @param {number} step
 */
function statistics(plane, [x0, y0, x1, y1], channel, step) {
  const { data } = plane.level(0);
  const { own, columns, channels } = plane;
  const pass = (/** @type {number} */ origin) => {
    let seen = 0;
    let count = 0;
    let low = -1;
    let high = -1;
    let least = Infinity;
    let most = -Infinity;
    let sum = 0;
    let squares = 0;
    for (let y = y0; y < y1; y += step) {
      let rowSum = 0;
      let rowSquares = 0;
      for (let x = x0; x < x1; x += step) {
        const at = (y * columns + x) * channels + channel;
        const value = data[at];
        const from = value - origin;
        seen++;
        if (value - value !== 0) continue;
        count++;
        rowSum += from;
        rowSquares += from * from;
        // what is the same in `data` may not be in the array's own, of 64 bits
        if (value < least || (value === least && own[at] < own[low])) [least, low] = [value, at];
        if (value > most || (value === most && own[at] > own[high])) [most, high] = [value, at];
      }
      sum += rowSum;
      squares += rowSquares;
    }
    return {
      share: count / (seen || 1),
      low,
      high,
      mean: origin + sum / count,
      std: Math.sqrt(squares / count),
    };
  };
  return pass(pass(0).mean);
}

/**
 * @param {import("../base/types.js").Explorer} explorer
 * @returns {import("../base/types.js").Part}
 */
export function measuring(explorer) {
  const { config, state } = explorer;
  const { images, layout } = config;
  const [first] = images;
  const { rows, columns, x: across, y: down } = first;
  const sizes = [columns, rows, columns, rows];
  const flat = (/** @type {Pane} */ { spec }) => String(spec.axes ?? "x,y") === "x,y";

  // Whole samples: a line goes from the centre of one to that of another, a region between edges

  const snapped = (/** @type {Kind} */ kind, /** @type {Ends} */ ends) =>
    ends.map((end, i) => {
      if (kind === "line") return clamp(Math.floor(end), 0, sizes[i] - 1) + 0.5;
      const other = ends[(i + 2) % 4];
      const start = clamp(Math.floor(Math.min(end, other)), 0, sizes[i] - 1);
      return i < 2 ? start : clamp(Math.ceil(Math.max(end, other)), start + 1, sizes[i]);
    });
  const drawn = (/** @type {Kind} */ kind) => {
    const box = state[kind];
    return box && snapped(kind, [box.x0, box.y0, box.x1, box.y1]);
  };
  const put = (/** @type {Kind} */ kind, /** @type {Ends} */ ends) => {
    const [x0, y0, x1, y1] = snapped(kind, ends);
    explorer.set({ [kind]: { x0, y0, x1, y1 } });
  };

  // What is measured

  const compared = () =>
    layout === "compare" && state.mode !== "side" ? [...new Set(state.pair)] : [...images.keys()];
  /** @type {Map<TiledPlane, Partial<Record<Kind, Cut>>>} */
  const cuts = new Map();
  /** @type {Map<TiledPlane, import("../base/types.js").Item>} those that are shown */
  const large = new Map();
  /**
   * What is measured of an item: all of a plane, or the part that is at hand.
   * @param {import("../base/types.js").Item} item
   * @param {Kind} kind
   */
  const measured = ({ plane, image, place, ...rest }, kind) => {
    if (!("tiled" in plane)) return [{ ...rest, plane, image, place }];
    large.set(plane, { plane, image, place, ...rest });
    const cut = cuts.get(plane)?.[kind];
    if (!cut) return [];
    const { rows, columns } = cut.plane;
    const times = 2 ** cut.level;
    const { x, y, sx, sy } = place;
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
          name: times > 1 ? `${image.name} means of ${times}×${times}`.trim() : image.name,
        },
        place: part,
      },
    ];
  };
  /** Fetch what is to be measured of planes of tiles. */
  const fetched = async () => {
    large.clear();
    for (const kind of KINDS) subjects(kind);
    await Promise.all(
      [...large].flatMap(([plane, { image, place }]) =>
        KINDS.map(async (kind) => {
          const ends = drawn(kind);
          if (!ends || plane.pictured) return;
          const [x0, y0, x1, y1] = covered(
            ends.map((end, i) =>
              kind === "box"
                ? end
                : i < 2
                  ? Math.min(end, ends[i + 2]) - 1
                  : Math.max(end, ends[i - 2]) + 1,
            ),
            image,
            false,
            place,
          );
          if (x1 <= x0 || y1 <= y0) return;
          // why is told where tiles are
          const cut = await plane.cut(x0, y0, x1, y1).catch(() => undefined);
          cuts.set(plane, { ...cuts.get(plane), [kind]: cut });
        }),
      ),
    );
    for (const plane of cuts.keys()) if (!large.has(plane)) cuts.delete(plane);
  };
  /** @param {Kind} kind @returns {Subject[]} */
  const subjects = (kind) => {
    const comparing = layout === "compare";
    const derived = /^[da]/.test(state.mode);
    const shown =
      comparing && !derived
        ? []
        : explorer.panes.filter(flat).flatMap((pane) =>
            pane
              .items()
              .flatMap((item) => measured(item, kind))
              .map((item) => ({
                ...item,
                name: comparing || !pane.spec.name ? item.image.name : pane.spec.name,
              })),
          );
    const given = comparing
      ? compared().flatMap((i) => {
          const plane = explorer.sources[i].peek(explorer.index());
          const item = plane && {
            key: "",
            plane,
            image: images[i],
            look: explorer.look(i),
            place: images[i].place,
          };
          return item ? measured(item, kind).map((one) => ({ ...one, name: one.image.name })) : [];
        })
      : [];
    const parts = (/** @type {ImageConfig} */ { parts: all }) => (all.length ? all : [null]);
    return [...given, ...shown].flatMap(({ name, plane, image, place }, order) =>
      parts(image).map((part, channel) => ({
        name: `${name} ${part?.name ?? ""}`.trim(),
        plane,
        image,
        place,
        channel,
        dash: order % 3,
        color: part ? `rgb(${part.color})` : order ? `hsl(${order * 137} 65% 50%)` : "currentColor",
      })),
    );
  };
  const value = (/** @type {Subject} */ { plane }, /** @type {number} */ at) =>
    at < 0 ? "–" : written(plane.own[at], plane.dtype);

  // Along the line

  const most = made("div");
  const least = made("div");
  const marker = made("i");
  const legend = made("div", { className: "curves" });
  const along = made("input", { type: "range", min: 0, label: "Place along the line" });
  const plot = made("div", { innerHTML: CURVE });
  const svg = /** @type {SVGElement} */ (plot.firstChild);
  const template = /** @type {SVGElement} */ (svg.firstChild);
  const [stepX, stepY, unit] =
    across?.step && down?.step && across.unit === down.unit
      ? [across.step, down.step, across.unit]
      : [1, 1, "samples"];
  /** @type {Curve[]} */
  let curves = [];
  let count = 0;
  let length = 0;
  let mark = -1; // which sample is marked

  const share = () => mark / (count - 1 || 1);
  const distance = (/** @type {number} */ part) => `${+(length * part).toPrecision(6)} ${unit}`;
  const point = (/** @type {number} */ to) => {
    mark = to;
    legend.replaceChildren(
      distance(to < 0 ? 1 : share()),
      ...curves.map((curve) => {
        const sign = made("b", {
          textContent: curves.length > 1 ? `${DASHES[curve.dash][1]} ` : "",
        });
        sign.style.color = curve.color;
        return made(
          "span",
          {},
          sign,
          curve.name,
          to < 0 ? "" : ` ${value(curve, curve.at[to])} ${curve.image.unit}`,
        );
      }),
    );
    marker.hidden = to < 0;
    marker.style.left = `${100 * share()}%`;
    along.value = String(to);
    along.setAttribute("aria-valuetext", legend.innerText);
    explorer.draw(); // it is marked in the picture too
  };
  along.oninput = () => point(+along.value);
  along.onpointermove = ({ offsetX }) =>
    point(clamp(Math.round((offsetX / along.clientWidth) * (count - 1)), 0, count - 1));
  along.onpointerleave = () => point(-1);
  along.onblur = () => point(-1);
  // Home and End too, where nothing changes
  along.onfocus = () => point(+along.value);
  along.onkeyup = () => point(+along.value);

  const profile = (/** @type {Ends} */ line) => {
    const [dx, dy] = [line[2] - line[0], line[3] - line[1]];
    count = Math.ceil(Math.hypot(dx, dy)) + 1;
    length = Math.hypot(dx * stepX, dy * stepY);
    let low = Infinity;
    let high = -Infinity;
    most.textContent = "–";
    least.textContent = "–";
    curves = subjects("line").map((subject) => {
      const { plane, image, place, channel } = subject;
      const { data } = plane.level(0);
      const [x0, y0, x1, y1] = inImage(line, image, true, place).map((end) => end - 0.5);
      const ys = stepped(y0, y1, count);
      const at = stepped(x0, x1, count).map((x, i) => {
        // halves were rounded in the array's own order
        const y = image.lower ? plane.rows - 1 - ys[i] : ys[i];
        return x >= 0 && y >= 0 && x < plane.columns && y < plane.rows
          ? (y * plane.columns + x) * plane.channels + channel
          : -1;
      });
      for (const from of at) {
        if (data[from] < low && data[from] > -Infinity)
          [low, least.textContent] = [data[from], value(subject, from)];
        if (data[from] > high && data[from] < Infinity)
          [high, most.textContent] = [data[from], value(subject, from)];
      }
      return { ...subject, at };
    });
    svg.setAttribute("viewBox", `0 0 ${count - 1 || 1} 84`);
    svg.replaceChildren(
      ...curves.map(({ plane, at, color, dash }) => {
        const { data } = plane.level(0);
        const path = /** @type {SVGElement} */ (template.cloneNode());
        let d = "";
        let to = "M";
        at.forEach((from, i) => {
          const y = high > low ? 84 * ((high - data[from]) / (high - low)) : data[from] - high + 42;
          const known = y - y === 0;
          if (known) d += `${to}${i} ${y.toFixed(2)}h0`; // h0: one alone is seen too
          to = known ? "L" : "M";
        });
        path.setAttribute("d", d);
        Object.assign(path.style, { stroke: color, strokeDasharray: DASHES[dash][0] });
        return path;
      }),
    );
    along.max = String(count - 1);
    point(mark < count ? mark : -1);
  };

  // In the region

  const table = made("table");
  /**
   * @param {Ends} region
   * @param {boolean} fast
   * @returns {boolean} whether not all samples were looked at
   */
  const summary = (region, fast) => {
    const all = subjects("box");
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
      const own = covered(region, subject.image, false, subject.place);
      const { share, low, high, mean, std } = statistics(plane, own, channel, step);
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
        made("tr", {}, ...row.map((textContent, j) => made(i && j ? "td" : "th", { textContent }))),
      ),
    );
    return step > 1;
  };

  // When: as a frame is drawn, and of few samples while things go on changing

  let dragging = false;
  let coming = false;
  let timer = 0;
  const measure = (fast = dragging || state.playing >= 0) => {
    const line = drawn("line");
    const region = drawn("box");
    clearTimeout(timer);
    if (line) profile(line);
    if (region && summary(region, fast)) timer = setTimeout(() => measure(false), 250);
  };
  const later = () => {
    if (coming) return;
    coming = true;
    explorer
      .settled()
      .then(fetched)
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
    const own = (isLine ? inImage : covered)(ends, image, true, image.place);
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
                : state.plane[axis],
      );
    return [
      ...(isLine ? [`rows, columns = ${ys}, ${xs}`] : []),
      `${image.source}[${index.join(", ")}]`,
    ];
  };
  const panel = made("div", { hidden: true });
  const sections = KINDS.map((kind) => {
    const half = kind === "line" ? 0.5 : 0;
    const names = ["x0", "y0", "x1", "y1"];
    const inputs = names.map((name) => made("input", { type: "number", label: `${kind} ${name}` }));
    const copy = () =>
      explorer.copy(
        [...new Set(compared().flatMap((i) => python(kind, drawn(kind) ?? [], i)))].join("\n"),
      );
    const section = made(
      "section",
      {},
      made(
        "div",
        { className: "measured" },
        ...names.flatMap((name, i) => [i ? name : `${kind} ${name}`, inputs[i]]),
        button("copy", "Copy as Python", copy),
      ),
      ...(half
        ? [made("div", { className: "profile" }, most, plot, least, marker, along), legend]
        : [
            made(
              "div",
              { className: "statistics", role: "region", label: "Statistics", tabIndex: 0 },
              table,
            ),
          ]),
    );
    section.onchange = () =>
      put(
        kind,
        inImage(
          inputs.map(({ value }) => +value + half),
          first,
          true,
          first.place,
        ),
      );
    panel.append(section);
    return () => {
      const ends = drawn(kind);
      section.hidden = !ends;
      if (ends)
        (half ? inImage : covered)(ends, first, true, first.place).forEach((end, i) => {
          inputs[i].value = String(end - half);
        });
    };
  });
  const clear = () => explorer.set({ line: null, box: null, tool: "move" });
  panel.append(button("clear", "Remove line and region (Esc)", clear));

  // In the pictures

  const corners = (/** @type {Kind} */ kind) => {
    const ends = drawn(kind);
    return ends ? CORNERS[kind].map(([x, y]) => ({ x: ends[x], y: ends[y] })) : [];
  };
  /** @param {Pane} pane @param {CanvasRenderingContext2D} pen */
  const over = (pane, pen) => {
    if (!flat(pane)) return;
    const path = new Path2D();
    const line = drawn("line");
    for (const kind of KINDS) {
      const spots = corners(kind).map(({ x, y }) => pane.toScreen(x, y));
      spots.forEach(({ x, y }, i) => path[i ? "lineTo" : "moveTo"](x, y));
      path.closePath();
      for (const { x, y } of spots) if (kind === state.tool) path.rect(x - 3, y - 3, 6, 6);
    }
    if (line && mark >= 0) {
      const [wx, wy] = [0, 1].map((i) => line[i] + share() * (line[i + 2] - line[i]));
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
        const ends = drawn(kind);
        const taken = corners(kind).findIndex((spot) => apart(spot, at, pane) <= REACH);
        const { x, y } = at;
        press = at;
        const inside =
          kind === "box" && ends && x > ends[0] && x < ends[2] && y > ends[1] && y < ends[3];
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
    if (state.tool !== kind || drawn(kind)) return;
    const { x0, y0, x1, y1 } = explorer.panes[0].visible();
    const seen = [x0, y0, x1, y1];
    put(
      kind,
      seen.map((end, i) => 0.75 * end + 0.25 * seen[(i + 2) % 4]),
    );
  };
  const bar = KINDS.map((kind, i) =>
    button(kind, ["Line profile (l)", "Region (b)"][i], () => toggle(kind)),
  );
  const update = () => {
    for (const one of bar) one.setAttribute("aria-pressed", String(one.textContent === state.tool));
    for (const one of sections) one();
    panel.hidden = !drawn("line") && !drawn("box");
  };
  explorer.on((change) => {
    const changed = String(Object.keys(change));
    if (/line|box|tool/.test(changed)) update(); // no other change may touch what is being typed
    if (!panel.hidden && /line|box|plane|mode|pair/.test(changed)) later();
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
    keys: { l: key("line"), b: key("box"), Escape: leave },
    tools: { line: tool("line"), box: tool("box") },
  };
}
