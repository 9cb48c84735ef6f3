// Which heads stand beside each other in the view of causes.

/**
 * Whether a head is one of those that are compared.
 * @param {State} state
 */
export function isCompared({ compared }, { layer, head }) {
  return compared.some(([l, h]) => l === layer && h === head);
}

/**
 * Of the heads that are chosen the last two are kept; without `several`, only the one.
 * @param {State} state
 * @returns {Partial<State>}
 */
export function withCompared({ compared }, row, several) {
  const rest = compared.filter(([layer, head]) => layer !== row.layer || head !== row.head);
  if (!several) return { compared: rest.length < compared.length && compared.length === 1 ? [] : [[row.layer, row.head]] };
  return { compared: rest.length < compared.length ? rest : [...rest.slice(-1), [row.layer, row.head]] };
}
