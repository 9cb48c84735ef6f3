// What one changes in a reading: tokens that nobody reads from, heads that are switched off.

/**
 * Masks the tokens of the focused group, or reads from them again.
 * @param {PageContext} context
 * @param {number[]} [tokens] those of the focused row, if they are left out
 */
export function toggleMask({ state, patch, reading }, tokens) {
  if (!reading) return;
  const wanted = tokens ?? [state.token ?? reading.pronoun_token];
  const word = reading.tokens[wanted[0]]?.word ?? null;
  const all = state.fold && word !== null ? reading.tokens.flatMap((token, i) => (token.word === word ? [i] : [])) : wanted;
  const isMasked = all.every((token) => state.masked.includes(token));
  const rest = state.masked.filter((token) => !all.includes(token));
  const masked = isMasked ? rest : [...rest, ...all].sort((a, b) => a - b);
  // Recorded attention cannot be read anew.
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
