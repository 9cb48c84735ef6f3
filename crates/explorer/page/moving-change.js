// The one change that moves the answer of a sentence: a head switched off, or else a word hidden. Found by asking the
// model, only once somebody wants to know.

import { gather } from "./gather.js";
import { allHeads, tokensOfWord } from "./lesson/measure.js";
import { readRequest } from "./question.js";
import { ONE_POINT } from "./unmoved.js";
import { probabilityOf } from "./word-strip.js";

// Of a large model or a long text, only the first are asked.
const MOST_ASKED = 48;

/**
 * A change of state, and what the model answers with it.
 * @typedef {{ head: Head | null, word: number | null, change: Partial<State>, after: Reading }} Change
 */

/** The sentences for which somebody wanted to know. @type {Set<string>} */
const wantedFor = new Set();

/** The probes whose answer a change was seen to move. @type {Set<string>} */
const moved = new Set();

/** @param {string} id of a probe */
export function isKnownToMove(id) {
  return moved.has(id);
}

/** @param {string} id of a probe */
export function noteMoving(id) {
  moved.add(id);
}

/** @param {PageContext<Reading>} context */
function nameOf({ state }, before) {
  return JSON.stringify([before.text, before.pronoun, state.checkpoint, state.ablation]);
}

/**
 * @param {PageContext<Reading>} context
 * @param {Reading} before
 */
export function wantChange(context, before) {
  wantedFor.add(nameOf(context, before));
  context.patch({}); // nothing changes but what is asked
}

/**
 * "unasked" until somebody wants to know; what an exported page has needs no asking.
 * @param {PageContext<Reading>} context
 * @param {Reading} before without a change
 * @returns {{ status: "unasked" | "loading" | "error" | "none" | "unrecorded" } | { status: "found", found: Change }}
 */
export function movingChange(context, before) {
  if (context.run.live && !wantedFor.has(nameOf(context, before))) return { status: "unasked" };
  for (const changes of [headsOff(before), wordsHidden(before)]) {
    const entry = gather(context, changes.map(({ change }) => question(context, before, change)));
    if (entry.error?.code === "not_recorded") return { status: "unrecorded" };
    if (entry.status !== "ready") return { status: entry.status };
    const found = strongestChange(before, changes.map((each, i) => ({ ...each, after: entry.answers[i].readings[0] })));
    if (found === null) continue;
    if (context.about.id !== null) noteMoving(context.about.id);
    return { status: "found", found };
  }
  return { status: "none" };
}

/** @param {Reading} before */
function headsOff({ attention }) {
  if (!attention) return [];
  return allHeads(attention).slice(0, MOST_ASKED).map((head) => (
    { head, word: null, change: { ablated: [head], masked: [] } }));
}

/** @param {Reading} before */
function wordsHidden(before) {
  const others = [...before.words.keys()].filter((word) => word !== before.pronoun_word);
  return others.slice(0, MOST_ASKED).map((word) => (
    { head: null, word, change: { masked: tokensOfWord(/** @type {AttentiveReading} */ (before), word), ablated: [] } }));
}

/**
 * @param {PageContext<Reading>} context
 * @returns {[path: string, body: unknown]}
 */
function question({ run, state }, { text, pronoun }, change) {
  const { checkpoint, ablation } = state;
  return ["/api/read", readRequest(run, { checkpoint, ablation, text, pronoun, ...change })];
}

/**
 * One that turns the answer before one that only makes it less likely; null where none moves it.
 * @param {Reading} before
 * @param {Change[]} changes
 * @returns {Change | null}
 */
export function strongestChange(before, changes) {
  const was = probabilityOf(before, before.answer);
  const worth = ({ after }) => Number(after.answer !== before.answer) + Math.abs(was - probabilityOf(after, before.answer));
  return changes.reduce((/** @type {Change | null} */ best, each) => (
    worth(each) >= ONE_POINT && (best === null || worth(each) > worth(best)) ? each : best), null);
}
