// Attention as tables, for those who read numbers or have them read aloud.

import { make } from "./dom.js";

// A table with more columns cannot be read: only the row and the column of the focused token are shown instead.
const MAX_COLUMNS = 32;

export function tableOf(caption, heads, rows) {
  return make("div", { class: "table-box", tabindex: "0", role: "region", "aria-label": caption },
    make("table", null,
      make("caption", null, caption),
      make("thead", null, make("tr", null, heads.map((head) => make("th", { scope: "col" }, head)))),
      make("tbody", null,
        rows.map(([head, ...cells]) => make("tr", null, make("th", { scope: "row" }, head),
          cells.map((cell) => make("td", null, cell)))))));
}

/**
 * @param {Pick<PageContext, "t" | "state">} context
 * @param {Shown} shown
 */
export function matrixTable({ t, state }, shown) {
  const { n, labels, matrix } = shown;
  if (n > MAX_COLUMNS) return rowTable({ t, state }, shown);
  const rows = labels.map((label, row) => [
    label, ...Array.from(matrix.subarray(row * n, (row + 1) * n), (weight) => t.number(weight * 100, 1)),
  ]);
  return tableOf(t("table.matrix"), [t("table.reads"), ...labels], rows);
}

/**
 * What one token reads, and who reads it.
 * @param {Pick<PageContext, "t" | "state">} context
 * @param {Shown} shown
 */
export function rowTable({ t, state }, shown) {
  const { n, labels, matrix } = shown;
  const focus = focusedRow(state, shown);
  const rows = labels.map((label, i) => [label, t.percent(matrix[focus * n + i]), t.percent(matrix[i * n + focus])]);
  return tableOf(t("table.row", { token: labels[focus] }),
    [t("table.token"), t("table.is-read", { token: labels[focus] }), t("table.is-reader", { token: labels[focus] })],
    rows);
}

/**
 * @param {State} state
 * @param {Pick<Axis, "groups" | "pronoun">} axis
 */
export function focusedRow(state, { groups, pronoun }) {
  const { token } = state;
  const row = token === null ? pronoun : groups.findIndex((group) => group.includes(token));
  return Math.max(row, 0);
}

/**
 * A button that shows the picture as a table, or as a picture again.
 * @param {PageContext} context
 */
export function tableSwitch({ t, state, patch }) {
  return make("button", {
    type: "button", class: "quiet-button", "data-key": "table", "aria-pressed": String(state.table),
    on: { click: () => patch({ table: !state.table }) },
  }, t("table.switch"));
}
