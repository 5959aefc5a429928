// Layers over images, as a part of a page.

import { parts } from "../values/parts.js";
import { layersControl } from "./layers.js";

parts.layers = layersControl;
