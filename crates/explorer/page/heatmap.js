// A matrix as a heat map on canvas, with a cursor for the mouse and the arrow keys.

import { pageColor } from "./color.js";
import { make } from "./dom.js";
import { cellImage, paintHeat, vectorCells } from "./heat-paint.js";

// Sides of a cell, in pixels.
const MAX_CELL = 42;
const MIN_CELL = 2;
// Beside smaller cells there is no room for labels.
const MIN_LABELLED_CELL = 11;
// A matrix that is too wide for labels on a narrow screen, but has no more rows than this, is slid instead.
const MAX_SLID_SIDE = 64;
const SLID_CELL = 15;

// { n, labels, columnLabels?, at(row, column) from 0 to 1, table (a ramp), describe(row, column), name,
//   marks: { pronoun, answer }, pick(row, column)?, rows?, key }; rows other than n where it is not square.
export function createHeatmap(given) {
  const plan = { rows: given.n, columnLabels: given.labels, marks: {}, ...given };
  const canvas = make("canvas", {
    class: "heat", "data-key": `heat-${plan.key}`, role: "application", tabindex: "0", "aria-label": plan.name,
    "aria-describedby": `heat-${plan.key}`,
  });
  const cursor = make("div", { class: "heat-cursor", hidden: true });
  const readout = make("output", { class: "readout is-hint", id: `heat-${plan.key}`, "aria-live": "polite" },
    plan.hint ?? "\u00a0");
  const box = make("div", { class: "heat-box" }, canvas, cursor);
  const slide = () => {
    if (map.shift === box.scrollLeft) return;
    map.shift = box.scrollLeft;
    paintHeat(map);
  };
  box.addEventListener("scroll", slide, { passive: true });
  /** @type {Heatmap} */
  const map = {
    plan, canvas, cursor, readout, place: null, image: cellImage(plan),
    width: 0, left: 0, top: 0, cell: 0, rowCell: 0, isLabelled: false, shift: 0, font: "", columnFont: "",
  };
  canvas.addEventListener("mousemove", (event) => point(map, cellAt(map, event)));
  canvas.addEventListener("mouseleave", () => point(map, null));
  canvas.addEventListener("focus", () => point(map, map.place ?? [Math.max(plan.marks.pronoun ?? 0, 0), 0]));
  canvas.addEventListener("blur", () => point(map, null));
  canvas.addEventListener("keydown", (event) => moveCursor(map, event));
  canvas.addEventListener("click", (event) => {
    const cell = cellAt(map, event);
    if (cell) plan.pick?.(...cell);
  });
  canvas.vector = () => vectorCells(map);
  const element = make("div", { class: "heatmap" }, readout, box);
  new ResizeObserver(() => layOut(map, element)).observe(element);
  return element;
}

function layOut(map, element) {
  const { plan, canvas } = map;
  const width = element.clientWidth;
  if (width === 0 || map.width === width) return;
  map.width = width;
  const pen = canvas.getContext("2d");
  const font = `15px ${pageColor("--serif")}`;
  pen.font = font;
  const widest = (labels) => Math.min(Math.max(...labels.map((label) => pen.measureText(label).width)) + 10,
    width * 0.3, 150);
  let left = Math.ceil(widest(plan.labels));
  let cell = Math.min(MAX_CELL, Math.floor((width - left) / plan.n));
  const isSlid = cell < MIN_LABELLED_CELL && Math.max(plan.n, plan.rows) <= MAX_SLID_SIDE;
  if (isSlid) cell = SLID_CELL;
  canvas.parentElement.style.scrollPaddingLeft = `${left}px`;
  map.isLabelled = cell >= MIN_LABELLED_CELL;
  if (!map.isLabelled) [left, cell] = [0, Math.max(Math.floor(width / plan.n), MIN_CELL)];
  const rowCell = plan.rows === plan.n ? cell : Math.min(cell, 20);
  const top = map.isLabelled ? Math.ceil(widest(plan.columnLabels)) : 0;
  Object.assign(map, {
    left, top, cell, rowCell, font: `${Math.min(15, Math.max(rowCell - 2, 9))}px ${pageColor("--serif")}`,
    columnFont: `${Math.min(15, cell - 1)}px ${pageColor("--serif")}`,
  });
  paintHeat(map);
}

function cellAt({ plan, left, top, cell, rowCell }, { offsetX, offsetY }) {
  const [row, column] = [Math.floor((offsetY - top) / rowCell), Math.floor((offsetX - left) / cell)];
  return row >= 0 && column >= 0 && row < plan.rows && column < plan.n ? [row, column] : null;
}

function point(map, place) {
  const { plan, cursor, readout, left, top, cell, rowCell } = map;
  if (place === null && document.activeElement === map.canvas) place = map.place;
  cursor.hidden = place === null;
  if (place === null) {
    readout.textContent = plan.hint ?? "\u00a0";
    readout.classList.add("is-hint");
    return;
  }
  map.place = place;
  const [row, column] = place;
  cursor.style.transform = `translate(${left + column * cell}px, ${top + row * rowCell}px)`;
  cursor.style.width = `${cell}px`;
  cursor.style.height = `${rowCell}px`;
  readout.textContent = plan.describe(row, column);
  readout.classList.remove("is-hint");
}

function moveCursor(map, event) {
  const { plan } = map;
  const [row, column] = map.place ?? [0, 0];
  const goals = {
    ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1],
    ArrowRight: [row, column + 1],
    Home: [row, 0], End: [row, plan.n - 1], PageUp: [0, column], PageDown: [plan.rows - 1, column],
  };
  if (event.key === "Enter" || event.key === " ") plan.pick?.(row, column);
  else if (!goals[event.key]) return;
  event.preventDefault();
  const goal = goals[event.key];
  if (goal && goal[0] >= 0 && goal[1] >= 0 && goal[0] < plan.rows && goal[1] < plan.n) {
    point(map, goal);
    map.cursor.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}
