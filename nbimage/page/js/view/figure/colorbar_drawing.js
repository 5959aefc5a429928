// The colorbar as a saved figure has it: colors, round numbers and what they are of.

import { LABELS } from "../base/labels.js";
import { findTicks, makeScale } from "../contrast/scale.js";
import { channelLimits, makeBinning } from "../values/norms.js";

const WIDTH = 14;

/**
 * What the colorbar of the first pane is of; null without one.
 * @param {import("../base/types.js").Explorer} explorer
 */
export function findColorbar({ panes, palettes }) {
  const item = panes[0].items()[0];
  if (item?.image.kind !== "gray" || item.display.cmap === LABELS) return null;
  const { image, display } = item;
  const limits = channelLimits(display, 0, image);
  if (limits.vmin === limits.vmax || image.tiles?.dtype === "") return null;
  const { invert, cmap } = display;
  return { limits, image, palette: palettes[cmap], invert, room: image.label ? 92 : 74 };
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {NonNullable<ReturnType<typeof findColorbar>>} bar
 * @param {number} left
 * @param {number} height
 */
export function drawColorbar(pen, { limits, image, palette, invert }, left, height) {
  const [top, bottom] = [8, height - 8];
  const long = bottom - top;
  const { vmin, vmax } = limits;
  const scale = makeScale(limits, [Math.min(vmin, vmax), Math.max(vmin, vmax)], true);
  const binOf = makeBinning(limits);
  for (let row = 0; row < 256; row++) {
    const bin = binOf(scale.valued((row + 0.5) / 256));
    const at = 4 * (invert ? 255 - bin : bin);
    pen.fillStyle = `rgb(${palette.slice(at, at + 3)})`;
    pen.fillRect(left, bottom - ((row + 1) * long) / 256, WIDTH, long / 256 + (row ? 0.5 : 0));
  }
  Object.assign(pen, { font: "12px system-ui", textAlign: "left", textBaseline: "middle" });
  Object.assign(pen, { fillStyle: "#000", strokeStyle: "#000", lineWidth: 1 });
  pen.beginPath();
  pen.rect(left + 0.5, top + 0.5, WIDTH - 1, long - 1);
  for (const tick of findTicks(scale, long, 26)) {
    const y = Math.round(bottom - scale.toShare(tick) * long) + 0.5;
    pen.moveTo(left + WIDTH, y);
    pen.lineTo(left + WIDTH + 4, y);
    pen.fillText(String(tick + Number(image.base)).replace("-", "−"), left + WIDTH + 7, y);
  }
  pen.stroke();
  if (!image.label) return;
  pen.save();
  pen.translate(left + 72, height / 2);
  pen.rotate(Math.PI / 2);
  pen.textAlign = "center";
  pen.fillText(image.label, 0, 0);
  pen.restore();
}
