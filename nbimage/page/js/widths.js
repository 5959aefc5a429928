// Widths that were dragged, by display id: an update of an output keeps them.

const page = /** @type {{nbimageWidths?: Map<string, number>}} */ (globalThis);

/** @type {Map<string, number>} one for all scripts of the page */
export const widths = page.nbimageWidths ?? new Map();
page.nbimageWidths = widths;
