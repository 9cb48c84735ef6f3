// The views, in the order of their tabs.
//
// What a view is: `View` in page.d.ts. Its words are view.ID (the tab) and about.ID (one sentence).

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
