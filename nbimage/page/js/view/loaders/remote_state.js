// What Python knows of a page, and says to it: what is seen, the place along the axes, contrast,
// cursor, shapes.

/** @typedef {import("../viewer/viewer.js").Viewer} Viewer */
/**
 * @typedef {import("../base/types.js").Control & {receive: (message: any) => void, end: () =>
 *   void}} StateSync
 */

const AT_REST = 250; // milliseconds
const EAGER = 40; // between messages while another view follows
// Beside the region. What Python checks is in nbimage/view/live/messages.py.
const TOLD = [
  "plane",
  "looks",
  "cursor",
  "line",
  "box",
  "mode",
  "pair",
  "swipe",
  "rate",
  "contrast",
  "shapes",
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
    // told later
    if (!viewer.host.isConnected || !viewer.panes.length || (pressed && !follows)) return;
    /** @type {Record<string, any>} */
    const changes = {};
    const { state, focus } = viewer;
    for (const name of changed)
      if (name !== "region") changes[name] = /** @type {any} */ (state)[name] ?? null;
    if (changed.has("region")) {
      changes.region = focus.fitted ? null : viewer.panes[0].camera.visible();
      changes.scale = focus.scale;
    }
    changed.clear();
    send(changes);
  };
  const note = (/** @type {string[]} */ names) => {
    for (const name of names) changed.add(name);
    const quick = follows && !changed.has("looks");
    if (quick && timer) return;
    clearTimeout(timer);
    timer = setTimeout(tell, quick ? EAGER : AT_REST);
  };
  viewer.on((change) => {
    const names = Object.keys(change).filter((name) => TOLD.includes(name));
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
  const show = (/** @type {import("../base/types.js").Box | null} */ region) => {
    const { panes, focus } = viewer;
    if (!panes.length || !panes[0].camera.width) later = region;
    else {
      later = undefined;
      if (region) panes[0].camera.show(region);
      focus.fitted = !region;
      if (!region) viewer.fit();
      known = view();
      viewer.draw();
    }
  };
  return {
    over: (pane) => {
      if (pane !== viewer.panes[0]) return;
      if (later !== undefined) show(later);
      const now = view();
      if (known && now !== known) note(["region"]);
      known = now;
      if (changed.size && !timer) note([]);
    },
    receive: ({ changes, eager: now }) => {
      if (now !== undefined) follows = now;
      const { region, scale: _, ...rest } = changes ?? {};
      hearing = true;
      try {
        if (Object.keys(rest).length) viewer.set(rest);
      } finally {
        hearing = false;
      }
      if (region !== undefined) show(region);
    },
    end: () => clearTimeout(timer),
  };
}
