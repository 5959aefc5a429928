// The elements around the panes, and where there is room for them.

import { element } from "../base/dom.js";
import { pageMemory } from "../base/page_memory.js";
import { copyText } from "./clipboard.js";
import { isField } from "./keys.js";

// CSS pixels
const LEAST_BELOW = 500; // that the controls have, if the page has them
const MOST_BELOW = 640; // if the words on their buttons need it
const BESIDE = 300; // that a column of panels takes
const STACKED = 560; // below which that lies below the stage
const GAP = 10; // between the stage and what stands beside it

export class Shell {
  #hiding = 0;
  /** @type {import("../base/types.js").Explorer["measure"]} */
  measure = undefined;
  host = element("div");
  stage = element("div", { className: "stage" });
  hinted = element("div", { className: "hint" });
  frame = element("div", { className: "frame" }, this.stage, this.hinted);
  zoomed = element("button", {
    type: "button",
    className: "zoom",
    title: "One to one (1)",
  });
  pinned = element("div", { className: "pinned", hidden: true });
  spoken = element("div", { className: "spoken" });
  ruler = element("div"); // as wide as there is room
  top = element("div", { className: "top" }, this.frame);
  below = element("div", { className: "below" });
  main = element("div", { className: "main" }, this.top, this.below);
  shell = element("div", { className: "shell" }, this.main);

  /** @type {HTMLElement | null} */
  bar = null;
  /** @type {HTMLElement | null} */
  help = null;
  /** @type {HTMLElement | null} */
  side = null;

  constructor() {
    this.host.dataset.lmSuppressShortcuts = "true"; // JupyterLab leaves the keys to it
    this.shadow = this.host.attachShadow({ mode: "open" });
    // the browser's menu is a picture's; beside it there is JupyterLab's, which asks the host
    this.shadow.addEventListener("contextmenu", ({ target }) => {
      const { classList } = /** @type {Element} */ (target);
      this.host.toggleAttribute("data-jp-suppress-context-menu", classList.contains("picture"));
    });
    this.spoken.setAttribute("aria-live", "polite");
    for (const name of ["focusin", "focusout"])
      this.shadow.addEventListener(name, () => this.frame.classList.toggle("held", this.held()));
  }

  announce = (/** @type {string} */ text) => {
    this.spoken.textContent = text;
  };

  /** Whether the wheel and the keys are the picture's. */
  held() {
    const { activeElement } = this.shadow;
    return activeElement !== null && !isField(activeElement);
  }

  copy = async (/** @type {string} */ text) => {
    const done = await copyText(text, this.shadow);
    const brief = text.length > 60 ? `${text.slice(0, 59)}…` : text;
    this.hint(done ? `Copied: ${brief}` : "The browser does not let this page copy");
  };

  hint = (/** @type {string} */ text, time = 1500) => {
    this.hinted.textContent = text;
    this.hinted.classList.add("on");
    this.announce(text);
    clearTimeout(this.#hiding);
    this.#hiding = setTimeout(() => this.hinted.classList.remove("on"), time);
  };

  /** How to zoom, once a page. */
  teach() {
    const page = pageMemory();
    if (!page.taught) this.hint("Click the picture or hold Ctrl: the wheel then zooms", 3000);
    page.taught = true;
  }

  /** Panels stand beside where there is room; a bar without it has signs alone, or two lines. */
  arrange() {
    const room = this.ruler.clientWidth;
    const stacked = room < STACKED;
    this.top.classList.toggle("stacked", stacked);
    const besides = stacked ? [] : [...this.top.children].slice(1);
    const wide = besides.reduce(
      (sum, one) => sum + /** @type {HTMLElement} */ (one).offsetWidth + GAP,
      this.frame.offsetWidth,
    );
    const bar = /** @type {HTMLElement} */ (this.bar);
    const { classList, children } = bar;
    classList.remove("brief", "two");
    bar.style.width = "max-content";
    const words = bar.offsetWidth + 1; // of which it is a rounded part
    bar.style.width = "";
    const most = Math.min(MOST_BELOW, room - (this.side?.hidden ? 0 : BESIDE));
    const own = Math.max(LEAST_BELOW, wide, words > most ? 0 : words);
    this.below.style.width = `${own}px`;
    const full = this.host.matches(":fullscreen");
    const beside = !this.side?.hidden && (full || room - own >= BESIDE);
    this.shell.classList.toggle("wide", beside);
    for (const name of ["brief", "two"]) {
      const [first, last] = [children[0], children[2]].map(
        (one) => one.getBoundingClientRect().top,
      );
      classList.toggle(name, last > first + 9);
    }
  }
}
