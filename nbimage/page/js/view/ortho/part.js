// Planes at right angles, as a part of a page.

import { parts } from "../values/parts.js";
import { orthoPlanes } from "./ortho.js";

parts.ortho = orthoPlanes;
