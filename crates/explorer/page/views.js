// The views, in the order of their tabs.
//
// A view is { id, draw(context), csv(context)?, isFree? }: `draw` returns an element, `csv` rows of cells;
// a free view needs no reading. Its words are view.ID (the tab) and about.ID (one sentence).

import { headsView } from "./views/heads.js";

export const VIEWS = [
  headsView,
];
