// Elements, made in one line.

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown>} [own] its properties; label: its aria-label
 * @param {(Node | string)[]} inside
 */
export function element(tag, own = {}, ...inside) {
  const { label, ...rest } = own;
  const node = document.createElement(tag);
  Object.assign(node, rest);
  if (label) node.setAttribute("aria-label", String(label));
  node.append(...inside);
  return node;
}

/**
 * A button with a text of its own.
 * @param {string} textContent
 * @param {string} title
 * @param {() => void} onclick
 * @param {Record<string, unknown>} more
 */
export const button = (textContent, title, onclick, more = {}) =>
  element("button", { type: "button", textContent, title, onclick, ...more });

/**
 * An icon of 16 CSS pixels.
 * @param {string} path what stands before a bar is filled
 */
export function drawIcon(path) {
  const holder = element("div");
  holder.innerHTML =
    '<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path/><path class="full"/></svg>';
  const [svg] = /** @type {any} */ (holder.children);
  path
    .split("|")
    .reverse()
    .forEach((d, i) => svg.children[i].setAttribute("d", d));
  return /** @type {SVGElement} */ (svg);
}
