// How sure a measured share is: Wilson's interval of 95 %, which stays within 0 and 1 and says something even
// where nothing was lost; and whether a correlation says anything.

const Z = 1.959964;

/**
 * @param {number} share
 * @param {number} n of how many
 * @returns {[low: number, high: number] | null}
 */
export function wilsonInterval(share, n) {
  if (!(n > 0)) return null;
  const square = Z * Z;
  const middle = (share + square / (2 * n)) / (1 + square / n);
  const half = Z / (1 + square / n) * Math.sqrt(share * (1 - share) / n + square / (4 * n * n));
  return [Math.max(middle - half, 0), Math.min(middle + half, 1)];
}

/**
 * That of a drop of accuracy: from the interval of the accuracy that is left, beside that of the whole model on
 * the same examples.
 * @param {number} accuracy what is left
 * @returns {[low: number, high: number] | null}
 */
export function dropInterval(drop, accuracy, n) {
  const left = wilsonInterval(accuracy, n);
  return left && [accuracy + drop - left[1], accuracy + drop - left[0]];
}

/**
 * What the correlation says, as a part of a key of words. Of few heads, even unrelated orders are somewhat alike:
 * without any relation, 95 of 100 correlations lie within Z/√(n − 1).
 * @param {number} rho
 * @param {number} n of heads
 */
export function kindOfCorrelation(rho, n) {
  if (Math.abs(rho) < Z / Math.sqrt(n - 1)) return "none";
  return rho < 0 ? "negative" : "positive";
}
