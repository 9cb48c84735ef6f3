// What a head computes for one token, from its vectors: the four steps of attention.

/**
 * Of the token `query`, for each token: dots (q·k), scores (÷ √d_head) and weights (softmax); and the output,
 * which is the sum of the values by their weights.
 * @param {Pick<Vectors, "seq" | "d_head" | "queries" | "keys" | "values">} vectors
 * @param {number} query
 * @param {Set<number>} masked tokens that no token reads from
 * @returns {Steps}
 */
export function attentionSteps(vectors, query, masked) {
  const { seq, d_head } = vectors;
  const root = Math.sqrt(d_head);
  const dots = Float64Array.from({ length: seq }, (_, key) => dotProduct(vectors, query, key));
  const scores = dots.map((dot) => dot / root);
  const { weights, logTotal } = softmax(scores, masked);
  const output = new Float64Array(d_head);
  for (let key = 0; key < seq; key++) {
    for (let i = 0; i < d_head; i++) output[i] += weights[key] * vectors.values[key * d_head + i];
  }
  return { root, dots, scores, weights, logTotal, output };
}

// q and k of two tokens and their product, dimension by dimension.
export function dotTerms({ d_head, queries, keys }, query, key) {
  return Array.from({ length: d_head }, (_, i) => {
    const q = queries[query * d_head + i];
    const k = keys[key * d_head + i];
    return { q, k, product: q * k };
  });
}

function dotProduct({ d_head, queries, keys }, query, key) {
  let sum = 0;
  for (let i = 0; i < d_head; i++) sum += queries[query * d_head + i] * keys[key * d_head + i];
  return sum;
}

/**
 * @param {Float64Array} scores
 * @param {Set<number>} masked tokens whose weight is 0
 * @returns {Pick<Steps, "weights" | "logTotal">} `logTotal` is the logarithm of what the weights are divided by
 */
export function softmax(scores, masked) {
  const isRead = (key) => !masked.has(key);
  let greatest = -Infinity;
  scores.forEach((score, key) => { if (isRead(key)) greatest = Math.max(greatest, score); });
  const powers = Float64Array.from(scores, (score, key) => (isRead(key) ? Math.exp(score - greatest) : 0));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return { weights: powers.map((power) => power / total), logTotal: greatest + Math.log(total) };
}

/**
 * The vectors with the keys of two tokens exchanged, and nothing else.
 * @param {Vectors} vectors
 */
export function withSwappedKeys(vectors, a, b) {
  const { d_head } = vectors;
  const keys = vectors.keys.slice();
  keys.set(vectors.keys.subarray(a * d_head, (a + 1) * d_head), b * d_head);
  keys.set(vectors.keys.subarray(b * d_head, (b + 1) * d_head), a * d_head);
  return { ...vectors, keys };
}

export function cosine(a, b) {
  let dot = 0, aa = 0, bb = 0;
  a.forEach((value, i) => { dot += value * b[i]; aa += value * value; bb += b[i] * b[i]; });
  return dot / Math.sqrt(aa * bb);
}

/**
 * Spearman's rank correlation; ties share their mean rank. null where all values of one side are equal.
 * @param {number[]} a
 * @param {number[]} b
 */
export function rankCorrelation(a, b) {
  return pearson(meanRanks(a), meanRanks(b));
}

function meanRanks(values) {
  const order = values.map((_, i) => i).sort((x, y) => values[x] - values[y]);
  const ranks = new Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let i = from; i < to; i++) ranks[order[i]] = (from + to - 1) / 2;
    from = to;
  }
  return ranks;
}

function pearson(a, b) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let ab = 0, aa = 0, bb = 0;
  a.forEach((value, i) => {
    const [fromA, fromB] = [value - meanA, b[i] - meanB];
    ab += fromA * fromB;
    aa += fromA ** 2;
    bb += fromB ** 2;
  });
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : null;
}
