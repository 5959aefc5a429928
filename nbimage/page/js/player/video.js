// A video's player: the explorer's own controls below the picture, and the counter over it.

import { CONTROL_STYLE, followColors } from "../view/base/control_style.js";
import { button, drawIcon, element, setAria } from "../view/base/dom.js";
import { playing, TRACK_STYLE, widest } from "../view/base/playing.js";

const STYLE = `
:host { display: block; container-type: inline-size; max-width: 100%; margin-top: 4px !important;
  font: 12px/18px system-ui, sans-serif !important; color: inherit; text-align: left }
${CONTROL_STYLE}${TRACK_STYLE}
.axis select { padding: 0 2px; width: 52px }
.axis output { margin: 0 4px }
.more { margin-left: auto }
@container (max-width: 430px) { .axis > [type=range] { order: -1; flex-basis: 100% } }
@container (max-width: 360px) { .axis small { display: none } }
@container (max-width: 250px) { .more { display: none !important } }
@container (max-width: 130px) {
  .axis button + button { display: none }
  .axis b, .axis [type=range] { min-width: 0 !important }
}
@container (max-width: 90px) { output { display: none } }
@media print { :host { display: none } }
`;
const NARROW = matchMedia("(pointer: coarse)").matches ? 420 : 320; // CSS pixels of the controls

/** @param {HTMLElement} box the element around the video */
function makePlayer(box) {
  const video = box.querySelector("video");
  if (!video || video.dataset.ready) return;
  const { dataset } = video;
  dataset.ready = "1";
  const fps = +(dataset.fps ?? 25);
  const starts = [0]; // of each frame, and the end, counted in frames of the file
  for (const one of (dataset.repeats ?? "1 ".repeat(+(dataset.count ?? 1))).trim().split(" "))
    starts.push(starts[starts.length - 1] + +one);
  const size = starts.length - 1;
  const lines = (/** @type {string | undefined} */ text) => text?.split("\n") ?? [];
  const labels = lines(dataset.labels);
  const text = (/** @type {number} */ index) => labels[index] ?? `frame ${index}`;

  // which frame is seen, and going to another

  let at = 0; // where it is, or is going to
  let sought = -1; // the frame of a seek under way, until its event comes
  let reached = -1; // the one that the last seek ended at
  const frameAt = (/** @type {number} */ tick) =>
    Math.min(size, starts.filter((one) => one <= tick).length) - 1;
  const now = () => frameAt(Math.floor(video.currentTime * fps + 1e-3));
  const seek = () => {
    sought = at;
    video.currentTime = (starts[at] + 0.5) / fps; // its middle is that frame, however it rounds
  };
  const go = (/** @type {number} */ to) => {
    video.pause();
    at = Math.max(0, Math.min(size - 1, to));
    if (!video.seeking) seek(); // one after the other, or none is seen while the slider moves
    show();
  };
  const toggle = () => {
    if (!video.paused) return video.pause();
    reached = -1;
    if (at === size - 1 && !video.loop) video.currentTime = 0;
    video.play().catch(() => {}); // that it did not is seen
  };
  const show = () => {
    track.show(at, text(at), !video.paused);
    setAria(again, { pressed: video.loop });
  };
  const follow = (index = now()) => {
    if (video.seeking || sought >= 0) return show();
    at = index;
    say(at);
    show();
  };
  video.addEventListener("seeked", () => {
    if (sought >= 0 && sought !== at) return seek();
    reached = sought;
    sought = -1;
    follow();
  });
  for (const event of ["timeupdate", "loadedmetadata", "play", "pause"])
    video.addEventListener(event, () => follow());
  video.addEventListener("ended", () => {
    if (reached < size - 1) go(size - 1); // which a fast player may have left out
  });
  if (video.requestVideoFrameCallback) {
    const next = () =>
      video.requestVideoFrameCallback((_, { mediaTime }) => {
        if (!video.paused) follow(frameAt(Math.round(mediaTime * fps)));
        next();
      });
    next();
  }

  // the controls

  const track = playing("", size, widest([...labels, text(size - 1)]), {
    toggle,
    go,
    step: (by) => go(at + by),
  });
  const rate = element(
    "select",
    { label: "Rate", title: "Rate" },
    ...[0.1, 0.25, 0.5, 1, 2, 4].map((one) => new Option(`${one}×`, `${one}`, false, one === 1)),
  );
  rate.onchange = () => {
    video.playbackRate = +rate.value;
  };
  const again = button("", "Play it again and again", () => {
    video.loop = !video.loop;
    show();
  });
  again.append(drawIcon("M13 8a5 5 0 1 1-2-4l2 1.5M13 2v3.5H9.5"));
  const full = button("", "Full screen (f)", () => toggleFull());
  full.append(drawIcon("M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4"));
  const more = element("span", { className: "more" }, rate, again);
  track.row.append(more);
  if (document.fullscreenEnabled) more.append(full);
  const bar = element("div", { className: "nbimage-player", role: "group", label: "Video" });
  bar.attachShadow({ mode: "open" }).append(element("style", { textContent: STYLE }), track.row);
  bar.dataset.lmSuppressShortcuts = "true"; // JupyterLab leaves the keys to us
  const figure = /** @type {HTMLElement} */ (box.closest(".nbimage-figure") ?? box);
  figure.after(bar); // beside ticks it would shift them
  followColors(bar);
  video.controls = false;
  video.addEventListener("click", toggle);
  const failed = () => {
    if (!video.querySelector("source") || !video.hasAttribute("src"))
      return bar.shadowRoot?.replaceChildren("This browser can't play the video.");
    video.removeAttribute("src"); // with which it looks at no other
    video.lastElementChild?.addEventListener("error", failed);
    video.load();
  };
  video.addEventListener("error", failed);
  if (video.error) failed();

  // the counter

  const [corner, color] = dataset.counter?.split(" ") ?? [];
  const texts = lines(dataset.texts);
  const counter = element("div", { className: "nbimage-counter" });
  setAria(counter, { hidden: true });
  const say = (/** @type {number} */ index) => {
    counter.textContent = texts[index] ?? labels[index] ?? String(index);
  };
  if (color) {
    const [red, green, blue] = color.split(",").map(Number);
    const edge = 0.299 * red + 0.587 * green + 0.114 * blue > 127 ? "#000" : "#fff";
    counter.style.cssText =
      `position:absolute;${corner[0] === "u" ? "top" : "bottom"}:0;` +
      `${corner[1] === "l" ? "left" : "right"}:0;margin:.3em .4em;pointer-events:none;` +
      `color:rgb(${color});text-shadow:0 0 .15em ${edge},0 0 .15em ${edge},0 0 .3em ${edge};` +
      "font-family:system-ui,sans-serif;line-height:1.2;font-variant-numeric:tabular-nums;" +
      "white-space:nowrap";
    box.append(counter);
  }

  // sizes

  const root = /** @type {HTMLElement} */ (box.closest(".nbimage-cell,.nbimage") ?? box);
  const outer = bar.parentElement ?? root;
  /** @returns {number} pixels of the page that are one of the box: others on slides */
  const measureScale = () =>
    box.getBoundingClientRect().width / parseFloat(getComputedStyle(box).width) || 1;
  const fit = () => {
    const { offsetWidth, offsetHeight } = box;
    // letters of at least 13 CSS pixels
    counter.style.fontSize = `${Math.max(13, Math.min(offsetWidth, offsetHeight) / 16)}px`;
    const scale = measureScale();
    bar.style.marginLeft = "0";
    const [own, inner, whole] = [bar, box, outer].map((one) => one.getBoundingClientRect());
    const left = (inner.left - own.left) / scale;
    const end = parseFloat(getComputedStyle(outer).paddingRight);
    const room = (whole.right - own.left) / scale - end - left;
    bar.style.marginLeft = `${left}px`;
    bar.style.width = `${Math.min(room, Math.max(offsetWidth, NARROW))}px`;
  };
  fit(); // at once, so that an update does not move what is below
  const sizes = new ResizeObserver(fit);
  sizes.observe(box);
  sizes.observe(outer);

  // full screen: all that belongs to the video, the picture as large as there is room

  const both = [root, box];
  /** @type {string[]} */
  let before = [];
  const toggleFull = () => {
    if (document.fullscreenElement === root) document.exitFullscreen();
    else root.requestFullscreen?.().catch(() => {}); // a page may forbid it
  };
  root.addEventListener("fullscreenchange", () => {
    const on = document.fullscreenElement === root;
    if (!on) return both.forEach(({ style }, i) => (style.cssText = before[i]));
    before = both.map(({ style }) => style.cssText);
    root.style.cssText +=
      ";background:Canvas;color:CanvasText;overflow:auto;padding:8px;" +
      "box-sizing:border-box;max-width:none";
    const { offsetWidth, offsetHeight } = box;
    const scale = measureScale();
    const inside = document.createRange();
    inside.selectNodeContents(root);
    const beside = figure.offsetWidth - offsetWidth + 16;
    const above = inside.getBoundingClientRect().height / scale - offsetHeight + 16;
    const most = ((innerHeight / scale - above) * offsetWidth) / offsetHeight;
    box.style.width = `${Math.max(64, Math.min(innerWidth / scale - beside, most))}px`;
    box.style.maxWidth = "none";
  });

  // the keys

  if (box.matches(".nbimage-box")) {
    setAria(box, {
      label: "Video: space plays, comma and full stop step, f fills the screen, up and down resize",
    });
  }
  box.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const { key } = event;
      const by = { ",": -1, ".": 1, ArrowLeft: -1, ArrowRight: 1, Home: -size, End: size }[key];
      if (by) go(at + by);
      else if (key === " ") toggle();
      else if (key === "f") toggleFull();
      else return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );
  if (video.autoplay && matchMedia("(prefers-reduced-motion: reduce)").matches) video.pause();
  follow();
}

for (const box of document.querySelectorAll(".nbimage-box,.nbimage-media")) {
  makePlayer(/** @type {HTMLElement} */ (box));
}
