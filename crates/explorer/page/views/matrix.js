// The matrix view: rows read, columns are read.

import { isDark, valueRamp } from "../color.js";
import { make } from "../dom.js";
import { createHeatmap } from "../heatmap.js";
import { memo } from "../memo.js";
import { fadeOver, isTyped } from "../motion.js";
import { shade, valueLegend } from "../legend.js";
import { shownAttention } from "../shown.js";
import { matrixTable } from "../tables.js";
import { matrixRows } from "./heads.js";

/** @type {View} */
export const matrixView = {
  id: "matrix",
  hasTable: true,
  draw(context) {
    const { reading, state } = context;
    const shown = shownAttention(reading, state);
    if (state.table) return matrixTable(context, shown);
    const map = mapOf(context, shown);
    if (!isTyped(context) && map !== lastMap) fadeOver(lastMap?.querySelector(".heat") ?? null, map.querySelector(".heat-box"));
    lastMap = map;
    return map;
  },
  csv({ reading, state }) {
    return matrixRows(shownAttention(reading, state));
  },
};

// The one that was drawn before.
/** @type {HTMLElement | null} */
let lastMap = null;

const mapOf = memo(
  (context, shown) => attentionMap(context, shown, "matrix"),
  ({ t }, shown) => [shown, t.language, isDark()],
);

/**
 * A heat map of attention with its legend.
 * @param {Context} context
 * @param {Shown} shown
 */
export function attentionMap(context, shown, key) {
  const { t, patch } = context;
  const { n, labels, matrix, floors, pronoun, answer, groups } = shown;
  const table = valueRamp();
  const weight = (row, column) => matrix[row * n + column];
  const map = createHeatmap({
    n, labels, table, key, name: t("matrix.name"), hint: t("matrix.hint"), marks: { pronoun, answer },
    at: (row, column) => (weight(row, column) >= floors[row] ? shade(weight(row, column)) : 0),
    describe: (row, column) => t("matrix.cell",
      { from: labels[row], to: labels[column], weight: t.percent(weight(row, column), 2) }),
    pick: (row) => patch({ token: groups[row][0] }),
  });
  return make("div", { class: "stack" }, map, valueLegend(t, table));
}
