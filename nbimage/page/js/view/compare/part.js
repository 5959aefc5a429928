// Comparing, as a part of a page.

import { parts } from "../values/parts.js";
import { COMPARE_STYLE, compareControl } from "./compare.js";

parts.compare = { control: compareControl, style: COMPARE_STYLE };
