// The difference that the eye sees as images alternate: LDR-FLIP, as nbimage/metrics has it.

import { registerTask } from "../values/aside.js";
import { correlate } from "./similarity.js";

/** @typedef {Float64Array} Band */

/** Rows of weights: linear RGB to XYZ, of which each is 1 in white; and back. */
function flipColors() {
  const m = [
    [10135552 / 24577794, 8788810 / 24577794, 4435075 / 24577794],
    [2613072 / 12288897, 8788810 / 12288897, 887015 / 12288897],
    [1425312 / 73733382, 8788810 / 73733382, 70074185 / 73733382],
  ].map((row) => row.map((weight) => weight / (row[0] + row[1] + row[2])));
  const minor = (/** @type {number} */ i, /** @type {number} */ j) => {
    const [p, q, r, s] = [(i + 1) % 3, (i + 2) % 3, (j + 1) % 3, (j + 2) % 3];
    return m[p][r] * m[q][s] - m[p][s] * m[q][r];
  };
  const whole = m[0][0] * minor(0, 0) + m[0][1] * minor(0, 1) + m[0][2] * minor(0, 2);
  return [m, m.map((_, i) => m.map((_, j) => minor(j, i) / whole))];
}

/** Samples around one that are read. @param {number} ppd pixels per degree */
export function flipHalo(ppd) {
  return Math.ceil(3 * Math.sqrt(0.02) * (ppd / Math.PI));
}

/** Weights in equal steps. @param {number} radius @param {(at: number) => number} weight */
function weigh(radius, weight) {
  return Array.from({ length: 2 * radius + 1 }, (_, i) => weight(i - radius));
}

/** @param {number[]} taps */
function addUp(taps) {
  return taps.reduce((sum, tap) => sum + tap, 0);
}

/** Three weighted bands as one. @param {number[]} row @param {Band[]} bands */
function mixBands([p, q, r], [x, y, z]) {
  return x.map((value, i) => p * value + q * y[i] + r * z[i]);
}

/**
 * L*, a*, b* of linear RGB, whose chroma is less where it is dark (Hunt's effect).
 * @param {Band[]} colors
 */
function evenColors(colors) {
  const bend = (/** @type {number} */ t) =>
    t > (6 / 29) ** 3 ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29;
  const [x, y, z] = flipColors()[0].map((row) => mixBands(row, colors).map(bend));
  const light = y.map((value) => 116 * value - 16);
  return [
    light,
    light.map((value, i) => 5 * value * (x[i] - y[i])),
    light.map((value, i) => 2 * value * (y[i] - z[i])),
  ];
}

/** How far colors lie from one another. @param {Band[]} one @param {Band[]} other */
function colorError(one, other) {
  return one[0].map((light, i) => {
    const chroma = Math.hypot(one[1][i] - other[1][i], one[2][i] - other[2][i]);
    return (Math.abs(light - other[0][i]) + chroma) ** 0.7;
  });
}

/**
 * A band's colors as the eye sees them, and how much of edges and of points there is.
 * @param {Band[]} bands gray, or red, green and blue @param {number} width @param {number} ppd
 */
function seeBand(bands, width, ppd) {
  const linear = bands.map((band) =>
    band.map((s) => (s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4)),
  );
  const [to, from] = flipColors();
  const colors = linear.length > 1 ? linear : [linear[0], linear[0], linear[0]];
  const [x, y, z] = to.map((row) => mixBands(row, colors));
  const radius = flipHalo(ppd);
  const pass = (/** @type {Band} */ band, /** @type {number[][]} */ ...gaussians) => {
    const parts = gaussians.map(([weight, wide]) => {
      const taps = weigh(radius, (at) => Math.exp(-(((Math.PI * at) / ppd) ** 2) / wide));
      const height = weight * Math.sqrt(Math.PI / wide);
      const found = correlate(correlate(band, taps, width), taps, 1);
      return { height, sum: height * addUp(taps) ** 2, found };
    });
    const sum = addUp(parts.map((part) => part.sum));
    return parts[0].found.map((_, i) =>
      parts.reduce((all, { height, found }) => all + (height / sum) * found[i], 0),
    );
  };
  const yy = pass(y, [1, 0.0047]);
  const xy = pass(mixBands([1, -1, 0], [x, y, z]), [1, 0.0053]);
  const yz = pass(mixBands([0, 1, -1], [x, y, z]), [34.1, 0.04], [13.5, 0.025]);
  const xyz = [mixBands([1, 1, 0], [xy, yy, yy]), yy, mixBands([1, -1, 0], [yy, yz, yz])];
  const limited = from.map((row) => mixBands(row, xyz).map((s) => Math.min(Math.max(s, 0), 1)));
  const deviation = 0.041 * ppd;
  const reach = Math.ceil(0.123 * ppd);
  const even = weigh(reach, (at) => Math.exp(-(at ** 2) / (2 * deviation ** 2)));
  const start = (radius - reach) * (width + 1);
  const features = [
    even.map((tap, i) => (reach - i) * tap),
    even.map((tap, i) => ((i - reach) ** 2 / deviation ** 2 - 1) * tap),
  ].map((raw) => {
    const high = addUp(raw.filter((tap) => tap > 0));
    const low = addUp(raw.filter((tap) => tap < 0));
    const taps = raw.map((tap) => tap / (tap < 0 ? -low : high));
    const across = correlate(correlate(y, even, width), taps, 1).subarray(start);
    const along = correlate(correlate(y, taps, width), even, 1).subarray(start);
    return yy.map((_, i) => Math.hypot(across[i], along[i]) / addUp(even));
  });
  return { colors: evenColors(limited), features };
}

/**
 * A band of a map.
 * @param {Band[]} bands of one image, then of the other, with `flipHalo` samples around
 * @param {number} width with those @param {{ppd: number}} options
 */
function findFlip(bands, width, { ppd }) {
  const count = bands.length / 2;
  const one = seeBand(bands.slice(0, count), width, ppd);
  const other = seeBand(bands.slice(count), width, ppd);
  const [green, blue] = [1, 2].map((channel) =>
    evenColors([0, 1, 2].map((c) => Float64Array.of(+(c === channel)))),
  );
  const most = colorError(green, blue)[0];
  const knee = 0.4 * most;
  return colorError(one.colors, other.colors).map((error, i) => {
    const color =
      error < knee ? (0.95 / knee) * error : 0.95 + ((error - knee) / (most - knee)) * 0.05;
    const [edge, point] = one.features.map((found, k) => Math.abs(found[i] - other.features[k][i]));
    return color ** (1 - Math.sqrt(Math.max(edge, point) / Math.SQRT2));
  });
}
registerTask(
  "flip",
  findFlip,
  seeBand,
  colorError,
  evenColors,
  mixBands,
  addUp,
  weigh,
  flipHalo,
  flipColors,
  correlate,
);
