// The head view: who reads whom, as lines between two columns of tokens.

import { headColor, pageColor } from "../color.js";
import { make } from "../dom.js";
import { lineLayers, strokesOf } from "../head-lines.js";
import { toggleMask } from "../keyboard.js";
import { penFor, strokeAll, vectorStrokes } from "../pen.js";
import { shownAttention } from "../shown.js";
import { rowTable } from "../tables.js";

// What stands on the page, used again as long as it shows the same attention.
let kept = { shown: null, t: null, part: null };

export const headsView = {
  id: "heads",
  hasTable: true,
  draw(context) {
    const shown = shownAttention(context.reading, context.state);
    if (context.state.table) return rowTable(context, shown);
    if (kept.shown !== shown || kept.t.language !== context.t.language || kept.part.isDark !== pageColor("--paper")) {
      kept = { shown, t: context.t, part: buildColumns(context, shown) };
    }
    kept.part.update(context);
    return kept.part.element;
  },
  csv({ reading, state }) {
    return matrixRows(shownAttention(reading, state));
  },
};

// A matrix as rows of cells, with the tokens as heading of rows and columns.
export function matrixRows({ n, labels, matrix }) {
  const rows = [["", ...labels]];
  for (let row = 0; row < n; row++) rows.push([labels[row], ...Array.from(matrix.subarray(row * n, (row + 1) * n), (weight) => weight.toFixed(5))]);
  return rows;
}

function buildColumns(context, shown) {
  const { t } = context;
  const rowHeight = shown.n > 60 ? 20 : 28;
  const canvas = make("canvas", { class: "lines", role: "img" });
  const part = { isDark: pageColor("--paper"), hover: null, shown, canvas, rowHeight, layers: lineLayers(context, shown) };
  const column = (side) => make("ol", { class: `column ${side}`, "aria-label": t(`heads.${side}`), on: { keydown: (event) => walkColumn(event, part) } },
    shown.labels.map((label, i) => make("li", null, tokenButton(part, shown, side, label, i))));
  part.queries = column("queries");
  part.keys = column("keys");
  part.element = make("div", { class: shown.n > 60 ? "headview is-dense" : "headview", on: { mouseleave: () => hover(part, null) } }, part.queries, canvas, part.keys);
  part.buttons = { queries: [...part.queries.querySelectorAll("button")], keys: [...part.keys.querySelectorAll("button")] };
  part.update = (now) => { part.context = now; paint(part); };
  new ResizeObserver(() => paint(part)).observe(canvas);
  return part;
}

function tokenButton(part, shown, side, label, i) {
  const token = shown.groups[i][0];
  const classes = ["token", i === shown.pronoun && "is-pronoun", i === shown.answer && "is-answer", shown.isMasked[i] && "is-masked", shown.isSpecial[i] && "is-special"];
  const lock = (event) => {
    if (event.detail > 1 || side === "keys") return; // the second half of a double click
    const { state, patch } = part.context;
    patch({ token: state.token === token ? null : token });
  };
  return make("button", {
    type: "button", class: classes.filter(Boolean).join(" "), "data-key": `${side}-${i}`, "data-place": i, tabindex: i === Math.max(shown.pronoun, 0) ? "0" : "-1",
    on: {
      click: lock,
      dblclick: () => toggleMask(part.context, shown.groups[i]),
      keydown: (event) => {
        if (event.key !== "m") return;
        event.preventDefault();
        event.stopPropagation();
        toggleMask(part.context, shown.groups[i]);
      },
      mouseenter: () => hover(part, { side, i }),
      focus: () => hover(part, { side, i }),
      blur: () => hover(part, null),
    },
  }, make("span", { class: "token-text" }, label), make("span", { class: "token-weight" }));
}

function walkColumn(event, part) {
  const place = Number(event.target.dataset.place);
  const side = event.currentTarget === part.queries ? "queries" : "keys";
  const other = side === "queries" ? "keys" : "queries";
  const goals = { ArrowDown: [side, place + 1], ArrowUp: [side, place - 1], ArrowLeft: ["queries", place], ArrowRight: ["keys", place], Home: [side, 0], End: [side, part.shown.n - 1] };
  const goal = goals[event.key];
  if (!goal || (goal[0] === other && side === goal[0])) return;
  event.preventDefault();
  part.buttons[goal[0]][goal[1]]?.focus();
}

function hover(part, place) {
  part.hover = place;
  paint(part);
}

// The row whose reading, or the column whose readers, are put forward.
function focusOf({ hover: over, shown, context }) {
  if (over) return over;
  const { token } = context.state;
  const row = token === null ? shown.pronoun : shown.groups.findIndex((group) => group.includes(token));
  return row < 0 ? null : { side: "queries", i: row };
}

function paint(part) {
  const { canvas, context, shown } = part;
  if (!context) return;
  const focus = focusOf(part);
  writeWeights(part, focus);
  const height = shown.n * part.rowHeight;
  const sized = penFor(canvas, height);
  if (!sized) return;
  const strokes = strokesOf(part, sized.width, focus);
  strokeAll(sized.pen, strokes);
  canvas.vector = () => vectorStrokes(strokes);
}

// Beside the tokens of the other column: how much.
function writeWeights({ shown, buttons, layers, canvas, context }, focus) {
  const { t } = context;
  const { n } = shown;
  for (const side of ["queries", "keys"]) {
    buttons[side].forEach((button, i) => {
      const isFocus = focus?.side === side && focus.i === i;
      if (button.classList.contains("is-focused") !== isFocus) button.classList.toggle("is-focused", isFocus);
      let text = "";
      let weight = 0;
      if (focus && focus.side !== side) {
        const at = side === "keys" ? focus.i * n + i : i * n + focus.i;
        weight = shown.matrix[at];
        if (weight >= 0.005) text = t.percent(weight, 0);
      }
      const number = button.lastChild;
      if (number.textContent !== text) number.textContent = text;
      const strength = Math.min(weight, 1).toFixed(2);
      if (button.dataset.strength !== strength) {
        button.dataset.strength = strength;
        button.style.setProperty("--weight", strength);
      }
    });
  }
  const color = layers.length > 1 || layers[0].head === null ? pageColor("--accent") : headColor(layers[0].head);
  canvas.parentElement?.style.setProperty("--head", color);
  canvas.setAttribute("aria-label", focus ? t(`heads.aloud.${focus.side}`, { token: shown.labels[focus.i], list: strongest(shown, focus, t) }) : t("heads.lines"));
}

function strongest({ n, labels, matrix }, focus, t) {
  const weights = labels.map((label, i) => [label, focus.side === "queries" ? matrix[focus.i * n + i] : matrix[i * n + focus.i]]);
  return weights.sort((a, b) => b[1] - a[1]).slice(0, 3).map(([label, weight]) => `${label} ${t.percent(weight, 0)}`).join(", ");
}
