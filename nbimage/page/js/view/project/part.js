// Axes beyond the picture's, as a part of a page.

import { parts } from "../values/parts.js";
import { AXES_STYLE, axes } from "./axes.js";
import { PROJECT_STYLE, projectControl } from "./control.js";
import { namePlane, ProjectedSource } from "./planes.js";

parts.axes = {
  axes,
  control: projectControl,
  name: namePlane,
  Source: ProjectedSource,
  style: AXES_STYLE + PROJECT_STYLE,
};
