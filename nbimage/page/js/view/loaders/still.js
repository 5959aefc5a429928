// The picture that stands above a live view: where that can't be shown, nothing but the picture is
// seen.

/** @param {HTMLElement} root */
function watchView(root) {
  const own = root.closest(".jp-OutputArea-child");
  const area = own?.parentElement;
  if (!area || root.dataset.ready) return;
  root.dataset.ready = "1";
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

for (const root of document.querySelectorAll(".nbimage-still")) {
  watchView(/** @type {HTMLElement} */ (root));
}
