// The steps of the training that can be shown: checkpoints, which read any text, and the recorded attention of
// the probes (snapshots).

/**
 * [{ step, kind }] by step; a checkpoint, which can be asked anything, before the recorded attention of its step.
 * @param {PageContext} context
 */
export function moments({ run, about }) {
  const checkpoints = run.checkpoints.map(({ step }) => ({ step, kind: "checkpoint" }));
  const taken = new Set(checkpoints.map(({ step }) => step));
  const recorded = about.id === null ? [] : run.snapshots.filter(({ step }) => !taken.has(step));
  const snapshots = recorded.map(({ step }) => ({ step, kind: "snapshot" }));
  return [...checkpoints, ...snapshots].sort((a, b) => a.step - b.step);
}

/** @param {Run} run */
export function bestStep(run) {
  return (run.checkpoints.find(({ is_best }) => is_best) ?? run.checkpoints.at(-1))?.step ?? null;
}

/**
 * Index into `moments`.
 * @param {PageContext} context
 */
export function momentNow({ run, state, isRecorded }, all) {
  const step = isRecorded ? state.snapshot : state.checkpoint ?? bestStep(run);
  return Math.max(all.findIndex((moment) => moment.step === step), 0);
}

// The change of state that shows another step. The heads stay those that are shown: at another step another one
// may read the answer most, and the two pictures would be of different heads.
export function choose(moment, { state, selected }) {
  const heads = { selected: state.selected ?? (selected.length > 0 ? selected : null) };
  return moment.kind === "snapshot" ? {
    ...heads, snapshot: moment.step, masked: [], ablated: [],
  } : { ...heads, checkpoint: moment.step, snapshot: null };
}
