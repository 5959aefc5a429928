// Values to colours: the same 256 bins as in Python.

/** @typedef {{vmin: number, vmax: number, norm: string, parameter: number | null, vsym: boolean, cmap: string, invert: boolean}} Look */

const BENT = {
  log: (/** @type {number} */ x) => Math.log(x),
  asinh: (/** @type {number} */ x, /** @type {number} */ knee) => Math.asinh(x / knee),
  symlog: (/** @type {number} */ x, /** @type {number} */ knee) => Math.sign(x) * Math.log1p(Math.abs(x) / knee),
};

/** A function from a value to 0…1 between the limits. @param {Look} look @returns {(x: number) => number} */
export function placing({ vmin, vmax, norm, parameter }) {
  const bend = BENT[/** @type {keyof typeof BENT} */ (norm)];
  if (!bend) {
    const gamma = norm === "gamma" ? parameter ?? 1 : 1;
    if (gamma === 1) return (x) => (x - vmin) / (vmax - vmin);
    return (x) => { const t = (x - vmin) / (vmax - vmin); return Math.sign(t) * Math.abs(t) ** gamma; };
  }
  const knee = parameter || Math.max(Math.abs(vmin), Math.abs(vmax)) / 100 || 1;
  const low = bend(vmin, knee), high = bend(vmax, knee);
  return (x) => (bend(x, knee) - low) / (high - low);
}

/** A function from a value to its bin, 0 to 255; -1 for what is missing. @param {Look} look @returns {(x: number) => number} */
export function binning(look) {
  const { vmin, vmax, norm, vsym } = look;
  if (vmin === vmax) return (x) => (x !== x ? -1 : x > vmin ? 255 : vsym && x === 0 && vmin === 0 ? 128 : 0);
  if (norm === "linear") { // as rerange has it: the same pixel at every edge
    const span = Math.abs(vmax - vmin);
    const factor = !Number.isFinite(span * 256) ? 2 ** -10 : span < 2 ** -958 ? 2 ** 100 : 1;
    const low = vmin * factor, step = (vmax * factor - low) / 256;
    return (x) => {
      const bin = Math.floor((x * factor - low) / step);
      return bin >= 255 ? 255 : bin >= 0 ? bin : x !== x ? -1 : 0;
    };
  }
  const place = placing(look);
  return (x) => {
    const bin = Math.floor(place(x) * 256);
    return bin >= 255 ? 255 : bin >= 0 ? bin : bin !== bin ? -1 : 0;
  };
}

/** The 256 colours of a look, as the words of an ImageData. @param {Uint8Array} rgb @param {boolean} invert */
export function tableOf(rgb, invert) {
  const table = new Uint32Array(256);
  for (let i = 0; i < 256; i++) {
    const from = 3 * (invert ? 255 - i : i);
    table[i] = 0xff000000 | (rgb[from + 2] << 16) | (rgb[from + 1] << 8) | rgb[from];
  }
  return table;
}

/**
 * Colours of a part of a level. Colour samples take one bin a channel, and alpha its own full scale.
 * @param {import("./samples.js").Level} level @param {number} channels
 * @param {{left: number, top: number, width: number, height: number}} part
 * @param {((x: number) => number)[]} bins one, or one a channel
 * @param {(x: number) => number} cover @param {Uint32Array} table @returns {ImageData}
 */
export function coloured(level, channels, part, bins, cover, table) {
  const image = new ImageData(part.width, part.height);
  const words = new Uint32Array(image.data.buffer);
  const { data, columns } = level;
  const gray = channels < 3, alpha = channels === 2 || channels === 4;
  const [red, green = red, blue = red] = bins;
  for (let i = 0, to = 0; i < part.height; i++) {
    let from = ((part.top + i) * columns + part.left) * channels;
    for (let j = 0; j < part.width; j++, from += channels, to++) {
      let word = 0;
      if (gray) {
        const bin = red(data[from]);
        if (bin >= 0) word = table[bin];
      } else {
        const r = red(data[from]), g = green(data[from + 1]), b = blue(data[from + 2]);
        if (r >= 0 && g >= 0 && b >= 0) word = 0xff000000 | (b << 16) | (g << 8) | r;
      }
      if (alpha && word) {
        const share = Math.max(0, cover(data[from + channels - 1]));
        word = (word & 0xffffff) | (share << 24);
      }
      words[to] = word;
    }
  }
  return image;
}

/** A value in as many digits as its dtype has. @param {number | bigint} value @param {string} dtype */
export function written(value, dtype) {
  if (typeof value === "bigint" || dtype.includes("int")) return String(value);
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "−inf";
  if (dtype !== "float32") return String(value);
  for (let digits = 1; digits < 9; digits++) { // the shortest text that is this float32
    const text = value.toPrecision(digits);
    if (Math.fround(+text) === value) return String(+text);
  }
  return String(value);
}
