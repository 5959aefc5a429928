// Values to colours: the same 256 bins and the same pixels as in Python.

import { decodeBase64 } from "../base/bytes.js";

/** @typedef {import("../base/types.js").Look} Look */
/** @typedef {import("../base/types.js").ImageConfig} ImageConfig */
/** @typedef {import("../base/types.js").Plane} Plane */
/** @typedef {import("./samples.js").Window} Window */
/** @typedef {import("./samples.js").Numbers} Numbers */
/**
 * @typedef {{left: number, top: number, width: number, height: number}} Patch in the samples of a
 *   level
 */
/**
 * A look of one pair of limits.
 * @typedef {{vmin: number, vmax: number, norm: string, parameter: number | null, vsym?: boolean}}
 *   Limits
 */

const MISSING = 256; // the bin of NaN
const OPAQUE = 0xff << 24;
// those that have a table of all values
const FEW = [Uint8Array, Int8Array, Uint16Array, Int16Array];

/** Ways to bend values before they are spread evenly, each with its inverse. */
const BENT = {
  log: [(/** @type {number} */ x) => Math.log(x), (/** @type {number} */ y) => Math.exp(y)],
  asinh: [
    (/** @type {number} */ x, /** @type {number} */ knee) => Math.asinh(x / knee),
    (/** @type {number} */ y, /** @type {number} */ knee) => Math.sinh(y) * knee,
  ],
  symlog: [
    (/** @type {number} */ x, /** @type {number} */ knee) =>
      Math.sign(x) * Math.log1p(Math.abs(x) / knee),
    (/** @type {number} */ y, /** @type {number} */ knee) =>
      Math.sign(y) * Math.expm1(Math.abs(y)) * knee,
  ],
};

/** How a norm bends, if it does so between the limits. @param {Limits} limits */
function bending({ vmin, vmax, norm, parameter }) {
  const known = BENT[/** @type {keyof typeof BENT} */ (norm)];
  if (!known) return null;
  const knee = parameter || Math.max(Math.abs(vmin), Math.abs(vmax)) / 100 || 1;
  const [bend, unbend] = known;
  const low = bend(vmin, knee);
  const high = bend(vmax, knee);
  // as good as straight
  const close = Math.abs(high - low) <= 2 ** -36 * Math.max(Math.abs(low), Math.abs(high));
  return close ? null : { bend, unbend, knee, low, high };
}

/**
 * A function from a value to 0…1 between the limits.
 * @param {Limits} limits
 * @returns {(x: number) => number}
 */
export function placing(limits) {
  const { vmin, vmax, norm, parameter } = limits;
  const bent = bending(limits);
  if (bent) {
    const { bend, knee, low, high } = bent;
    const span = high - low;
    return (x) => (bend(x, knee) - low) / span;
  }
  const part = Number.isFinite(vmax - vmin) ? 1 : 0.5;
  const low = vmin * part;
  const span = vmax * part - low;
  const gamma = norm === "gamma" ? (parameter ?? 1) : 1;
  if (gamma === 1) return (x) => (x * part - low) / span;
  return (x) => {
    const t = (x * part - low) / span;
    return Math.sign(t) * Math.abs(t) ** gamma;
  };
}

/** The inverse of `placing`. @param {Limits} limits @returns {(place: number) => number} */
export function unplacing(limits) {
  const { vmin, vmax, norm, parameter } = limits;
  const bent = bending(limits);
  if (bent) {
    const { unbend, knee, low, high } = bent;
    return (t) => unbend(low + t * (high - low), knee);
  }
  const gamma = norm === "gamma" ? 1 / (parameter ?? 1) : 1;
  return (t) => {
    const even = Math.sign(t) * Math.abs(t) ** gamma;
    return vmin * (1 - even) + vmax * even;
  };
}

/**
 * The arithmetic of even bins, as Python has it: the same pixel at every edge.
 * @param {Limits} limits
 */
function ruler({ vmin, vmax }) {
  const span = Math.abs(vmax - vmin);
  const factor = !Number.isFinite(span * 256) ? 2 ** -10 : span < 2 ** -958 ? 2 ** 100 : 1;
  const low = vmin * factor;
  return { factor, low, step: (vmax * factor - low) / 256 };
}

/**
 * A function from a value to its bin, 0 to 255, `MISSING` for NaN.
 * @param {Limits} limits
 * @returns {(x: number) => number}
 */
export function binning(limits) {
  const { vmin, vmax, norm, vsym } = limits;
  if (vmin === vmax) {
    const least = norm === "log" ? 0 : -Infinity; // what lies below has no logarithm
    return (x) =>
      !(x >= least) ? MISSING : x > vmin ? 255 : vsym && x === 0 && vmin === 0 ? 128 : 0;
  }
  const { factor, low, step } = ruler(limits);
  const place = norm === "linear" ? null : placing(limits);
  return (x) => {
    const bin = Math.floor(place ? place(x) * 256 : (x * factor - low) / step);
    return bin >= 255 ? 255 : bin >= 0 ? bin : bin !== bin ? MISSING : 0;
  };
}

/** The limits of one channel. @param {Look} look @param {number} channel @returns {Limits} */
export function limitsOf({ vmin, vmax, norm, parameter, vsym }, channel) {
  const at = vmin.length > 1 ? channel : 0;
  return { vmin: vmin[at], vmax: vmax[at], norm, parameter, vsym };
}

/**
 * The limits of an image's last channel, if that is alpha: its full scale unless it has its own.
 * @param {Look} look
 * @param {ImageConfig} image
 * @returns {Limits | null}
 */
function coverOf(look, { kind, channels, full }) {
  if (kind === "composite" || channels % 2) return null;
  if (look.vmin.length === channels) return limitsOf(look, channels - 1);
  return { vmin: 0, vmax: full, norm: "linear", parameter: null };
}

/**
 * A palette's (256, 4) bytes out of the base64 of those, or of (256, 3).
 * @param {string} text
 * @returns {Uint8Array}
 */
export function paletteOf(text) {
  const bytes = decodeBase64(text);
  if (bytes.length === 1024) return bytes;
  return Uint8Array.from({ length: 1024 }, (_, i) =>
    (i & 3) === 3 ? 255 : bytes[(i >> 2) * 3 + (i & 3)],
  );
}

/**
 * @type {WeakMap<Look, Record<string, any>>} looks never change, so neither does what follows from
 *   them
 */
const followed = new WeakMap();

/**
 * What follows from a look, made once.
 * @template T
 * @param {Look} look
 * @param {string} key
 * @param {() => T} make
 * @returns {T}
 */
function following(look, key, make) {
  const known = followed.get(look) ?? {};
  followed.set(look, known);
  known[key] ??= make();
  return known[key];
}

/**
 * The bins of all values that a dtype has, by their bits.
 * @param {Limits} limits
 * @param {number} bits
 * @param {boolean} signed
 */
function binTable(limits, bits, signed) {
  const table = new Uint16Array(2 ** bits);
  const bin = binning(limits);
  const shift = 32 - bits;
  for (let i = 0; i < table.length; i++) table[i] = bin(signed ? (i << shift) >> shift : i);
  return table;
}

const NEAR = new Float32Array(1);
const NEAR_BITS = new Uint32Array(NEAR.buffer);
const NEAR_SHIFT = 11; // the sign, the exponent and 12 bits after the point stay

/** The first bits of the float32 next to a value. @param {number} x */
function nearKey(x) {
  NEAR[0] = x;
  return NEAR_BITS[0] >>> NEAR_SHIFT;
}

/**
 * Where the bins of a bent norm lie, all but slivers around their edges. Norms only rise or only
 * fall and are
 * calculated to 2^-42 of a bin or, where limits lie close, to what `error` says; so whatever lies
 * between two values
 * that are clearly in a bin is in it. `hint` tells where to look for a value: its bin or one beside
 * it.
 * @param {Limits} limits
 */
function binZones(limits) {
  const { vmin, vmax, norm } = limits;
  const bent = bending(limits);
  const inverted = vmin > vmax;
  const error = bent
    ? Math.max(Math.abs(bent.low), Math.abs(bent.high)) / Math.abs(bent.high - bent.low)
    : 0;
  const gap = 2 ** -20 + 2 ** -39 * error;
  const place = placing(limits);
  const unplace = unplacing(limits);
  const low = new Float64Array(258).fill(Infinity);
  const high = new Float64Array(258).fill(-Infinity); // one more at each end
  const hint = new Uint16Array(2 ** (32 - NEAR_SHIFT));
  const least = norm === "log" ? 0 : -Infinity;
  for (let k = 0; k < 256; k++) {
    let first = unplace((k + gap) / 256);
    let last = unplace((k + 1 - gap) / 256);
    if (
      (k && !(place(first) * 256 >= k + gap / 2)) ||
      (k < 255 && !(place(last) * 256 <= k + 1 - gap / 2))
    )
      continue;
    if (!k) first = inverted ? Infinity : least;
    if (k === 255) last = inverted ? least : Infinity;
    const [from, to] = inverted ? [last, first] : [first, last];
    low[k + 1] = from;
    high[k + 1] = to;
    if (to >= 0) hint.fill(k + 1, nearKey(Math.max(from, 0)), nearKey(to) + 1);
    if (from < 0) hint.fill(k + 1, nearKey(Math.min(to, -0)), nearKey(from) + 1);
  }
  return { low, high, hint, beside: inverted ? -1 : 1, bin: binning(limits) };
}

/**
 * Writes the bins of a row's samples.
 * @typedef {(data: Numbers, from: number, step: number, bins: Uint16Array, to: number, end: number,
 *   how: any) => void} Filling
 */

/** @type {Filling} */
const fillByTable = (data, from, step, bins, to, end, /** @type {Uint16Array} */ table) => {
  const mask = table.length - 1;
  for (; to < end; to++, from += step) bins[to] = table[data[from] & mask];
};

/** @type {Filling} */
const fillEvenly = (
  data,
  from,
  step,
  bins,
  to,
  end,
  /** @type {ReturnType<typeof ruler>} */ rule,
) => {
  const { factor, low, step: width } = rule;
  for (; to < end; to++, from += step) {
    const place = (data[from] * factor - low) / width;
    if (place > -1e9 && place < 1e9) {
      let bin = place | 0; // clipped without branches, which noise would make slow
      bin &= ~(bin >> 31);
      bins[to] = (bin | ((255 - bin) >> 31)) & 255;
    } else bins[to] = place > 0 ? 255 : place < 0 ? 0 : MISSING;
  }
};

/** @type {Filling} */
const fillByZones = (
  data,
  from,
  step,
  bins,
  to,
  end,
  /** @type {ReturnType<typeof binZones>} */ zones,
) => {
  const { low, high, hint, beside, bin } = zones;
  for (; to < end; to++, from += step) {
    const x = data[from];
    let k = hint[nearKey(x)];
    if (!(x >= low[k] && x <= high[k])) k += x > high[k] ? beside : -beside;
    bins[to] = x >= low[k] && x <= high[k] ? k - 1 : bin(x);
  }
};

/**
 * The bins of one channel in a part of a level, `MISSING` for NaN.
 * @param {number} channels @param {Window} window @param {number} channel @param {Patch} patch
 * @param {Limits} limits @param {Look} look @returns {Uint16Array}
 */
function binsOf(
  channels,
  { data, columns, left: first, top: above },
  channel,
  { left, top, width, height },
  limits,
  look,
) {
  const { vmin, vmax, norm } = limits;
  const bins = new Uint16Array(width * height);
  const few = FEW.findIndex((Kind) => data instanceof Kind);
  const bits = few < 0 ? 0 : 8 * data.BYTES_PER_ELEMENT;
  const key = [few, vmin, vmax, norm].join();
  /** @type {[Filling, any]} */
  const [fill, how] = bits
    ? [fillByTable, following(look, key, () => binTable(limits, bits, few % 2 === 1))]
    : norm === "linear" && vmin !== vmax
      ? [fillEvenly, ruler(limits)]
      : [fillByZones, following(look, key, () => binZones(limits))];
  for (let i = 0; i < height; i++) {
    fill(
      data,
      ((top - above + i) * columns + left - first) * channels + channel,
      channels,
      bins,
      i * width,
      (i + 1) * width,
      how,
    );
  }
  return bins;
}

/**
 * A part of a level in colours.
 * @param {Plane} plane
 * @param {number} level
 * @param {Patch} patch
 * @param {ImageConfig} image
 * @param {Look} look
 * @param {Uint8Array} palette (256, 4) @returns {ImageData}
 */
export function painted(plane, level, patch, image, look, palette) {
  const samples = plane.window(level, patch);
  const picture = new ImageData(patch.width, patch.height);
  const words = new Uint32Array(picture.data.buffer);
  const bins = (/** @type {number} */ c, limits = limitsOf(look, c)) =>
    binsOf(plane.channels, samples, c, patch, limits, look);
  if (image.kind === "composite") composed(words, bins, image, look);
  else if (image.kind === "gray") {
    const table = new Uint32Array(MISSING + 1);
    const colours = new Uint32Array(palette.slice().buffer);
    const gray = bins(0);
    table.set(look.invert ? colours.reverse() : colours);
    for (let i = 0; i < words.length; i++) words[i] = table[gray[i]];
  } else {
    const [red, green, blue] = [0, 1, 2].map((c) =>
      look.on[c] === false ? new Uint16Array(words.length) : bins(c),
    );
    for (let i = 0; i < words.length; i++) {
      const r = red[i];
      const g = green[i];
      const b = blue[i];
      words[i] = (r | g | b) & MISSING ? 0 : OPAQUE | (b << 16) | (g << 8) | r;
    }
  }
  const limits = coverOf(look, image);
  if (limits) {
    const cover = bins(image.channels - 1, limits);
    for (let i = 0; i < words.length; i++) {
      if (words[i]) words[i] = (words[i] & 0xffffff) | (cover[i] & MISSING ? 0 : cover[i] << 24);
    }
  }
  return picture;
}

/**
 * Adds up the channels' colours, each by its bins: what has none in any channel stays clear.
 * @param {Uint32Array} words
 * @param {(channel: number) => Uint16Array} bins
 * @param {ImageConfig} image
 * @param {Look} look
 */
function composed(words, bins, { parts }, look) {
  // ten bits a colour, and a count of channels in the two above
  const table = new Int32Array(MISSING + 1);
  let least = OPAQUE; // where no channel is on
  parts.forEach(({ color }, c) => {
    if (!look.on[c]) return;
    least = 0;
    const found = bins(c);
    for (let i = 0; i < 256; i++) {
      const [red, green, blue] = color.map((most) => Math.floor((most * i + 127) / 255));
      table[i] = red | (green << 10) | (blue << 20) | (1 << 30);
    }
    for (let i = 0; i < words.length; i++) {
      const sum = words[i] + table[found[i]];
      const over = ((sum >> 8) | (sum >> 9)) & 0x00100401; // those above 255
      words[i] = ((sum | ((over << 8) - over)) & 0x0ff3fcff) | ((sum | (sum >> 1)) & (1 << 30));
    }
  });
  for (let i = 0; i < words.length; i++) {
    const sum = words[i];
    words[i] =
      (sum >> 30 ? OPAQUE : least) | ((sum >> 4) & 0xff0000) | ((sum >> 2) & 0xff00) | (sum & 255);
  }
}

/**
 * A value in as many digits as its dtype has.
 * @param {number | bigint} value
 * @param {string} dtype
 */
export function written(value, dtype) {
  if (typeof value === "bigint" || dtype.includes("int")) return String(value);
  if (!Number.isFinite(value)) return String(value).replace("-", "−").replace("Infinity", "inf");
  for (let digits = 1; dtype === "float32" && digits < 10; digits++) {
    // the shortest text that is this float32
    const near = +value.toPrecision(digits);
    if (Math.fround(near) === value) return String(near);
  }
  return String(value);
}
