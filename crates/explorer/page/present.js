// Class mode: large type, no tools, the arrow keys from station to station.

import { make } from "./dom.js";
import { STATION_ORDER } from "./lesson/station-order.js";

/** @param {PageContext} context */
export function presentButton({ t, state, patch }) {
  const isOn = state.present;
  const name = t(isOn ? "present.leave" : "present.enter");
  return make("button", {
    type: "button", class: "present-button", "data-key": "present", "aria-pressed": String(isOn), title: t("present.about"),
    on: { click: () => patch(isOn ? { present: false } : presentation(state)) },
  }, name);
}

/**
 * The lesson is what is shown to a class; any other view stays, and is shown large.
 * @param {State} state
 * @returns {Partial<State>}
 */
function presentation({ view }) {
  return view === "start" ? { present: true, view: "lesson" } : { present: true };
}

/** @param {State} state */
export function markPresent({ present }) {
  document.documentElement.classList.toggle("presents", present);
}

/**
 * What a key does in class mode; undefined where it does what it does elsewhere.
 * @param {string} key
 * @param {PageContext} context
 */
export function presentAction(key, { state, patch }) {
  if (!state.present) return undefined;
  if (key === "Escape") return () => patch({ present: false });
  if (state.view !== "lesson") return undefined;
  const to = state.lesson + (key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0);
  if (to === state.lesson) return undefined;
  return () => patch({ lesson: Math.min(Math.max(to, 0), STATION_ORDER.length - 1), key: null });
}
