// Stepping through a video frame by frame, its frame number and time beneath.

/** @param {HTMLElement} box the element around the video */
function makeSteppable(box) {
  const video = box.querySelector("video");
  if (!video || video.dataset.ready) return;
  video.dataset.ready = "1";
  const fps = +(video.dataset.fps ?? 25);
  const count = +(video.dataset.count ?? 1);
  const label = document.createElement("div");
  label.className = "nbimage-frame";
  label.style.cssText =
    "font:12px/1.5 system-ui,sans-serif;opacity:.75;font-variant-numeric:tabular-nums";
  (box.closest(".nbimage-figure") ?? box).after(label); // beside ticks it would shift them

  const frame = () => Math.max(0, Math.min(count - 1, Math.floor(video.currentTime * fps + 1e-3)));
  const show = () => {
    label.textContent = `frame ${frame()} of ${count}, ${(frame() / fps).toFixed(2)} s`;
  };
  const step = (/** @type {number} */ by) => {
    video.pause();
    const to = Math.max(0, Math.min(count - 1, frame() + by));
    video.currentTime = (to + 0.5) / fps; // the middle of a frame is that frame, however it rounds
  };
  for (const event of ["seeked", "timeupdate", "loadedmetadata"])
    video.addEventListener(event, show);
  if (video.requestVideoFrameCallback) {
    const follow = () => {
      show();
      video.requestVideoFrameCallback(follow);
    };
    video.requestVideoFrameCallback(follow);
  }
  show();

  if (box.matches(".nbimage-box"))
    box.setAttribute("aria-label", "Video: comma and full stop step one frame, up and down resize");
  box.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const by = { ",": -1, ".": 1, ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!by) return;
      step(by);
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );
}

for (const box of document.querySelectorAll(".nbimage-box,.nbimage-media")) {
  makeSteppable(/** @type {HTMLElement} */ (box));
}
