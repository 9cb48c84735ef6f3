// The views, in the order of their tabs.
//
// A view is { id, draw(context), csv(context)?, tools?, hasTable?, isFree?, isAlone? }: `draw` returns an element, `csv` rows of cells;
// one that has a table draws it when `state.table`; a free view needs no reading and has no toolbar,
// and one that is alone has no sentence above it either;
// `tools` names those of the toolbar that mean something to it (heads, top, special, fold, step), without it all.
// Its words are view.ID (the tab) and about.ID (one sentence).

import { causalView } from "./views/causal.js";
import { compareView } from "./views/compare.js";
import { headsView } from "./views/heads.js";
import { lessonView } from "./views/lesson.js";
import { matrixView } from "./views/matrix.js";
import { modelView } from "./views/model.js";
import { neuronView } from "./views/neuron.js";
import { rolloutView } from "./views/rollout.js";
import { searchView } from "./views/search.js";
import { stepsView } from "./views/steps.js";
import { timeView } from "./views/time.js";

export const VIEWS = [
  headsView,
  matrixView,
  modelView,
  rolloutView,
  timeView,
  compareView,
  stepsView,
  neuronView,
  searchView,
  causalView,
  lessonView,
];

/** @param {State} state */
export function viewOf(state) {
  return VIEWS.find(({ id }) => id === state.view) ?? VIEWS[0];
}
