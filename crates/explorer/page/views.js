// The views, in the groups and the order of their tabs.
//
// What a view is: `View` in page.d.ts. Its words are view.ID (the tab) and about.ID (one sentence); those of a
// group are group.ID.

import { causalView } from "./views/causal.js";
import { compareView } from "./views/compare.js";
import { headsView } from "./views/heads.js";
import { lessonView } from "./views/lesson.js";
import { matrixView } from "./views/matrix.js";
import { modelView } from "./views/model.js";
import { neuronView } from "./views/neuron.js";
import { rolloutView } from "./views/rollout.js";
import { searchView } from "./views/search.js";
import { startView } from "./views/start.js";
import { stepsView } from "./views/steps.js";
import { timeView } from "./views/time.js";
import { VIEW_ORDER } from "./view-order.js";

// All there are but the start, which has no tab.
const WITH_TABS = [
  lessonView,
  headsView,
  matrixView,
  modelView,
  rolloutView,
  stepsView,
  neuronView,
  timeView,
  compareView,
  causalView,
  searchView,
];

/**
 * A name without a view is passed over.
 * @type {ViewGroup[]}
 */
export const GROUPS = Object.entries(VIEW_ORDER).map(([id, names]) => ({
  id, views: names.flatMap((name) => WITH_TABS.filter((view) => view.id === name)),
})).filter(({ views }) => views.length > 0);

export const VIEWS = GROUPS.flatMap(({ views }) => views);

/** @param {State} state */
export function viewOf(state) {
  return VIEWS.find(({ id }) => id === state.view) ?? startView;
}
