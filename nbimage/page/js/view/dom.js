// Elements, made in one line.

/** @template {keyof HTMLElementTagNameMap} T @param {T} tag @param {Record<string, unknown>} [own] its properties, and role and aria-label @param {(Node | string)[]} inside */
export function made(tag, own = {}, ...inside) {
  const element = document.createElement(tag);
  const { role, label, ...rest } = own;
  Object.assign(element, rest);
  if (role) element.setAttribute("role", String(role));
  if (label) element.setAttribute("aria-label", String(label));
  element.append(...inside);
  return element;
}
