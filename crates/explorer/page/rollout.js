// Attention rollout: how much of each token reaches a token of the last layer.
//
//   Ã = ½ (mean over heads of A) + ½ I,   rollout = Ã_L · … · Ã_1
//
// Reference: Abnar and Zuidema 2020, https://arxiv.org/abs/2005.00928. The half stands for the residual.

import { combineHeads } from "./shown.js";
import { foldMatrix } from "./fold.js";

/**
 * One folded Ã for each layer, [n, n].
 * @param {Attention} attention
 */
export function mixedLayers(attention, groups) {
  const { layers, heads, seq } = attention;
  const n = groups.length;
  return Array.from({ length: layers }, (_, layer) => {
    const all = Array.from({ length: heads }, (_, head) => /** @type {Head} */ ([layer, head]));
    const mean = foldMatrix(combineHeads(attention, all, "mean"), seq, groups);
    const mixed = new Float32Array(n * n);
    for (let i = 0; i < mixed.length; i++) mixed[i] = mean[i] / 2;
    for (let i = 0; i < n; i++) mixed[i * n + i] += 0.5;
    return mixed;
  });
}

// From one token of the last layer down: [layers + 1] of [n], the input first.
export function flowFrom(mixed, n, token) {
  const masses = [new Float32Array(n)];
  masses[0][token] = 1;
  for (const layer of [...mixed].reverse()) {
    const above = masses[0];
    const below = new Float32Array(n);
    for (let row = 0; row < n; row++) {
      if (above[row] === 0) continue;
      for (let column = 0; column < n; column++) below[column] += above[row] * layer[row * n + column];
    }
    masses.unshift(below);
  }
  return masses;
}
