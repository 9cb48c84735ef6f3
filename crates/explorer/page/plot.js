// Lines and dots over two axes, as SVG.

import { make, makeSvg } from "./dom.js";

const PLOT_EDGE = { left: 52, right: 28, top: 26, bottom: 44 };
const SHAPES = ["circle", "square", "diamond"];

/**
 * @typedef {{ label: string, min: number, max: number, ticks: [value: number, text: string][] }} PlotAxis
 * @param {object} plot
 * @param {string} plot.name the text alternative of the whole
 * @param {PlotAxis} plot.x
 * @param {PlotAxis} plot.y
 * @param {{ name: string, color: string, points: [x: number, y: number][] }[]} [plot.lines]
 * @param {{ x: number, y: number, color: string, label: string | null, title: string }[]} [plot.dots]
 */
export function drawPlot({ name, x, y, lines = [], dots = [] }) {
  // On a narrow screen the drawing is smaller and its letters stay as they are.
  const [width, height] = matchMedia("(max-width: 45rem)").matches ? [344, 260] : [680, 320];
  const across = scaleOf(x, PLOT_EDGE.left, width - PLOT_EDGE.right);
  const up = scaleOf(y, height - PLOT_EDGE.bottom, PLOT_EDGE.top);
  return make("div", { class: "plot" },
    lines.length > 1 ? plotLegend(lines) : null,
    makeSvg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": name },
      y.ticks.map(([value, text]) => [
        makeSvg("line", {
          class: "grid", x1: PLOT_EDGE.left, x2: width - PLOT_EDGE.right, y1: up(value), y2: up(value),
        }),
        makeSvg("text", { x: PLOT_EDGE.left - 8, y: up(value) + 4, "text-anchor": "end" }, text),
      ]),
      x.ticks.map(([value, text]) => [
        makeSvg("line", {
          class: "tick", x1: across(value), x2: across(value), y1: height - PLOT_EDGE.bottom,
          y2: height - PLOT_EDGE.bottom + 5,
        }),
        makeSvg("text", { x: across(value), y: height - PLOT_EDGE.bottom + 19, "text-anchor": "middle" }, text),
      ]),
      makeSvg("line", {
        class: "axis", x1: PLOT_EDGE.left, x2: width - PLOT_EDGE.right, y1: height - PLOT_EDGE.bottom,
        y2: height - PLOT_EDGE.bottom,
      }),
      makeSvg("text", {
        class: "axis-label", x: (PLOT_EDGE.left + width - PLOT_EDGE.right) / 2, y: height - 6, "text-anchor": "middle",
      }, x.label),
      makeSvg("text", { class: "axis-label", x: 4, y: 12 }, y.label),
      lines.map((line, i) => drawLine(line, SHAPES[i % SHAPES.length], across, up)),
      dots.map((dot) => drawDot(dot, across, up, width))));
}

function scaleOf({ min, max }, from, to) {
  const range = max - min || 1;
  return (value) => from + (value - min) / range * (to - from);
}

function drawLine({ color, points }, shape, across, up) {
  const places = points.map(([x, y]) => [across(x), up(y)]);
  return makeSvg("g", null,
    makeSvg("polyline", {
      points: places.map((place) => place.join(",")).join(" "), fill: "none", stroke: color, "stroke-width": 2.5,
    }),
    places.map(([x, y]) => mark(shape, x, y, color)));
}

// Different shapes, so that colour is not all that tells the lines apart.
function mark(shape, x, y, color) {
  if (shape === "circle") return makeSvg("circle", { cx: x, cy: y, r: 4, fill: color });
  const turn = shape === "diamond" ? `rotate(45 ${x} ${y})` : null;
  return makeSvg("rect", { x: x - 4, y: y - 4, width: 8, height: 8, fill: color, transform: turn });
}

function drawDot({ x, y, color, label, title }, across, up, width) {
  const isRight = across(x) > width - 60; // the label stays within the picture
  return makeSvg("g", { class: "dot" },
    makeSvg("circle", { cx: across(x), cy: up(y), r: 6, fill: color }, makeSvg("title", null, title)),
    label ? makeSvg("text", {
      class: "dot-label", x: across(x) + (isRight ? -10 : 10), y: up(y) + 4, "text-anchor": isRight ? "end" : "start",
    }, label) : null);
}

function plotLegend(lines) {
  return make("ul", { class: "plot-legend" }, lines.map(({ name, color }, i) => make("li", null,
    makeSvg("svg", { class: "swatch", viewBox: "0 0 16 12", "aria-hidden": "true" },
      mark(SHAPES[i % SHAPES.length], 8, 6, color)),
    name)));
}

/**
 * Percent from `low` to 1 in steps that are easy to read.
 * @param {Translator} t
 */
export function percentTicks(t, low) {
  const step = [0.02, 0.05, 0.1, 0.25].find((each) => (1 - low) / each <= 6) ?? 0.25;
  const first = Math.floor(low / step + 1e-9) * step;
  const ticks = [];
  for (let i = 0; first + i * step <= 1 + 1e-9; i++) ticks.push([first + i * step, t.percent(first + i * step, 0)]);
  return ticks;
}
