// The page in a frame of ours: it tells its height to the page around it, and takes its colors.

const tell = () => {
  const { height } = document.body.getBoundingClientRect();
  parent.postMessage({ nbimage: Math.ceil(height) }, "*");
};
const pen = /** @type {CanvasRenderingContext2D} */ (
  document.createElement("canvas").getContext("2d", { willReadFrequently: true })
);

/** @param {string} color @returns {number} 0 to 255; on white what is transparent */
function brightness(color) {
  for (const one of ["white", color]) {
    pen.fillStyle = one;
    pen.fillRect(0, 0, 1, 1);
  }
  const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
  return 0.3 * red + 0.6 * green + 0.1 * blue;
}

addEventListener("message", ({ source, data }) => {
  if (source !== parent) return;
  if (data?.nbimage === 0) tell();
  let { color, colorScheme, ground } = data?.nbimage ?? {};
  if (!color) return;
  const behind = brightness(ground ?? "white");
  // pages that color each of their own texts leave others black
  if (Math.abs(brightness(color) - behind) < 100) color = behind < 128 ? "#e8eaed" : "#1f2328";
  // with another scheme than the frame's there would be an opaque background
  Object.assign(document.documentElement.style, { color, colorScheme, background: "none" });
});
new ResizeObserver(tell).observe(document.body);
document.documentElement.addEventListener("pointerenter", tell); // colors may have changed
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell);
