// What `evaluate RUN --heads` measured of each head: most of what there is to say about a run, so that it is asked
// for when something that needs it is drawn.

/**
 * Its answer is null where nothing was measured.
 * @param {{ ask: Ask }} context
 * @returns {Entry<{ heads: HeadReport | null }>}
 */
export function headReport({ ask }) {
  return ask("/api/heads");
}

/**
 * The run with its field `heads`, which is null until the answer is there; the page is drawn again then.
 * @param {Omit<Run, "heads">} run
 * @param {Ask} ask
 * @returns {Run}
 */
export function runWithHeads(run, ask) {
  return { ...run, get heads() { return headReport({ ask }).answer?.heads ?? null; } };
}
