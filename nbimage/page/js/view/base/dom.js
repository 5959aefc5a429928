// Elements, made in one line.

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, unknown>} [own] its properties, and role and aria-label
 * @param {(Node | string)[]} inside
 */
export function element(tag, own = {}, ...inside) {
  const node = document.createElement(tag);
  const { role, label, ...rest } = own;
  Object.assign(node, rest);
  if (role) node.setAttribute("role", String(role));
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
 * A button with a sign, which its title names.
 * @param {string} sign
 * @param {string} title
 * @param {() => void} onclick
 */
export const signButton = (sign, title, onclick) => button(sign, title, onclick, { label: title });

/**
 * What Python says of an element, once: null if it has been read, or is not there yet.
 * @param {Element} root
 * @returns {import("./types.js").Config | null}
 */
export function readConfig(root) {
  const { dataset } = /** @type {HTMLElement} */ (root);
  const json = root.querySelector(":scope > script[type='application/json']");
  if (dataset.ready || !json) return null;
  dataset.ready = "1";
  return JSON.parse(json.textContent ?? "{}");
}
