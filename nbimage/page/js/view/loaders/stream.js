// New data for a live view: shown when all that is seen of them is here, and answered then, so that
// Python sends the newest ones next.

import { OUT_OF_SIGHT } from "../tiles/tiled_plane.js";

/** @typedef {import("../base/types.js").DataMessage} DataMessage */
/** @typedef {import("../tiles/tiled_source.js").TiledSource} TiledSource */

const PATIENCE = 500; // milliseconds until what is not all here is answered too

/**
 * @param {import("../viewer/viewer.js").Viewer} viewer
 * @param {(changes: any) => void} change the state, of which Python knows
 * @param {(message: any) => void} send
 * @param {(generation: number) => void} begin called when new data take the place of earlier ones
 */
export function streamData(viewer, change, send, begin) {
  let giveUp = () => {};
  const sources = /** @type {TiledSource[]} */ (/** @type {unknown} */ (viewer.sources));
  /** @param {DataMessage} message @param {(Uint8Array | null)[]} data of each tile */
  const decode = ({ tiles }, data) =>
    Promise.all(
      sources.map((source, image) =>
        source.decodeAll(
          tiles.flatMap((tile, i) => (tile.image === image ? [{ tile, data: data[i] }] : [])),
        ),
      ),
    );
  /** @param {DataMessage} message @param {ReturnType<typeof decode>} decoded */
  const show = async ({ generation, sizes, dtypes, changes }, decoded) => {
    const fresh = await decoded;
    sizes.forEach((size, axis) => {
      const one = viewer.config.axes[axis];
      if (one.size !== size) Object.assign(one, { size, labels: [] });
    });
    begin(generation);
    sources.forEach((source, image) => source.renew(dtypes[image], fresh[image]));
    const state = /** @type {any} */ (viewer.state);
    const differs = (/** @type {[string, any]} */ [name, value]) =>
      JSON.stringify(state[name]) !== JSON.stringify(value);
    const changed = Object.entries(changes).filter(differs);
    // what is told of planes, such as the numbers of shapes, is of other data now
    change({ index: viewer.state.index, ...Object.fromEntries(changed) });
    let waits = true;
    const enough = new Promise((done) => {
      giveUp = () => {
        waits = false;
        done(null);
      };
      setTimeout(giveUp, PATIENCE);
    });
    do await Promise.race([viewer.settled(), enough]);
    while (waits && sources.some(({ pending }) => pending));
    // what is here is drawn before it is answered, as it is where nothing is waited for
    if (!waits)
      await new Promise((done) => {
        requestAnimationFrame(done);
        setTimeout(done, PATIENCE);
      });
    const requests = sources.map((source, image) => ({
      image,
      tiles: source
        .wanted(OUT_OF_SIGHT)
        .map(({ plane, level, column, row }) => [plane, level, column, row]),
    }));
    send({ type: "drawn", generation, requests });
  };
  let last = Promise.resolve(); // one after the other
  return {
    /** @param {DataMessage} message @param {(Uint8Array | null)[]} data of each tile */
    receive(message, data) {
      const decoded = decode(message, data); // while the one before is drawn
      last = last.then(() => show(message, decoded)).catch((error) => viewer.hint(`${error}`));
    },
    /** Wait for no more tiles of what is shown: there are newer data. */
    hurry: () => giveUp(),
  };
}
