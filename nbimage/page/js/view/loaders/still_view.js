// What stands above a live view: where that can't be shown, nothing else is seen.

/**
 * Hide the words in its place until it comes.
 * @param {HTMLElement} root
 */
export function hideWords(root) {
  const own = root.closest(".jp-OutputArea-child");
  const area = own?.parentElement;
  if (!area) return;
  const watch = new MutationObserver(() => check());
  const check = () => {
    const next = /** @type {HTMLElement | null} */ (own.nextElementSibling);
    const view = next?.querySelector(".jp-OutputArea-output");
    if (!next || !view) return;
    next.style.display = view.firstElementChild ? "" : "none"; // words alone: it loads, or it can't
    if (view.firstElementChild) watch.disconnect();
  };
  watch.observe(area, { childList: true, subtree: true });
  check();
}
