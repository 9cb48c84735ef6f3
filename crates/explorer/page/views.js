// The views, and the groups and the order of their tabs.
//
// What a view is: `View` in page.d.ts. Its words are view.ID (the tab) and about.ID (one sentence); those of a
// group are group.ID. The first two are there from the beginning; later.js adds the others.

import { headsView } from "./views/heads.js";
import { startView } from "./views/start.js";
import { VIEW_ORDER } from "./view-order.js";

/** @type {ViewGroup[]} */
export const GROUPS = Object.entries(VIEW_ORDER).map(([id, views]) => ({ id, views }));

/** The names of the views with tabs, in their order. */
export const VIEWS = GROUPS.flatMap(({ views }) => views);

const views = new Map([startView, headsView].map((view) => [view.id, view]));

/** @type {() => void} */
let haveAll;
const withAll = /** @type {Promise<void>} */ (new Promise((resolve) => { haveAll = resolve; }));

/** @param {View[]} added all that are not there from the beginning */
export function addViews(added) {
  for (const view of added) views.set(view.id, view);
  haveAll();
}

/**
 * Until the second script has run, which comes with the first one, there are two views only.
 * @param {State} state
 * @returns {Promise<void>}
 */
export async function viewIsThere({ view }) {
  if (VIEWS.includes(view) && !views.has(view)) await withAll;
}

/** @param {State} state */
export function viewOf({ view }) {
  return views.get(view) ?? startView;
}
