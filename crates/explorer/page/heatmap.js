// A matrix as a heat map on canvas, with a cursor for the mouse and the arrow keys.

import { pageColor, rampColor } from "./color.js";
import { make, makeSvg } from "./dom.js";

const CELL_MOST = 34;
const CELL_LEAST = 2;
// Smaller cells have no room for labels beside them.
const CELL_LABELLED = 11;
// Larger matrices are saved as a picture: too many rectangles for a file of vectors.
const VECTOR_MOST = 64;

// { n, labels, columnLabels?, at(row, column) from 0 to 1, table (a ramp), describe(row, column), name,
//   marks: { pronoun, answer }, pick(row, column)?, rows?, key }; rows other than n where it is not square.
export function createHeatmap(given) {
  const plan = { rows: given.n, columnLabels: given.labels, marks: {}, ...given };
  const canvas = make("canvas", { class: "heat", "data-key": `heat-${plan.key}`, role: "application", tabindex: "0", "aria-label": plan.name, "aria-describedby": `heat-${plan.key}` });
  const cursor = make("div", { class: "heat-cursor", hidden: true });
  const readout = make("output", { class: "readout", id: `heat-${plan.key}`, "aria-live": "polite" }, plan.hint ?? "\u00a0");
  const box = make("div", { class: "heat-box" }, canvas, cursor);
  const map = { plan, canvas, cursor, readout, place: null, image: cellImage(plan) };
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

// One pixel for each cell; the browser enlarges it.
function cellImage({ n, rows, at, table }) {
  const canvas = document.createElement("canvas");
  canvas.width = n;
  canvas.height = rows;
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(n, rows);
  for (let i = 0; i < n * rows; i++) {
    const color = Math.round(Math.min(Math.max(at((i / n) | 0, i % n), 0), 1) * 255) * 3;
    image.data[i * 4] = table[color];
    image.data[i * 4 + 1] = table[color + 1];
    image.data[i * 4 + 2] = table[color + 2];
    image.data[i * 4 + 3] = 255;
  }
  pen.putImageData(image, 0, 0);
  return canvas;
}

function layOut(map, element) {
  const { plan, canvas } = map;
  const width = element.clientWidth;
  if (width === 0 || map.width === width) return;
  map.width = width;
  const pen = canvas.getContext("2d");
  const font = `15px ${pageColor("--serif")}`;
  pen.font = font;
  const widest = (labels) => Math.min(Math.max(...labels.map((label) => pen.measureText(label).width)) + 10, width * 0.3, 150);
  let left = Math.ceil(widest(plan.labels));
  let cell = Math.min(CELL_MOST, Math.floor((width - left) / plan.n));
  map.isLabelled = cell >= CELL_LABELLED;
  if (!map.isLabelled) [left, cell] = [0, Math.max(Math.floor(width / plan.n), CELL_LEAST)];
  const rowCell = plan.rows === plan.n ? cell : Math.min(cell, 22);
  const top = map.isLabelled ? Math.ceil(widest(plan.columnLabels)) : 0;
  Object.assign(map, { left, top, cell, rowCell, font: `${Math.min(15, Math.max(rowCell - 2, 9))}px ${pageColor("--serif")}`, columnFont: `${Math.min(15, cell - 1)}px ${pageColor("--serif")}` });
  paintHeat(map);
}

function paintHeat(map) {
  const { plan, canvas, left, top, cell, rowCell, image } = map;
  const scale = devicePixelRatio;
  const [width, height] = [left + cell * plan.n, top + rowCell * plan.rows];
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(image, left, top, cell * plan.n, rowCell * plan.rows);
  if (!map.isLabelled) return;
  drawGrid(pen, map);
  pen.textBaseline = "middle";
  pen.font = map.font;
  pen.textAlign = "right";
  plan.labels.forEach((label, i) => {
    pen.fillStyle = labelColor(plan, i, true);
    pen.fillText(label, left - 6, top + (i + 0.5) * rowCell, left - 8);
  });
  pen.font = map.columnFont;
  pen.textAlign = "left";
  plan.columnLabels.forEach((label, i) => {
    pen.save();
    pen.translate(left + (i + 0.5) * cell, top - 5);
    pen.rotate(-Math.PI / 2);
    pen.fillStyle = labelColor(plan, i, false);
    pen.fillText(label, 0, 0, top - 6);
    pen.restore();
  });
}

function labelColor({ marks }, i, isRow) {
  if (i === marks.answer && !(isRow && marks.rowsAreSteps)) return pageColor("--answer");
  if (i === marks.pronoun && !(isRow && marks.rowsAreSteps)) return pageColor("--pronoun");
  if (isRow && i === marks.row) return pageColor("--accent");
  return pageColor("--ink");
}

// Hairlines of the page's colour between the cells.
function drawGrid(pen, { plan, left, top, cell, rowCell }) {
  pen.fillStyle = pageColor("--card");
  for (let i = 1; i < plan.n; i++) pen.fillRect(left + i * cell - 0.5, top, 1, plan.rows * rowCell);
  for (let i = 1; i < plan.rows; i++) pen.fillRect(left, top + i * rowCell - 0.5, plan.n * cell, 1);
  if (plan.marks.row === undefined) return;
  pen.strokeStyle = pageColor("--accent");
  pen.lineWidth = 2;
  pen.strokeRect(left, top + plan.marks.row * rowCell, plan.n * cell, rowCell);
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
    return;
  }
  map.place = place;
  const [row, column] = place;
  cursor.style.transform = `translate(${left + column * cell}px, ${top + row * rowCell}px)`;
  cursor.style.width = `${cell}px`;
  cursor.style.height = `${rowCell}px`;
  readout.textContent = plan.describe(row, column);
}

function moveCursor(map, event) {
  const { plan } = map;
  const [row, column] = map.place ?? [0, 0];
  const goals = {
    ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
    Home: [row, 0], End: [row, plan.n - 1], PageUp: [0, column], PageDown: [plan.rows - 1, column],
  };
  if (event.key === "Enter" || event.key === " ") plan.pick?.(row, column);
  else if (!goals[event.key]) return;
  event.preventDefault();
  const goal = goals[event.key];
  if (goal && goal[0] >= 0 && goal[1] >= 0 && goal[0] < plan.rows && goal[1] < plan.n) point(map, goal);
}

// The same as vectors, for a file; null where it would be too many.
function vectorCells({ plan, left, top, cell, rowCell, isLabelled }) {
  if (plan.n > VECTOR_MOST || plan.rows > VECTOR_MOST) return null;
  const group = makeSvg("g");
  for (let row = 0; row < plan.rows; row++) {
    for (let column = 0; column < plan.n; column++) {
      group.append(makeSvg("rect", { x: left + column * cell, y: top + row * rowCell, width: cell, height: rowCell, fill: rampColor(plan.table, plan.at(row, column)) }, makeSvg("title", null, plan.describe(row, column))));
    }
  }
  if (!isLabelled) return group;
  const font = { "font-family": "serif", "font-size": Math.min(15, rowCell - 2), fill: pageColor("--ink"), "dominant-baseline": "central" };
  plan.labels.forEach((label, i) => group.append(makeSvg("text", { ...font, x: left - 6, y: top + (i + 0.5) * rowCell, "text-anchor": "end" }, label)));
  plan.columnLabels.forEach((label, i) => group.append(makeSvg("text", { ...font, transform: `translate(${left + (i + 0.5) * cell} ${top - 5}) rotate(-90)` }, label)));
  return group;
}
