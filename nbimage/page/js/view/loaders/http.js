// Tiles from a server.

import { tileKey } from "../tiles/tile_key.js";
import { QueuedLoader } from "./queued_loader.js";

/** A loader of an image's tiles. @param {string} base its address */
export function createHttpLoader(base) {
  let share = 1;

  /**
   * @param {string} path
   * @param {import("./queued_loader.js").Done} done
   * @param {AbortSignal} signal
   */
  async function load(path, done, signal) {
    try {
      const answer = await fetch(`${base}/${path}`, { signal, cache: "no-store" });
      if (!answer.ok) throw new Error((await answer.text()).slice(0, 300) || `${answer.status}`);
      const data = new Uint8Array(await answer.arrayBuffer());
      if (signal.aborted) return;
      const { headers } = answer;
      share = +(headers.get("X-Progress") ?? 1);
      done(
        { dtype: headers.get("X-Dtype") ?? "", data, encoding: "bytes" },
        { rough: headers.get("X-Rough") === "1" },
      );
    } catch (error) {
      done(null, {
        error:
          error instanceof TypeError
            ? "the server does not answer"
            : `${/** @type {Error} */ (error).message}`,
      });
    }
  }

  const loader = new QueuedLoader(tileKey, (path, done) => {
    const abort = new AbortController();
    load(path, done, abort.signal);
    return () => abort.abort();
  });
  return Object.assign(loader, {
    progress: () => (share < 1 ? share : null),
    stop() {
      share = 1;
      fetch(`${base}/stop`, { method: "POST" }).catch(() => {});
    },
  });
}
