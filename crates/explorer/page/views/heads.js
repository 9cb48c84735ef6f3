// The head view: who reads whom, as lines between two columns of tokens.

import { headColor, pageColor } from "../color.js";
import { make } from "../dom.js";
import { lineLayers, strokesOf } from "../head-lines.js";
import { toggleMask } from "../changes.js";
import { memo } from "../memo.js";
import { isTyped, movingSquare } from "../motion.js";
import { linesFrame, penFor, strokeAll, vectorStrokes } from "../pen.js";
import { shownAttention } from "../shown.js";
import { rowTable } from "../tables.js";

/** @type {View} */
export const headsView = {
  id: "heads",
  hasTable: true,
  draw(context) {
    const shown = shownAttention(context.reading, context.state);
    if (context.state.table) return rowTable(context, shown);
    const part = columnsOf(context, shown);
    Object.assign(part, { context, shown, layers: lineLayers(context, shown) });
    moveLines(part);
    paint(part);
    return part.element;
  },
  csv({ reading, state }) {
    return matrixRows(shownAttention(reading, state));
  },
};

// The columns on the page, whose lines move to other weights when another head, step or sentence is shown.
/** @type {any} */
let onPage = null;
const movingLines = movingSquare((matrix, isOnWay) => {
  onPage.moved = matrix;
  if (isOnWay) paint(onPage);
}, () => onPage.element.isConnected);

function moveLines(part) {
  onPage = part;
  // Lines of several heads, each by itself, do not move.
  if (part.layers.length === 1) movingLines.to(part.layers[0].matrix, part.shown.n, isTyped(part.context));
  else part.moved = null;
}

// A matrix as rows of cells, with the tokens as heading of rows and columns.
export function matrixRows({ n, labels, matrix }) {
  const rows = [["", ...labels]];
  for (let row = 0; row < n; row++) {
    const weights = matrix.subarray(row * n, (row + 1) * n);
    rows.push([labels[row], ...Array.from(weights, (weight) => weight.toFixed(5))]);
  }
  return rows;
}

// The columns are built anew only for other tokens or another language; the rest is written into them.
const columnsOf = memo(buildColumns, ({ t }, shown) => [shown.axis, t.language]);

/**
 * @param {Context} context
 * @param {Shown} shown
 */
function buildColumns({ t }, shown) {
  const part = { hover: null, moved: null, shown, rowHeight: shown.n > 60 ? 20 : 28, buttons: {} };
  const lines = linesFrame({ role: "img" }, () => paint(part));
  part.canvas = lines.canvas;
  const column = (side) => {
    const list = make("ol", { class: `column ${side}`, "aria-label": t(`heads.${side}`) },
      shown.labels.map((label, i) => make("li", null, tokenButton(shown, side, label, i))));
    part.buttons[side] = [...list.querySelectorAll("button")];
    listenTo(list, side, part);
    return list;
  };
  part.element = make("div", { class: shown.n > 60 ? "headview is-dense" : "headview" }, column("queries"), lines.frame,
    column("keys"));
  return part;
}

/** @param {Shown} shown */
function tokenButton(shown, side, label, i) {
  const classes = [
    "token", i === shown.pronoun && "is-pronoun", i === shown.answer && "is-answer", shown.isMasked[i] && "is-masked",
    shown.isSpecial[i] && "is-special",
  ];
  return make("button", {
    type: "button", class: classes.filter(Boolean).join(" "), "data-key": `${side}-${i}`, "data-place": i,
    tabindex: i === Math.max(shown.pronoun, 0) ? "0" : "-1",
  },
    make("span", { class: "token-text" }, label), make("span", { class: "token-weight" }));
}

// One listener for a column: a long text has hundreds of tokens.
function listenTo(list, side, part) {
  const placeOf = (event) => {
    const button = event.target.closest("button");
    return button ? Number(button.dataset.place) : null;
  };
  const put = (event) => { const i = placeOf(event); if (i !== null) hover(part, { side, i }); };
  const listeners = {
    mouseover: put, focusin: put, mouseleave: () => hover(part, null), focusout: () => hover(part, null),
    click: (event) => {
      const i = placeOf(event);
      if (i === null || event.detail > 1 || side === "keys") return; // the second half of a double click
      const { state, patch } = part.context;
      const token = part.shown.groups[i][0];
      patch({ token: state.token === token ? null : token });
    },
    dblclick: (event) => { const i = placeOf(event); if (i !== null) toggleMask(part.context, part.shown.groups[i]); },
    keydown: (event) => walkColumn(event, part, side),
  };
  for (const [event, listener] of Object.entries(listeners)) list.addEventListener(event, listener);
}

function walkColumn(event, part, side) {
  const place = Number(event.target.dataset.place);
  if (event.key === "m") {
    event.preventDefault();
    event.stopPropagation();
    return toggleMask(part.context, part.shown.groups[place]);
  }
  const goals = {
    ArrowDown: [side, place + 1], ArrowUp: [side, place - 1], ArrowLeft: ["queries", place],
    ArrowRight: ["keys", place], Home: [side, 0], End: [side, part.shown.n - 1],
  };
  const goal = goals[event.key];
  if (!goal) return;
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
  const layers = part.moved ? [{ ...part.layers[0], matrix: part.moved }] : part.layers;
  strokeAll(sized.pen, strokesOf({ ...part, layers }, sized, focus));
  canvas.vector = () => vectorStrokes(strokesOf(part, { width: sized.width, from: 0, to: height }, focus));
}

// Beside the tokens of the other column: how much.
function writeWeights({ element, shown, buttons, layers, canvas, context }, focus) {
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
        if (shown.matrix[at] >= 0.005) weight = shown.matrix[at];
        if (weight > 0) text = t.percent(weight, 0);
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
  if (element.dataset.color !== color) {
    element.dataset.color = color;
    element.style.setProperty("--head", color);
  }
  canvas.setAttribute("aria-label",
    focus ? t(`heads.aloud.${focus.side}`,
      { token: shown.labels[focus.i], list: strongest(shown, focus, t) }) : t("heads.lines"));
}

function strongest({ n, labels, matrix }, focus, t) {
  const weights = labels.map((label, i) => [
    label, focus.side === "queries" ? matrix[focus.i * n + i] : matrix[i * n + focus.i],
  ]);
  const most = weights.sort((a, b) => b[1] - a[1]).slice(0, 3);
  return most.map(([label, weight]) => `${label} ${t.percent(weight, 0)}`).join(", ");
}
