// What the controls of explorers and of videos look like.

import { drawIcon, element } from "./dom.js";

export const CONTROL_STYLE = `
:host { --fg: currentColor; --dim: #454c56; --line: #1c202438; --soft: #1c20240d;
  --hover: #1c202414; --accent: #063d7d; transition: color 1ms }
:host(.dark) { --dim: #b6bec9; --line: #ffffff3a; --soft: #ffffff12; --hover: #ffffff1c;
  --accent: #badbff }
button, select, [type=text], [type=number], [type=search] { font: inherit; color: var(--fg);
  background: var(--soft); border: 1px solid var(--line); border-radius: 5px;
  padding: 2px 8px; min-height: 28px; box-sizing: border-box; min-width: 0 }
button { background: none; border-color: #0000; display: inline-flex; gap: 6px;
  align-items: center; justify-content: center; min-width: 28px; cursor: pointer }
button:disabled { opacity: .5; cursor: default }
select option { color: CanvasText; background: Canvas }
[type=range] { accent-color: var(--accent); min-width: 60px; margin: 0; min-height: 20px }
button:hover { background: var(--hover) }
button[aria-pressed=true] { background: var(--hover);
  color: var(--accent); font-weight: 600 }
:is(button, select, input):focus-visible { outline: 2px solid var(--accent); outline-offset: -1px }
.i { width: 16px; height: 16px; fill: none; stroke: currentColor; stroke-width: 1.6;
  stroke-linecap: round; stroke-linejoin: round; flex: none }
.full { fill: currentColor }
@media print { button, select, input { display: none !important } }
@media (pointer: coarse) {
  button, select, input { min-height: 44px !important }
  button { min-width: 44px !important }
}
`;

/**
 * Give a control the colors of the page, light or dark, also when these change.
 * @param {HTMLElement} host
 */
export function followColors(host) {
  const pen = /** @type {CanvasRenderingContext2D} */ (element("canvas").getContext("2d"));
  const follow = () => {
    const { color } = getComputedStyle(host);
    pen.fillStyle = color;
    pen.fillRect(0, 0, 1, 1);
    const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
    host.style.setProperty("--fg", color);
    host.classList.toggle("dark", 0.3 * red + 0.6 * green + 0.1 * blue > 128);
  };
  host.addEventListener("transitionend", ({ target }) => target === host && follow());
  follow();
}

/** @param {boolean} playing */
export const playIcon = (playing) => drawIcon(playing ? "M5 3v10M11 3v10" : "M4.5 3l8 5-8 5z|");
