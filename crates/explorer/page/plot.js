// Lines and dots over two axes, as SVG.

import { fill, make, makeSvg } from "./dom.js";

const PLOT_EDGE = { left: 52, right: 28, top: 26, bottom: 44 };
// Of the last drawing: the next one most likely has as much room.
let plotWidth = 680;
const MIN_PLOT_WIDTH = 260;
const NARROW_PLOT = 450;
const DOT = 6;
// Of a label of a dot, as wide as its letters at most.
const LETTER = 7.5;
const LABEL_HEIGHT = 14;
const SHAPES = ["circle", "square", "diamond"];

/**
 * `name` is the text alternative of the whole.
 * @typedef {{ label: string, min: number, max: number, ticks: [value: number, text: string][] }} PlotAxis
 * @typedef {{ name: string, color: string, points: [x: number, y: number][] }} PlotLine
 * @typedef {{ x: number, y: number, color: string, label: string | null, title: string,
 *   isPicked?: boolean, pick?: (several: boolean) => void }} PlotDot
 * @typedef {{ name: string, x: PlotAxis, y: PlotAxis, lines?: PlotLine[], dots?: PlotDot[] }} Plot
 */

/** @param {Plot} plot */
export function drawPlot(plot) {
  const { lines = [] } = plot;
  // Drawn at the width that there is, so that its letters are as large as those of the page.
  let width = plotWidth;
  const box = make("div", { class: "plot-box" }, plotSvg(plot, width));
  new ResizeObserver(([{ contentRect }]) => {
    const wanted = Math.max(Math.round(contentRect.width), MIN_PLOT_WIDTH);
    if (contentRect.width === 0 || wanted === width) return;
    width = wanted;
    plotWidth = wanted;
    fill(box, plotSvg(plot, width));
  }).observe(box);
  return make("div", { class: "plot" }, lines.length > 1 ? plotLegend(lines) : null, box);
}

/**
 * @param {Plot} plot
 * @param {number} width
 */
function plotSvg({ name, x, y, lines = [], dots = [] }, width) {
  const height = width < NARROW_PLOT ? 260 : 320;
  const across = scaleOf(x, PLOT_EDGE.left, width - PLOT_EDGE.right);
  const up = scaleOf(y, height - PLOT_EDGE.bottom, PLOT_EDGE.top);
  return makeSvg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": name },
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
      dots.map((dot) => drawDot(dot, across, up)), dotLabels(dots, across, up, width));
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

/**
 * What a click does can be done from a table too: a picture has no buttons.
 * @param {PlotDot} dot
 */
function drawDot({ x, y, color, title, isPicked, pick }, across, up) {
  return makeSvg("g", {
    class: ["dot", isPicked && "is-picked", pick && "is-target"].filter(Boolean).join(" "),
    on: pick ? { click: (event) => pick(event.shiftKey || event.ctrlKey || event.metaKey) } : {},
  },
    isPicked ? makeSvg("circle", {
      class: "ring", cx: across(x), cy: up(y), r: DOT + 4, fill: "none", stroke: color, "stroke-width": 2.5,
    }) : null,
    makeSvg("circle", { cx: across(x), cy: up(y), r: DOT, fill: color }, makeSvg("title", null, title)));
}

// Each label stands where it covers no dot and no other label: beside its dot, above or below.
function dotLabels(dots, across, up, width) {
  const taken = dots.map(({ x, y }) => (
    { left: across(x) - DOT, right: across(x) + DOT, top: up(y) - DOT, bottom: up(y) + DOT }));
  return dots.filter(({ label }) => label).map(({ x, y, label }) => {
    const [cx, cy, wide] = [across(x), up(y), label.length * LETTER];
    const places = [[cx + DOT + 3, cy], [cx - DOT - 3 - wide, cy], ...[1, 2, 3].flatMap((far) => [
      [cx - wide / 2, cy - far * LABEL_HEIGHT - 2], [cx - wide / 2, cy + far * LABEL_HEIGHT + 2],
      [cx + DOT + 3, cy - far * LABEL_HEIGHT], [cx - DOT - 3 - wide, cy - far * LABEL_HEIGHT],
    ])].map(([left, middle]) => (
      { left, right: left + wide, top: middle - LABEL_HEIGHT / 2, bottom: middle + LABEL_HEIGHT / 2 }));
    const isFree = (place) => place.left >= PLOT_EDGE.left && place.right <= width - 2 && place.top >= 0
      && taken.every((other) => place.left >= other.right || place.right <= other.left || place.top >= other.bottom
        || place.bottom <= other.top);
    const place = places.find(isFree) ?? places[0];
    taken.push(place);
    return makeSvg("text", { class: "dot-label", x: place.left, y: place.bottom - 3.5 }, label);
  });
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
