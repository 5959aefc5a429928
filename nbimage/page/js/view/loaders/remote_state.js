// What a page and Python tell each other: what is seen, the index along the axes, contrast,
// cursor, shapes.

/** @typedef {import("../viewer/viewer.js").Viewer} Viewer */
/**
 * @typedef {import("../base/types.js").Control & {receive: (message: any) => void, end: () =>
 *   void}} StateSync
 */

const AT_REST = 250; // milliseconds
const EAGER = 40; // between messages while another view follows
// beside the viewport; what Python checks is in nbimage/view/live/messages.py
const SYNCHRONIZED = [
  "index",
  "projections",
  "displays",
  "cursor",
  "mode",
  "pair",
  "swipe",
  "rate",
  "linked",
  "panels",
  "axes",
  "tip",
  "shapes",
  "selected",
  "layers",
  "image",
];

/**
 * @param {Viewer} viewer
 * @param {(changes: Record<string, any>) => void} send
 * @param {boolean} eager
 * @returns {StateSync}
 */
export function syncState(viewer, send, eager) {
  /** @type {Set<string>} */
  const changed = new Set();
  let timer = 0;
  let hearing = false;
  let known = "";
  let follows = eager;
  let pressed = false;
  /** @type {import("../base/types.js").Box | null | undefined} that could not be shown yet */
  let later;
  const view = () => {
    const {
      focus,
      panes: [{ camera }],
    } = viewer;
    return focus.fitted
      ? "all"
      : [focus.x, focus.y, focus.scale, camera.width, camera.height].join();
  };
  const tell = () => {
    timer = 0;
    // sent later
    if (!viewer.host.isConnected || !viewer.panes.length || (pressed && !follows)) return;
    /** @type {Record<string, any>} */
    const changes = {};
    const { state, focus } = viewer;
    for (const name of changed)
      if (name !== "viewport") changes[name] = /** @type {any} */ (state)[name] ?? null;
    if (changed.has("viewport")) {
      changes.viewport = focus.fitted ? null : viewer.panes[0].camera.visible();
      changes.scale = focus.scale;
    }
    changed.clear();
    send(changes);
  };
  const note = (/** @type {string[]} */ names) => {
    for (const name of names) changed.add(name);
    const quick = follows && !changed.has("displays");
    if (quick && timer) return;
    clearTimeout(timer);
    timer = setTimeout(tell, quick ? EAGER : AT_REST);
  };
  // what Python does not know: what was taken over from another one, or changed before it answered
  const { found, given } = viewer.memory;
  const state = /** @type {Record<string, any>} */ (viewer.state);
  const own = SYNCHRONIZED.filter(
    (name) => name in state && (found || state[name] !== given[name]),
  );
  if (!viewer.focus.fitted && (found || !given.viewport)) own.push("viewport");
  if (own.length) note(own);
  viewer.on((change) => {
    const names = Object.keys(change).filter((name) => SYNCHRONIZED.includes(name));
    if (!hearing && names.length) note(names);
  });
  /** A drag is at rest when it is over, however slow the hand. @param {PointerEvent} event */
  const press = ({ type, buttons }) => {
    pressed = type === "pointerdown" || (pressed && buttons > 0);
    if (!pressed && changed.size && !timer) note([]);
  };
  for (const name of /** @type {const} */ ([
    "pointerdown",
    "pointermove",
    "pointerup",
    "pointercancel",
  ]))
    viewer.host.addEventListener(name, press, true);
  const show = (/** @type {import("../base/types.js").Box | null} */ viewport) => {
    const { panes, focus } = viewer;
    if (!panes.length || !panes[0].camera.width) later = viewport;
    else {
      later = undefined;
      if (viewport) panes[0].camera.show(viewport);
      focus.fitted = !viewport;
      if (!viewport) viewer.fit();
      known = view();
      viewer.draw();
    }
  };
  return {
    over: (pane) => {
      if (pane !== viewer.panes[0]) return;
      if (later !== undefined) show(later);
      const now = view();
      if (known && now !== known) note(["viewport"]);
      known = now;
      if (changed.size && !timer) note([]);
    },
    receive: ({ changes, eager: now }) => {
      if (now !== undefined) follows = now;
      const { viewport, scale: _, ...rest } = changes ?? {};
      hearing = true;
      try {
        if (Object.keys(rest).length) viewer.set(rest);
      } finally {
        hearing = false;
      }
      if (viewport !== undefined) show(viewport);
    },
    end: () => clearTimeout(timer),
  };
}
