// What of the tiles is still to come, and what could not be read.

import { button, element } from "../base/dom.js";

/** @typedef {import("../base/types.js").Pane} Pane */
/** @typedef {import("./tiled_source.js").TiledSource} TiledSource */

export const STATUS_STYLE = `
.waiting { position: absolute; left: 6px; top: 6px; z-index: 1; display: flex; gap: 6px;
  align-items: center; padding: 1px 6px; border-radius: 5px; background: #000c; color: #fff }
.waiting button { color: #fff; border-color: #fffa; min-height: 18px }
.failed { display: flex; flex-wrap: wrap; gap: 2px 8px; align-items: center; margin: 4px 0;
  overflow-wrap: anywhere }
`;
const SLOW = 500; // milliseconds after which it is said that something is waited for

/**
 * @param {import("../base/types.js").Explorer} explorer
 * @param {TiledSource[]} sources
 * @returns {import("../base/types.js").Control}
 */
export function tileStatusControl(explorer, sources) {
  const label = element("span");
  const halt = () => {
    for (const { loader } of sources) loader.stop?.();
    explorer.draw();
  };
  const stop = button("stop", "", halt, { label: "Leave the overview as it is" });
  const sign = element("div", { className: "waiting", role: "status", hidden: true }, label, stop);
  let since = 0;
  let timer = 0;
  const wait = () => {
    const waiting = sources.reduce((sum, one) => sum + one.waiting, 0);
    const shares = sources.flatMap(({ loader }) => loader.progress?.() ?? []);
    const share = Math.min(...shares);
    const now = performance.now();
    since = waiting ? since || now : 0;
    const slow = since > 0 && now - since > SLOW;
    sign.hidden = !(shares.length || slow);
    stop.hidden = !shares.length;
    sign.dataset.count = String(sources.reduce((sum, one) => sum + one.pending, 0));
    label.textContent = shares.length ? `overview ${Math.floor(100 * share)} %` : "waiting…";
    clearTimeout(timer);
    if (waiting && !slow) timer = setTimeout(wait, SLOW);
  };
  const why = element("span");
  const failed = element(
    "div",
    { className: "failed", role: "alert", hidden: true },
    why,
    button("retry", "", () => sources.forEach((one) => one.retry())),
  );
  const tell = () => {
    const bad = sources.flatMap((one) => one.failed);
    failed.hidden = !bad.length;
    const text = bad.length
      ? `${bad.length === 1 ? "A tile" : `${bad.length} tiles`} can't be read: ${bad[0].error}`
      : "";
    if (why.textContent !== text) why.textContent = text;
  };
  /** @param {Pane} pane @param {CanvasRenderingContext2D} pen */
  const holes = (pane, pen) => {
    for (const { plane, position } of pane.items()) {
      if (!("tiled" in plane)) continue;
      for (const { address } of plane.tiled.failed) {
        if (address.plane !== plane.index) continue;
        const side = plane.tile * 2 ** address.level;
        const from = pane.toScreen(
          position.x + address.column * side * position.sx,
          position.y + address.row * side * position.sy,
        );
        const x1 = Math.min(plane.columns, (address.column + 1) * side);
        const y1 = Math.min(plane.rows, (address.row + 1) * side);
        const to = pane.toScreen(position.x + x1 * position.sx, position.y + y1 * position.sy);
        if (
          to.x - from.x < 6 ||
          to.x < 0 ||
          to.y < 0 ||
          from.x > pane.width ||
          from.y > pane.height
        )
          continue;
        pen.strokeStyle = "#e33";
        pen.lineWidth = 2;
        pen.strokeRect(from.x + 1, from.y + 1, to.x - from.x - 2, to.y - from.y - 2);
        pen.beginPath();
        pen.moveTo(from.x, from.y);
        pen.lineTo(to.x, to.y);
        pen.moveTo(to.x, from.y);
        pen.lineTo(from.x, to.y);
        pen.stroke();
      }
    }
  };

  return {
    grip: sign,
    note: failed,
    over: (pane, pen) => {
      holes(pane, pen);
      if (pane !== explorer.panes[0]) return;
      wait();
      tell();
    },
  };
}
