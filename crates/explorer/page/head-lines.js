// The lines of the head view: which there are, and how strong each is drawn.

import { headColor, pageColor } from "./color.js";
import { curve } from "./pen.js";
import { combineHeads, rowFloors, shownMatrix } from "./shown.js";

// A line of less weight cannot be seen.
const MIN_WEIGHT = 0.01;
// Weights are rounded to this many strengths, and all lines of one strength are drawn as one path.
const STRENGTHS = 16;

/**
 * One layer of lines for all heads together, or one for each.
 * @param {Context} context
 * @param {Shown} shown
 */
export function lineLayers({ reading, state }, shown) {
  if (state.combine !== "each" || shown.selected.length < 2) {
    const only = shown.selected.length === 1 ? shown.selected[0][1] : null;
    return [{ matrix: shown.matrix, floors: shown.floors, head: only }];
  }
  return shown.selected.map(([layer, head]) => {
    const matrix = shownMatrix(combineHeads(reading.attention, [[layer, head]], "mean"), reading.attention.seq, shown,
      state);
    return { matrix, floors: rowFloors(matrix, shown.n, state.top), head };
  });
}

// Only those that pass through the part of the column from `from` to `to`.
export function strokesOf(part, view, focus) {
  return part.layers.flatMap((layer) => {
    const color = layer.head === null ? pageColor("--accent") : headColor(layer.head);
    return [
      ...lines(part, layer, view, color, focus, false), ...(focus ? lines(part, layer, view, color, focus, true) : []),
    ];
  });
}

function lines({ shown, rowHeight }, { matrix, floors }, { width, from, to }, color, focus, isFront) {
  /** @type {string[][]} */
  const paths = Array.from({ length: STRENGTHS + 1 }, () => []);
  const { n } = shown;
  const [firstRow, endRow] = isFront && focus.side === "queries" ? [focus.i, focus.i + 1] : [0, n];
  const [firstColumn, endColumn] = isFront && focus.side === "keys" ? [focus.i, focus.i + 1] : [0, n];
  // Behind a focus, only what is strong enough to be told apart.
  const faintest = focus && !isFront && n > 60 ? 0.06 : MIN_WEIGHT;
  for (let row = firstRow; row < endRow; row++) {
    for (let column = firstColumn; column < endColumn; column++) {
      const weight = matrix[row * n + column];
      if (weight < faintest || weight < floors[row]) continue;
      const [start, end] = [(row + 0.5) * rowHeight, (column + 0.5) * rowHeight];
      if (Math.max(start, end) < from || Math.min(start, end) > to) continue;
      paths[Math.min(Math.ceil(weight * STRENGTHS), STRENGTHS)].push(curve(0, start, width, end));
    }
  }
  return paths.flatMap((path, strength) => {
    if (path.length === 0) return [];
    const share = strength / STRENGTHS;
    const alpha = isFront ? 0.25 + 0.75 * share : focus ? 0.06 + 0.1 * share : 0.08 + 0.7 * share;
    return [{ path: path.join(""), color, alpha, width: isFront ? 1 + 4 * share : 0.75 + 1.5 * share }];
  });
}
