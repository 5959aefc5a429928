// The page in a frame of ours: it tells its height to the page around it, and takes its colors.

const tell = () => {
  const { height } = document.body.getBoundingClientRect();
  parent.postMessage({ nbimage: Math.ceil(height) }, "*");
};
addEventListener("message", ({ source, data }) => {
  if (source !== parent) return;
  if (data?.nbimage === 0) tell();
  const { color, colorScheme } = data?.nbimage ?? {};
  // with another scheme than the frame's there would be an opaque background
  if (color)
    Object.assign(document.documentElement.style, { color, colorScheme, background: "none" });
});
new ResizeObserver(tell).observe(document.body);
document.documentElement.addEventListener("pointerenter", tell); // colors may have changed
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell);
