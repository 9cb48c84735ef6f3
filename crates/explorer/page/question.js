// From the state to what is asked of the model, and from its answer to the reading that is shown.

/**
 * What is read: the text that somebody typed, or a probe.
 * @param {Run} run
 * @param {State} state
 * @param {string} language of the interface: without a choice, the first probe in it
 * @returns {Subject}
 */
export function subject(run, state, language) {
  if (state.text !== "") return { text: state.text, pronoun: spanWithin(state.text, state.pronoun), id: null };
  const { probes } = run;
  const chosen = probes.find(({ id }) => id === state.probe);
  const probe = chosen ?? probes.find(({ lang }) => lang === language) ?? probes[0];
  if (!probe) return { text: "", pronoun: null, id: null };
  return { text: probe.text, pronoun: probe.pronoun, id: probe.id, probe };
}

// An address may name a span beyond the end of the text; the model would refuse to read it.
function spanWithin(text, span) {
  return span !== null && span[1] <= Array.from(text).length ? span : null;
}

/**
 * All fields in the order of the contract: an exported page finds its answers by this text.
 * @param {Run} run
 */
export function readRequest(run, change) {
  const preset = { checkpoint: null, text: "", pronoun: null, masked: [], ablated: [], ablation: "zero" };
  const request = { ...preset };
  for (const name of Object.keys(preset)) if (name in change) request[name] = change[name];
  if (run.checkpoints.some(({ step, is_best }) => is_best && step === request.checkpoint)) request.checkpoint = null;
  return request;
}

/** @param {State} state */
export function hasChange(state) {
  return state.masked.length > 0 || state.ablated.length > 0;
}

/**
 * The recorded attention of a step has only probes, and cannot be changed.
 * @param {Run} run
 * @param {State} state
 * @param {Subject} about
 */
export function isRecordedStep(run, state, about) {
  return state.snapshot !== null && about.id !== null && run.snapshots.some(({ step }) => step === state.snapshot);
}

/**
 * What is shown: { path, body, at(answer) } with `at` picking the readings.
 * @param {Run} run
 * @param {State} state
 * @param {Subject} about
 */
export function mainQuestion(run, state, about) {
  if (isRecordedStep(run, state, about)) {
    const index = run.probes.findIndex(({ id }) => id === about.id);
    return {
      path: "/api/snapshot", body: { step: state.snapshot }, at: ({ readings }) => readings.slice(index, index + 1),
    };
  }
  return { path: "/api/read", body: readRequest(run, { ...state, ...about }), at: ({ readings }) => readings };
}

/**
 * The same without masks and ablations.
 * @param {Run} run
 * @param {State} state
 * @param {Subject} about
 */
export function untouchedQuestion(run, state, about) {
  return mainQuestion(run, { ...state, masked: [], ablated: [], ablation: "zero" }, about);
}
