// The explorer: one picture's samples, zoomed, panned, read and recoloured in the browser alone.

import { bytesOf, Samples } from "./samples.js";
import { binning, coloured, placing, tableOf, written } from "./colour.js";

const MOST_SCALE = 160; // CSS pixels a sample
const VALUES_FROM = 40; // from which values are printed into their squares
const STYLE = `
:host { display: block; max-width: 100%; font: 12px/18px system-ui, sans-serif; color: inherit }
.stage { position: relative; overflow: hidden; resize: both; max-width: 100%; min-width: 160px; min-height: 120px;
  border: 1px solid rgba(128,128,128,.5); box-sizing: border-box }
canvas { position: absolute; inset: 0; width: 100%; height: 100%; touch-action: none; cursor: crosshair; outline: none }
canvas:focus-visible { box-shadow: inset 0 0 0 2px #4c9aff }
.bar { display: flex; flex-wrap: wrap; gap: 4px; align-items: center; margin: 4px 0 }
button, select { font: inherit; color: inherit; background: transparent; border: 1px solid rgba(128,128,128,.6);
  border-radius: 3px; padding: 0 7px; min-height: 24px; min-width: 26px }
select option { color: #000; background: #fff }
button:hover, button[aria-pressed=true] { background: rgba(128,128,128,.25) }
button:focus-visible, select:focus-visible { outline: 2px solid #4c9aff }
.hint { position: absolute; left: 50%; top: 50%; transform: translate(-50%,-50%); padding: 4px 10px; border-radius: 4px;
  background: rgba(0,0,0,.7); color: #fff; opacity: 0; transition: opacity .2s; pointer-events: none; white-space: nowrap }
.readout { min-height: 18px; font-variant-numeric: tabular-nums; overflow-wrap: anywhere }
.contrast { display: none; gap: 8px; align-items: center; flex-wrap: wrap }
.contrast.open { display: flex }
.histogram { position: relative; width: 260px; height: 60px; touch-action: none }
.histogram canvas { cursor: ew-resize }
.range { font-variant-numeric: tabular-nums }
@media (prefers-reduced-motion: reduce) { .hint { transition: none } }
`;

/** @param {HTMLElement} root the element that holds the fallback picture and what is to be explored */
export async function explorable(root) {
  const told = root.querySelector("script[type='application/json']");
  if (root.dataset.ready || !told) return;
  root.dataset.ready = "1";
  const config = JSON.parse(told.textContent ?? "{}");
  const fallback = /** @type {HTMLElement | null} */ (root.querySelector(".nbimage-fallback"));
  let samples = await Samples.decode(config.planes[0], config.base);
  const host = document.createElement("div");
  host.dataset.lmSuppressShortcuts = "true";
  host.dataset.jpSuppressContextMenu = "";
  const shadow = host.attachShadow({ mode: "open" });
  shadow.innerHTML = `<style>${STYLE}</style>
    <div class="stage"><canvas tabindex="0" role="application"></canvas><div class="hint">Click or hold Ctrl to zoom by wheel</div></div>
    <div class="readout" aria-live="polite"></div>
    <div class="bar" role="toolbar" aria-label="View">
      <button data-do="fit" title="Fit (0)">fit</button><button data-do="one" title="One pixel a sample (1)">1:1</button>
      <button data-do="in" title="Zoom in (+)" aria-label="Zoom in">+</button><button data-do="out" title="Zoom out (−)" aria-label="Zoom out">−</button>
      <button data-do="full" title="Full screen (f)">full screen</button>
      <button data-do="contrast" title="Contrast (c)" aria-pressed="false">contrast</button>
      <span class="planes"></span>
    </div>
    <div class="contrast"><div class="histogram"><canvas></canvas></div><span class="range"></span>
      <button data-do="minmax">min–max</button><button data-do="robust">2–98 %</button><button data-do="symmetric">±</button>
      <button data-do="given">as given</button>
      <label>map <select class="cmap"></select></label><button data-do="invert" aria-pressed="false">invert</button>
      <button data-do="copy" title="Copy vmin and vmax as Python">copy</button></div>`;
  const find = (/** @type {string} */ css) => /** @type {HTMLElement} */ (shadow.querySelector(css));
  const stage = find(".stage"), readout = find(".readout"), panel = find(".contrast"), hint = find(".hint");
  const canvas = /** @type {HTMLCanvasElement} */ (find(".stage canvas"));
  const plot = /** @type {HTMLCanvasElement} */ (find(".histogram canvas"));
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  canvas.setAttribute("aria-label", `${config.alt}. Arrow keys pan, plus and minus zoom, 0 fits, 1 shows one to one`);
  stage.style.width = `${config.width + 2}px`; // with the border
  stage.style.height = `${config.height + 2}px`;
  const { rows, columns, channels } = samples;
  const look = { ...config.look, invert: false };
  const view = { x: columns / 2, y: rows / 2, scale: 0 }; // the centre in samples; CSS pixels a sample
  /** @type {{x: number, y: number} | null} */
  let pointer = null;
  let frame = 0, dirty = true, plane = 0, fitted = true;
  let corner = { x: 0, y: 0, scale: 1 }; // where the first sample's corner is drawn, in the screen's own pixels
  const part = { key: "", canvas: document.createElement("canvas"), left: 0, top: 0, width: 0, height: 0 };

  const fitting = () => Math.min(stage.clientWidth / columns, stage.clientHeight / rows);
  const clamp = (/** @type {number} */ v, /** @type {number} */ low, /** @type {number} */ high) => Math.max(low, Math.min(high, v));
  const draw = () => { if (!frame) frame = requestAnimationFrame(render); };
  const recolour = () => { dirty = true; draw(); };
  const fit = () => { Object.assign(view, { x: columns / 2, y: rows / 2, scale: fitting() }); fitted = true; draw(); };
  const zoom = (/** @type {number} */ factor, x = stage.clientWidth / 2, y = stage.clientHeight / 2) => {
    const before = place(x, y);
    view.scale = clamp(view.scale * factor, Math.min(fitting(), 1) / 4, Math.max(fitting(), MOST_SCALE));
    const after = place(x, y);
    pan(before.x - after.x, before.y - after.y);
  };
  const pan = (/** @type {number} */ dx, /** @type {number} */ dy) => {
    view.x = clamp(view.x + dx, 0, columns);
    view.y = clamp(view.y + dy, 0, rows);
    fitted = false;
    draw();
  };
  /** Where in the samples a point of the stage lies: 0, 0 is the corner of the first one. */
  const place = (/** @type {number} */ x, /** @type {number} */ y) => ({
    x: view.x + (x - stage.clientWidth / 2) / view.scale,
    y: view.y + (y - stage.clientHeight / 2) / view.scale,
  });

  function render() {
    frame = 0;
    const ratio = devicePixelRatio || 1;
    const width = Math.round(stage.clientWidth * ratio), height = Math.round(stage.clientHeight * ratio);
    if (!width || !height) return; // in a hidden tab
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    if (!view.scale) view.scale = fitting();
    const scale = view.scale * ratio;
    const level = clamp(Math.floor(0.25 - Math.log2(scale)), 0, samples.most);
    const own = samples.level(level), size = 2 ** level;
    const left = Math.round(width / 2 - view.x * scale), top = Math.round(height / 2 - view.y * scale);
    corner = { x: left, y: top, scale };
    const x0 = clamp(Math.floor(-left / scale / size), 0, own.columns), x1 = clamp(Math.ceil((width - left) / scale / size), 0, own.columns);
    const y0 = clamp(Math.floor(-top / scale / size), 0, own.rows), y1 = clamp(Math.ceil((height - top) / scale / size), 0, own.rows);
    const held = part.key === `${plane},${level}` && x0 >= part.left && y0 >= part.top && x1 <= part.left + part.width && y1 <= part.top + part.height;
    if (dirty || !held) {
      const mx = Math.ceil((x1 - x0) / 8), my = Math.ceil((y1 - y0) / 8); // so that a short pan needs nothing new
      part.left = Math.max(0, x0 - mx);
      part.top = Math.max(0, y0 - my);
      part.width = Math.min(own.columns, x1 + mx) - part.left;
      part.height = Math.min(own.rows, y1 + my) - part.top;
      part.key = `${plane},${level}`;
      if (part.width > 0 && part.height > 0) {
        Object.assign(part.canvas, { width: part.width, height: part.height });
        const image = coloured(own, channels, part, bins(), cover, table());
        part.canvas.getContext("2d")?.putImageData(image, 0, 0);
      }
      dirty = false;
    }
    context.clearRect(0, 0, width, height);
    if (part.width > 0 && part.height > 0) {
      context.imageSmoothingEnabled = scale * size < 2 && scale < 1;
      context.imageSmoothingQuality = "high";
      context.drawImage(part.canvas, left + part.left * size * scale, top + part.top * size * scale, part.width * size * scale, part.height * size * scale);
    }
    if (view.scale >= VALUES_FROM / 2) grid(left, top, scale, x0, y0, x1, y1, ratio);
    read();
  }

  const given = { ...look };
  const bins = () => {
    if (Array.isArray(look.vmin)) return look.vmin.map((/** @type {number} */ vmin, /** @type {number} */ c) => binning({ ...look, vmin, vmax: look.vmax[c] }));
    return [binning(look)];
  };
  const cover = Array.isArray(look.vmin) && look.vmin.length === channels
    ? binning({ ...look, vmin: look.vmin[channels - 1], vmax: look.vmax[channels - 1] })
    : binning({ ...look, vmin: 0, vmax: config.full, norm: "linear" });
  const palettes = Object.fromEntries(Object.entries(config.palettes).map(([name, text]) => [name, bytesOf(/** @type {string} */ (text))]));
  const table = () => tableOf(palettes[look.cmap], look.invert);

  /** @param {number} left @param {number} top @param {number} scale @param {number} x0 @param {number} y0 @param {number} x1 @param {number} y1 @param {number} ratio */
  function grid(left, top, scale, x0, y0, x1, y1, ratio) {
    context.strokeStyle = "rgba(128,128,128,.5)";
    context.lineWidth = 1;
    context.beginPath();
    for (let x = x0; x <= x1; x++) { context.moveTo(Math.round(left + x * scale) + 0.5, top + y0 * scale); context.lineTo(Math.round(left + x * scale) + 0.5, top + y1 * scale); }
    for (let y = y0; y <= y1; y++) { context.moveTo(left + x0 * scale, Math.round(top + y * scale) + 0.5); context.lineTo(left + x1 * scale, Math.round(top + y * scale) + 0.5); }
    context.stroke();
    if (view.scale < VALUES_FROM) return;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let y = y0; y < y1; y++) {
      for (let x = x0; x < x1; x++) {
        const texts = samples.at(y, x).map((value) => short(value));
        const size = Math.min(13, (1.5 * view.scale) / Math.max(...texts.map((t) => t.length)), (0.8 * view.scale) / texts.length) * ratio;
        context.font = `${size}px system-ui, sans-serif`;
        texts.forEach((text, i) => {
          const at = [left + (x + 0.5) * scale, top + (y + 0.5) * scale + (i - (texts.length - 1) / 2) * size * 1.15];
          context.strokeStyle = "#000";
          context.lineWidth = size / 5;
          context.lineJoin = "round";
          context.strokeText(text, at[0], at[1]);
          context.fillStyle = "#fff";
          context.fillText(text, at[0], at[1]);
        });
      }
    }
  }
  const short = (/** @type {number | bigint} */ value) => {
    if (typeof value === "bigint" || Number.isInteger(value)) return String(value);
    return Number.isFinite(value) ? String(+value.toPrecision(3)) : written(value, samples.dtype);
  };

  function read() {
    const ratio = devicePixelRatio || 1;
    const under = (/** @type {number} */ p, /** @type {number} */ from) => (Math.floor(p * ratio) + 0.5 - from) / corner.scale; // as it is drawn
    const at = pointer && { x: under(pointer.x, corner.x), y: under(pointer.y, corner.y) };
    const inside = at && at.x >= 0 && at.y >= 0 && at.x < columns && at.y < rows;
    if (!at || !inside) {
      readout.textContent = `${columns}×${rows}, ${Math.round(view.scale * 100)} %`;
      return;
    }
    const [column, row] = [Math.floor(at.x), Math.floor(at.y)];
    const line = config.lower ? rows - 1 - row : row;
    const values = samples.at(row, column).map((value) => written(value, samples.dtype)).join(", ");
    readout.textContent = `x ${column}, y ${line}: ${values}${config.exact ? "" : " (7 digits)"}   ${Math.round(view.scale * 100)} %`;
  }

  // Contrast: what values there are, with a handle at each limit

  const one = channels === 1 && !Array.isArray(look.vmin);
  const [low, high] = config.extent;
  const span = high - low || 1;
  const counts = new Float64Array(130);
  let known = new Float64Array(0); // of a large plane a sample, sorted
  function count() {
    const { data } = samples.levels[0];
    const step = Math.max(1, Math.floor(data.length / 500000));
    known = Float64Array.from({ length: Math.ceil(data.length / step) }, (_, i) => data[i * step]).filter(Number.isFinite);
    if (look.norm === "log") known = known.filter((value) => value > 0);
    known.sort();
    counts.fill(0);
    for (const value of known) counts[clamp(Math.floor(((value - low) / span) * 130), 0, 129)]++;
  }
  if (!one) find("[data-do=contrast]").hidden = true;
  if (look.norm === "log") find("[data-do=symmetric]").hidden = true; // there is nothing below 0
  const at = (/** @type {number} */ value) => clamp((value - low) / span, 0, 1);
  function histogram() {
    const ratio = devicePixelRatio || 1, [width, height] = [260 * ratio, 60 * ratio];
    Object.assign(plot, { width, height });
    const pen = /** @type {CanvasRenderingContext2D} */ (plot.getContext("2d"));
    const most = Math.max(...counts) || 1;
    pen.fillStyle = "#888";
    counts.forEach((count, i) => { const tall = Math.sqrt(count / most) * (height - 8 * ratio); pen.fillRect((i * width) / 130, height - tall, width / 130, tall); });
    for (const name of ["vmin", "vmax"]) {
      pen.fillStyle = "#e33";
      const x = at(look[name]) * (width - 2 * ratio);
      pen.fillRect(x, 0, 2 * ratio, height);
      pen.beginPath();
      pen.arc(clamp(x + ratio, 5 * ratio, width - 5 * ratio), 5 * ratio, 4 * ratio, 0, 7);
      pen.fill();
    }
    find(".range").textContent = `${said(look.vmin, 5)} to ${said(look.vmax, 5)}`;
  }
  const base = BigInt(config.base);
  const said = (/** @type {number} */ limit, digits = 17) => String(base ? base + BigInt(Math.round(limit)) : +limit.toPrecision(digits));
  const limits = (/** @type {number} */ vmin, /** @type {number} */ vmax) => { Object.assign(look, { vmin, vmax }); histogram(); recolour(); };
  plot.onpointerdown = (event) => {
    plot.setPointerCapture(event.pointerId);
    const value = (/** @type {PointerEvent} */ move) => low + span * clamp((move.clientX - plot.getBoundingClientRect().left) / 260, 0, 1);
    const name = Math.abs(value(event) - look.vmin) <= Math.abs(value(event) - look.vmax) ? "vmin" : "vmax";
    const move = (/** @type {PointerEvent} */ moved) => { limits(name === "vmin" ? value(moved) : look.vmin, name === "vmax" ? value(moved) : look.vmax); };
    move(event);
    plot.onpointermove = move;
    plot.onpointerup = plot.onpointercancel = () => { plot.onpointermove = null; };
  };

  // What the buttons and keys do

  const chosen = /** @type {HTMLSelectElement} */ (find(".cmap"));
  for (const name of Object.keys(palettes)) chosen.add(new Option(name, name, name === look.cmap, name === look.cmap));
  chosen.onchange = () => { look.cmap = chosen.value; recolour(); };
  const press = (/** @type {string} */ name, /** @type {boolean} */ on) => find(`[data-do=${name}]`).setAttribute("aria-pressed", String(on));
  /** @type {Record<string, () => void>} */
  const actions = {
    fit, in: () => zoom(1.5), out: () => zoom(1 / 1.5),
    one: () => { view.scale = 1; pan(0, 0); },
    full: () => { (document.fullscreenElement ? document.exitFullscreen() : stage.requestFullscreen?.())?.catch(() => {}); },
    contrast: () => { press("contrast", panel.classList.toggle("open")); count(); histogram(); },
    minmax: () => limits(low, high),
    robust: () => { if (known.length) limits(known[Math.floor(0.02 * known.length)], known[Math.ceil(0.98 * known.length) - 1]); },
    symmetric: () => { const own = Number(base), most = Math.max(Math.abs(low + own), Math.abs(high + own)); limits(-most - own, most - own); },
    given: () => limits(given.vmin, given.vmax),
    invert: () => { look.invert = !look.invert; press("invert", look.invert); recolour(); },
    copy: () => { navigator.clipboard?.writeText(`vmin=${said(look.vmin)}, vmax=${said(look.vmax)}`).catch(() => {}); },
  };
  shadow.addEventListener("click", (event) => {
    const name = /** @type {HTMLElement} */ (event.target).dataset?.do;
    if (name) actions[name]();
  });
  const keys = { "+": "in", "=": "in", "-": "out", 0: "fit", 1: "one", f: "full", c: "contrast" };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const name = keys[/** @type {keyof typeof keys} */ (event.key)];
    const step = 60 / view.scale;
    const way = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] }[event.key];
    if (name === "contrast" && !one) return;
    if (name) actions[name]();
    else if (way) pan(way[0], way[1]);
    else if (event.key === "Escape") canvas.blur();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });

  // Pointers: drag to pan, two fingers to pinch, the wheel to zoom once the viewer has the focus

  /** @type {Map<number, {x: number, y: number}>} */
  const down = new Map();
  const inStage = (/** @type {MouseEvent} */ event) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    down.set(event.pointerId, inStage(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    const now = inStage(event), before = down.get(event.pointerId);
    pointer = now;
    if (before) {
      const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
      if (other) {
        const apart = (/** @type {{x: number, y: number}} */ p) => Math.hypot(p.x - other.x, p.y - other.y) || 1;
        zoom(apart(now) / apart(before), other.x, other.y);
      } else pan((before.x - now.x) / view.scale, (before.y - now.y) / view.scale);
      down.set(event.pointerId, now);
    }
    draw();
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, (event) => down.delete(/** @type {PointerEvent} */ (event).pointerId));
  canvas.addEventListener("pointerleave", () => { pointer = null; draw(); });
  canvas.addEventListener("dblclick", (event) => { const { x, y } = inStage(event); zoom(event.shiftKey ? 0.5 : 2, x, y); });
  let hiding = 0;
  canvas.addEventListener("wheel", (event) => {
    if (shadow.activeElement !== canvas && !event.ctrlKey) {
      hint.style.opacity = "1";
      clearTimeout(hiding);
      hiding = setTimeout(() => { hint.style.opacity = "0"; }, 900);
      return;
    }
    event.preventDefault();
    const { x, y } = inStage(event);
    zoom(Math.exp(-clamp(event.deltaY * (event.deltaMode ? 16 : 1), -200, 200) / (event.ctrlKey ? 100 : 300)), x, y);
  }, { passive: false });

  // More planes than one: a slider

  if (config.planes.length > 1) {
    find(".planes").innerHTML = `<label>plane <input type="range" min="0" max="${config.planes.length - 1}" value="0"></label> <output></output>`;
    const name = (/** @type {number} */ i) => { find(".planes output").textContent = config.names?.[i] ?? String(i); };
    name(0);
    const slider = /** @type {HTMLInputElement} */ (find(".planes input"));
    const kept = new Map([[0, samples]]);
    slider.oninput = async () => {
      const wanted = +slider.value;
      name(wanted);
      const found = kept.get(wanted) ?? await Samples.decode(config.planes[wanted], config.base);
      kept.set(wanted, found);
      if (+slider.value !== wanted) return; // another one has been asked for meanwhile
      [samples, plane] = [found, wanted];
      if (panel.classList.contains("open")) { count(); histogram(); }
      recolour();
    };
  }

  root.append(host);
  if (stage.clientWidth && stage.clientWidth < config.width) { // a narrow page: no empty bands above and below
    stage.style.height = `${Math.max(120, (config.height * stage.clientWidth) / config.width) + 2}px`;
  }
  if (fallback) fallback.style.display = "none";
  new ResizeObserver(() => { if (fitted || !view.scale) fit(); else draw(); }).observe(stage);
  draw();
}
