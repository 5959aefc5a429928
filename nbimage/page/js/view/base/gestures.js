// Pointers, wheel and touch: what they do in a pane.

import { clamp } from "./camera.js";
import { scaleOf } from "./edges.js";

/** @typedef {{x: number, y: number}} Point */

const STILL = 4; // CSS pixels within which a press is a click
const FRICTION = 0.994; // of the speed, a millisecond
const SLOWEST = 0.05; // CSS pixels a millisecond

/**
 * Listen to double clicks. WebKit also calls two drags so that begin at one point: they are none.
 * @param {HTMLElement} node
 * @param {(event: MouseEvent) => void} run
 */
export function onDoubleClick(node, run) {
  /** @type {(Point & {moved: boolean})[]} the latest one first */
  let presses = [];
  node.addEventListener("pointerdown", ({ clientX, clientY }) => {
    presses = [{ x: clientX, y: clientY, moved: false }, ...presses.slice(0, 1)];
  });
  node.addEventListener("pointermove", ({ buttons, clientX, clientY }) => {
    const [press] = presses;
    if (buttons && press) press.moved ||= Math.hypot(clientX - press.x, clientY - press.y) >= STILL;
  });
  node.addEventListener("dblclick", (event) => {
    if (!presses.some(({ moved }) => moved)) run(event);
  });
}

/**
 * @param {import("./types.js").Pane} pane @param {import("./types.js").Explorer} explorer
 * @param {object} hands
 * @param {() => import("./types.js").Tool | undefined} hands.tool the one for dragging, if it is
 *   not for moving
 * @param {(at: Point | null) => void} hands.hover in CSS pixels of the pane
 * @param {(at: Point, first: boolean) => void} hands.click first: the viewer had no focus before
 * @param {() => void} hands.twice two clicks were a double one
 * @param {() => boolean} hands.focused whether the wheel is the viewer's
 * @param {() => void} hands.hint say how the wheel gets to zoom
 */
export function listenToGestures(pane, explorer, { tool, hover, click, twice, focused, hint }) {
  const { canvas, camera } = pane;
  /** @type {Map<number, Point>} */
  const down = new Map();
  /**
   * @type {{from: Point, moved: boolean, first: boolean, idle: boolean, tool:
   *   import("./types.js").Tool | undefined} | null}
   */
  let press = null;
  let speed = { x: 0, y: 0, at: 0 };
  let gliding = 0;
  const positionOf = (/** @type {MouseEvent} */ event) => {
    const { left, top } = canvas.getBoundingClientRect();
    const { x, y } = scaleOf(canvas); // on a slide
    const ratio = devicePixelRatio;
    const drawn = (/** @type {number} */ edge) => Math.round(edge * ratio) / ratio;
    return { x: (event.clientX - drawn(left)) / x, y: (event.clientY - drawn(top)) / y };
  };
  const inWorld = (/** @type {Point} */ at) => camera.toWorld(at.x, at.y);

  canvas.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    cancelAnimationFrame(gliding);
    const first = !focused();
    if (event.pointerType !== "touch") canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    const at = positionOf(event);
    down.set(event.pointerId, at);
    speed = { x: 0, y: 0, at: event.timeStamp };
    // the page's, to scroll
    const idle = event.pointerType === "touch" && canvas.style.touchAction !== "none";
    press =
      down.size === 1
        ? { from: at, moved: false, first, idle, tool: idle ? undefined : tool() }
        : null;
    press?.tool?.start(inWorld(at), pane);
    hover(at);
  });

  canvas.addEventListener("pointermove", (event) => {
    const now = positionOf(event);
    const before = down.get(event.pointerId);
    hover(now);
    if (!before) return;
    const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const apart = (/** @type {Point} */ p) => Math.hypot(p.x - other.x, p.y - other.y) || 1;
      camera.zoom(
        camera.scale * (apart(now) / apart(before)),
        (now.x + other.x) / 2,
        (now.y + other.y) / 2,
      );
      camera.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
    } else if (press) {
      press.moved ||= Math.hypot(now.x - press.from.x, now.y - press.from.y) >= STILL;
      if (press.tool) press.tool.move(inWorld(now), pane);
      else if (press.moved && !press.idle) {
        camera.pan(now.x - before.x, now.y - before.y);
        const time = Math.max(1, event.timeStamp - speed.at);
        const share = Math.min(1, time / 40);
        const mix = (/** @type {number} */ old, /** @type {number} */ step) =>
          old + share * (step / time - old);
        speed = {
          x: mix(speed.x, now.x - before.x),
          y: mix(speed.y, now.y - before.y),
          at: event.timeStamp,
        };
      } else return;
    }
    down.set(event.pointerId, now);
    explorer.draw();
  });

  const up = (/** @type {PointerEvent} */ event) => {
    const at = positionOf(event);
    if (!down.delete(event.pointerId) || !press) return;
    const ended = press;
    press = null;
    if (ended.tool) ended.tool.end(inWorld(at), pane);
    else if (!ended.moved && event.type === "pointerup") {
      if (event.pointerType === "touch") canvas.focus({ preventScroll: true });
      click(at, ended.first);
    } else if (
      !ended.idle &&
      event.type === "pointerup" &&
      event.timeStamp - speed.at < 50 &&
      !explorer.calm
    )
      glide(event.timeStamp);
  };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("pointerleave", () => hover(null));

  /** Go on after a swing, ever more slowly. @param {number} from */
  function glide(from) {
    gliding = requestAnimationFrame((now) => {
      const time = clamp(now - from, 0, 50);
      const slower = FRICTION ** time;
      camera.pan(speed.x * time, speed.y * time);
      speed = { x: speed.x * slower, y: speed.y * slower, at: now };
      explorer.draw();
      if (Math.hypot(speed.x, speed.y) > SLOWEST && canvas.isConnected) glide(now);
    });
  }

  onDoubleClick(canvas, (event) => {
    const { x, y } = positionOf(event);
    twice();
    camera.zoom(camera.scale * (event.shiftKey ? 0.5 : 2), x, y);
    explorer.draw();
  });

  canvas.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !focused()) return hint();
      event.preventDefault();
      cancelAnimationFrame(gliding);
      const { x, y } = positionOf(event);
      const turn = clamp(event.deltaY * (event.deltaMode ? 16 : 1), -200, 200);
      camera.zoom(
        camera.scale * Math.exp(-turn / (event.ctrlKey && Math.abs(turn) < 50 ? 100 : 300)),
        x,
        y,
      );
      explorer.draw();
    },
    { passive: false },
  );

  // One finger scrolls the page until the viewer has the focus; two are always the viewer's
  canvas.style.touchAction = "pan-x pan-y";
  canvas.addEventListener("focus", () => {
    canvas.style.touchAction = "none";
  });
  canvas.addEventListener("blur", () => {
    canvas.style.touchAction = "pan-x pan-y";
  });
}
