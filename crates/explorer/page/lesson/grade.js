// Whether a bet was right.

import { LOOKED } from "./bets.js";

/**
 * Right is the model's word or option, and any word with which it ties as far as the numbers on the page show:
 * nobody can be asked to see more than is shown.
 * @param {Translator} t
 * @param {Station} station
 * @returns {"right" | "tie" | "wrong"}
 */
export function gradeOf(t, station, facts, choice) {
  const right = station.right(facts);
  if (choice === right) return "right";
  if (choice === LOOKED || !station.shown) return "wrong";
  return station.shown(t, facts, choice) === station.shown(t, facts, right) ? "tie" : "wrong";
}
