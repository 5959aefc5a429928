// The name of an image, drawn over it.

/**
 * White on black, at a pane's upper edge.
 * @param {CanvasRenderingContext2D} pen
 * @param {string} name
 * @param {number} from
 * @param {number} room CSS pixels
 * @param {boolean} [atEnd]
 */
export function drawName(pen, name, from, room, atEnd) {
  Object.assign(pen, {
    font: "12px system-ui",
    textAlign: "left",
    textBaseline: "middle",
    fillStyle: "rgba(0,0,0,.65)",
  });
  const wide = Math.min(room, pen.measureText(name).width + 12);
  const left = atEnd ? from + room - wide : from;
  pen.fillRect(left, 0, wide, 20);
  pen.fillStyle = "#fff";
  pen.fillText(name, left + 6, 10, wide - 12);
}
