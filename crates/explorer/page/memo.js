// Keeps the last result of a function, for what is costly to compute and stays the same between most drawings.

/**
 * `compute`, called again only when one of the inputs is another value than at the last call.
 * Inputs are compared by identity: what is compared by content goes in as JSON.
 * @template {any[]} A
 * @template R
 * @param {(...args: A) => R} compute
 * @param {(...args: A) => unknown[]} inputsOf what the result depends on
 * @returns {(...args: A) => R}
 */
export function memo(compute, inputsOf) {
  /** @type {{ inputs: unknown[], result: R } | null} */
  let last = null;
  return (...args) => {
    const inputs = inputsOf(...args);
    const known = last;
    if (known && inputs.every((input, i) => input === known.inputs[i])) return known.result;
    const result = compute(...args);
    last = { inputs, result };
    return result;
  };
}
