// Changes of a reading: tokens that are masked, so that no token reads from them, and heads that are ablated.

/**
 * Masks the tokens of the focused group, or reads from them again.
 * @param {PageContext} context
 * @param {number[]} [tokens] those of the focused row, if they are left out
 */
export function toggleMask({ state, patch, reading }, tokens) {
  if (!reading) return;
  const wanted = tokens ?? [state.token ?? reading.pronoun_token];
  const word = reading.tokens[wanted[0]]?.word ?? null;
  // Where sub-words are folded into words, a word is masked whole.
  const ofWord = () => reading.tokens.flatMap((token, i) => (token.word === word ? [i] : []));
  const all = state.fold && word !== null ? ofWord() : wanted;
  const isMasked = all.every((token) => state.masked.includes(token));
  const rest = state.masked.filter((token) => !all.includes(token));
  const masked = isMasked ? rest : [...rest, ...all].sort((a, b) => a - b);
  // A recorded reading cannot be computed anew with other masks: the live model answers instead.
  patch({ masked, snapshot: null });
}

/**
 * @param {Pick<PageContext, "state" | "patch">} context
 * @param {Head[]} heads
 */
export function toggleAblation({ state, patch }, heads) {
  const has = ([layer, head]) => state.ablated.some(([l, h]) => l === layer && h === head);
  const rest = state.ablated.filter(([l, h]) => !heads.some(([layer, head]) => l === layer && h === head));
  const ablated = heads.every(has) ? rest : [...rest, ...heads].sort(([a, b], [c, d]) => a - c || b - d);
  patch({ ablated, snapshot: null });
}
