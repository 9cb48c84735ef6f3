// Sub-words folded into words: a word is read as much as its parts together, and reads as the mean of its parts.

/**
 * Groups of tokens to show as one: the tokens of a word if words are folded, else each token alone.
 * @param {Pick<Token, "word">[]} tokens
 * @param {boolean} isFolded
 * @param {boolean} keepSpecial whether special tokens have groups, each its own
 * @returns {number[][]}
 */
export function groupTokens(tokens, isFolded, keepSpecial) {
  /** @type {number[][]} */
  const groups = [];
  tokens.forEach((token, i) => {
    const last = groups.at(-1);
    if (token.word === null && !keepSpecial) return;
    if (isFolded && token.word !== null && last && tokens[last[0]].word === token.word) last.push(i);
    else groups.push([i]);
  });
  return groups;
}

/**
 * A matrix over tokens as one over groups of tokens.
 * @param {Float32Array} weights [seq, seq]
 * @param {number} seq
 * @param {number[][]} groups
 * @returns {Float32Array} [groups, groups]
 */
export function foldMatrix(weights, seq, groups) {
  const n = groups.length;
  if (n === seq) return weights;
  const folded = new Float32Array(n * n);
  const column = new Int32Array(seq).fill(-1);
  groups.forEach((group, i) => group.forEach((token) => { column[token] = i; }));
  groups.forEach((group, row) => {
    for (const query of group) {
      for (let key = 0; key < seq; key++) {
        if (column[key] >= 0) folded[row * n + column[key]] += weights[query * seq + key] / group.length;
      }
    }
  });
  return folded;
}
