// Where a front-end puts an output alone into a frame: the colors of the page around it, since on
// a dark one black could not be read.

const { frameElement: frame } = globalThis;
if (frame && !document.head.querySelector("link,meta,style")) {
  const { color, colorScheme } = getComputedStyle(frame);
  /** @type {any} */
  const meta = parent.document.querySelector("[name=color-scheme]");
  // with another scheme than the frame's there would be an opaque background
  Object.assign(document.documentElement.style, {
    color,
    colorScheme: colorScheme.replace("normal", meta?.content ?? "normal"),
  });
}
