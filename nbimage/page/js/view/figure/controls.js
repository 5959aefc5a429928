// What stands around a picture and over it, beside its values: axes, a scale bar, and saving it.

import { parts } from "../values/parts.js";
import { edgeAxesControl } from "./edge_axes.js";
import { saveControl } from "./save.js";
import { scaleBarControl } from "./scale_bar.js";

/**
 * @param {import("../base/types.js").Explorer} explorer
 * @returns {import("../base/types.js").Control[]}
 */
export function figureControls(explorer) {
  const { world } = explorer.config.images[0];
  const sky = world && parts.sky ? new parts.sky.World(world) : null;
  return [edgeAxesControl(explorer, sky), scaleBarControl(explorer, sky), saveControl(explorer)];
}
