// Coordinates of the sky and the earth, as a part of a page.

import { parts } from "../values/parts.js";
import { findLines } from "./graticule.js";
import { World } from "./sky.js";

parts.sky = { World, findLines };
