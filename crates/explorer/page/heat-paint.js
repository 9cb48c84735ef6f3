// How a heat map is painted on its canvas, and the same as vectors.

import { pageColor, rampColor } from "./color.js";
import { make, makeSvg } from "./dom.js";

// A matrix with more rows or columns is saved as pixels: as vectors the file would have too many rectangles.
const MAX_VECTOR_SIDE = 64;

// One pixel for each cell; the browser enlarges it.
export function cellImage({ n, rows, at, table }) {
  const canvas = make("canvas", { width: n, height: rows });
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

export function paintHeat(map) {
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
  columnLabels(pen, map);
  rowLabels(pen, map);
}

function columnLabels(pen, { plan, left, top, cell, columnFont }) {
  pen.font = columnFont;
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

function rowLabels(pen, { plan, left, top, rowCell, font, shift }) {
  if (shift > 0) {
    pen.fillStyle = pageColor("--paper");
    pen.fillRect(shift, 0, left, top + plan.rows * rowCell);
  }
  pen.font = font;
  pen.textAlign = "right";
  plan.labels.forEach((label, i) => {
    pen.fillStyle = labelColor(plan, i, true);
    pen.fillText(label, shift + left - 6, top + (i + 0.5) * rowCell, left - 8);
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

// The same as vectors, for a file; null where it would be too many.
export function vectorCells(map) {
  const { plan, left, top, cell, rowCell, isLabelled } = map;
  if (plan.n > MAX_VECTOR_SIDE || plan.rows > MAX_VECTOR_SIDE) return null;
  const group = makeSvg("g");
  for (let row = 0; row < plan.rows; row++) {
    for (let column = 0; column < plan.n; column++) {
      group.append(makeSvg("rect", {
        x: left + column * cell, y: top + row * rowCell, width: cell, height: rowCell,
        fill: rampColor(plan.table, plan.at(row, column)),
      }, makeSvg("title", null, plan.describe(row, column))));
    }
  }
  if (isLabelled) group.append(...vectorGrid(map), ...vectorLabels(map));
  return group;
}

function vectorGrid({ plan, left, top, cell, rowCell }) {
  const [right, bottom] = [left + plan.n * cell, top + plan.rows * rowCell];
  const hairline = { stroke: pageColor("--card"), "stroke-width": 1 };
  const lines = [];
  for (let i = 1; i < plan.n; i++) {
    lines.push(makeSvg("line", { ...hairline, x1: left + i * cell, x2: left + i * cell, y1: top, y2: bottom }));
  }
  for (let i = 1; i < plan.rows; i++) {
    lines.push(makeSvg("line", { ...hairline, x1: left, x2: right, y1: top + i * rowCell, y2: top + i * rowCell }));
  }
  if (plan.marks.row !== undefined) lines.push(makeSvg("rect", {
    x: left, y: top + plan.marks.row * rowCell, width: right - left, height: rowCell, fill: "none",
    stroke: pageColor("--accent"), "stroke-width": 2,
  }));
  return lines;
}

function vectorLabels({ plan, left, top, cell, rowCell, font, columnFont }) {
  const letters = (text, color) => ({
    "font-family": pageColor("--serif"), "font-size": parseFloat(text), fill: color, "dominant-baseline": "central",
  });
  return [
    ...plan.labels.map((label, i) => makeSvg("text", {
      ...letters(font, labelColor(plan, i, true)), x: left - 6, y: top + (i + 0.5) * rowCell, "text-anchor": "end",
    }, label)),
    ...plan.columnLabels.map((label, i) => makeSvg("text", {
      ...letters(columnFont, labelColor(plan, i, false)),
      transform: `translate(${left + (i + 0.5) * cell} ${top - 5}) rotate(-90)`,
    }, label)),
  ];
}
