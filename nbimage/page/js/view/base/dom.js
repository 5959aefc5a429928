// Elements, made in one line.

/**
 * Say of an element what its look does not, by attributes: not every browser has properties.
 * @param {Element} node
 * @param {Record<string, unknown>} all without "aria-"
 */
export function setAria(node, all) {
  for (const [name, value] of Object.entries(all)) node.setAttribute(`aria-${name}`, `${value}`);
}

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown>} [own] its properties; role, and label, which is its
 *   aria-label, become attributes
 * @param {(Node | string)[]} inside
 */
export function element(tag, own = {}, ...inside) {
  const { label, role, ...rest } = own;
  const node = document.createElement(tag);
  Object.assign(node, rest);
  if (label) setAria(node, { label });
  if (role) node.setAttribute("role", `${role}`);
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
