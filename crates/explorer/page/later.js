// The second script of the page: the views that it can open without, and what only they need.

import { addViews } from "./views.js";
import { causalView } from "./views/causal.js";
import { compareView } from "./views/compare.js";
import { decidesView } from "./views/decides.js";
import { lessonView } from "./views/lesson.js";
import { mapView } from "./views/map.js";
import { matrixView } from "./views/matrix.js";
import { modelView } from "./views/model.js";
import { neuronView } from "./views/neuron.js";
import { rolloutView } from "./views/rollout.js";
import { searchView } from "./views/search.js";
import { stepsView } from "./views/steps.js";
import { timeView } from "./views/time.js";

addViews([
  lessonView, matrixView, modelView, rolloutView, mapView, stepsView, neuronView, timeView, compareView, causalView,
  decidesView, searchView,
]);
