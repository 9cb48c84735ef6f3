// Whether a change left the answer where it was.

import { rankedAnswers } from "./ranking.js";

/** A change of less than a point is called none. */
export const ONE_POINT = 0.01;

/**
 * The same answer, as likely as before.
 * @param {Reading} before
 * @param {Reading} after
 */
export function isUnmoved(before, after) {
  const [was, now] = [before, after].map((reading) => rankedAnswers(reading)[0]);
  return before.answer === after.answer && was.text === now.text
    && Math.abs(was.probability - now.probability) < ONE_POINT;
}
