// Hits of each head, and accuracy, against the step: on a logarithmic axis that has a place for step 0.

import { headColor } from "./color.js";
import { fill, make, makeSvg } from "./dom.js";
import { headName } from "./head-picker.js";

// Drawn at the width that there is, so that its letters are as large as those of the page.
let curvesWidth = 900;
const MIN_CURVES_WIDTH = 320;
const HEIGHT = 300;
const EDGE = { left: 46, right: 16, top: 14, bottom: 34 };

/** @param {Context} context */
export function drawCurves(context, growth, stepNow, choose) {
  const { t } = context;
  const box = make("div", { class: "curves-box", tabindex: "0", role: "group", "aria-label": t("time.curves") });
  const paint = () => fill(box, curvesOf(context, growth, stepNow, choose));
  new ResizeObserver(([{ contentRect: { width } }]) => {
    const wanted = Math.max(Math.round(width), MIN_CURVES_WIDTH);
    if (width === 0 || (wanted === curvesWidth && box.firstChild)) return;
    curvesWidth = wanted;
    paint();
  }).observe(box);
  paint();
  return make("section", { class: "stack" }, make("h3", null, t("time.curves")), box,
    key(context, growth, headList(growth, context), stepNow));
}

/** @param {Context} context */
function curvesOf(context, growth, stepNow, choose) {
  const { t } = context;
  const last = Math.max(growth.at(-1)?.step ?? 1, stepNow, 1);
  const x = (step) => EDGE.left + (curvesWidth - EDGE.left - EDGE.right) * Math.log2(step + 1) / Math.log2(last + 1);
  const y = (share) => HEIGHT - EDGE.bottom - (HEIGHT - EDGE.top - EDGE.bottom) * share;
  const heads = headList(growth, context);
  const svg = makeSvg("svg", {
    viewBox: `0 0 ${curvesWidth} ${HEIGHT}`, class: "curves", role: "img", "aria-label": aloud(t, growth, heads),
    on: { click: (event) => choose(stepAt(svg, event, last)) },
  },
  axes(t, x, y, last),
  baseline(context, y),
  heads.sort((a, b) => a.isSelected - b.isSelected).map((head) => headCurve(t, growth, head, x, y)),
  line(growth.filter(({ accuracy }) => accuracy !== null).map(({ step, accuracy }) => [x(step), y(accuracy)]),
    { class: "curve-accuracy" }),
  makeSvg("line", {
    class: "curve-now", "data-mark": "now", x1: x(stepNow), x2: x(stepNow), y1: EDGE.top, y2: HEIGHT - EDGE.bottom,
  }),
  heads.filter(({ isSelected }) => isSelected).map(({ layer, head }) => makeSvg("circle", {
    class: "curve-dot", "data-mark": `${layer}.${head}`, cx: x(stepNow), cy: y(hitsAt(growth, layer, head, stepNow)),
    r: 6, fill: headColor(head),
  })));
  return svg;
}

function hitsAt(growth, layer, head, step) {
  return growth.findLast((at) => at.step <= step)?.hits[layer][head] ?? 0;
}

function headList(growth, { selected }) {
  return (growth[0]?.hits ?? []).flatMap((row, layer) => row.map((_, head) => ({
    layer, head, isSelected: selected.some(([l, h]) => l === layer && h === head),
  })));
}

function line(points, attributes) {
  return points.length === 0 ? null : makeSvg("polyline", {
    fill: "none", points: points.map((point) => point.map((value) => value.toFixed(1)).join(",")).join(" "),
    ...attributes,
  });
}

/** @param {Translator} t */
function headCurve(t, growth, { layer, head, isSelected }, x, y) {
  const curve = line(growth.map(({ step, hits }) => [x(step), y(hits[layer][head])]),
    {
      stroke: headColor(head), "stroke-width": isSelected ? 3 : 1.25, "stroke-opacity": isSelected ? 1 : 0.5,
      "stroke-dasharray": ["none", "7 3", "2 3", "9 3 2 3", "12 4", "4 4"][layer % 6],
    });
  curve?.append(makeSvg("title", null, headName(t, layer, head)));
  return curve;
}

/**
 * Powers of two far enough apart to be read.
 * @param {Translator} t
 */
function axes(t, x, y, last) {
  const steps = [0];
  for (let step = 1; step <= last; step *= 2) if (x(step) - x(steps.at(-1)) > 52) steps.push(step);
  return makeSvg("g", { class: "axes" },
    [0, 0.25, 0.5, 0.75, 1].map((share) => [
      makeSvg("line", { x1: EDGE.left, x2: curvesWidth - EDGE.right, y1: y(share), y2: y(share) }),
      makeSvg("text", {
        x: EDGE.left - 8, y: y(share), "text-anchor": "end", "dominant-baseline": "central",
      }, t.percent(share, 0))]),
    steps.map((step) => makeSvg("text", { x: x(step), y: HEIGHT - 12, "text-anchor": "middle" }, t.step(step))));
}

/** @param {Context} context */
function baseline({ run }, y) {
  const random = run.heads?.baselines?.random;
  return random === undefined ? null : makeSvg("line", {
    class: "curve-baseline", x1: EDGE.left, x2: curvesWidth - EDGE.right, y1: y(random), y2: y(random),
  });
}

function stepAt(svg, event, last) {
  const box = svg.getBoundingClientRect();
  const place = (event.clientX - box.left) / box.width * curvesWidth - EDGE.left;
  const share = place / (curvesWidth - EDGE.left - EDGE.right);
  return 2 ** (Math.min(Math.max(share, 0), 1) * Math.log2(last + 1)) - 1;
}

/** @param {Translator} t */
function aloud(t, growth, heads) {
  const final = growth.at(-1);
  if (!final) return t("time.curves");
  const best = [...heads].sort((a, b) => final.hits[b.layer][b.head] - final.hits[a.layer][a.head])[0];
  return t("time.aloud", {
    step: t.step(final.step), head: headName(t, best.layer, best.head),
    hit: t.percent(final.hits[best.layer][best.head], 0),
  });
}

/**
 * What the lines mean, with the numbers at the step that is shown.
 * @param {Context} context
 */
function key({ t, run }, growth, heads, stepNow) {
  const now = growth.findLast(({ step }) => step <= stepNow) ?? growth[0];
  if (!now) return null;
  const entry = (name, color, value) => make("span", { class: "legend-step" },
    make("span", { class: "legend-line", style: { "background": color } }), `${name} ${value}`);
  return make("div", { class: "legend" },
    make("span", { class: "legend-step" }, make("span", { class: "legend-line is-accuracy" }),
      `${accuracyName(t, run)} ${now.accuracy === null ? "–" : t.percent(now.accuracy, 0)}`),
    heads.filter(({ isSelected }) => isSelected).map(({ layer, head }) => entry(
      t("time.hits", { head: headName(t, layer, head) }), headColor(head), t.percent(now.hits[layer][head], 0))),
    run.heads?.baselines ? make("span", { class: "legend-step" }, make("span", { class: "legend-line is-baseline" }),
      `${t("time.random")} ${t.percent(run.heads.baselines.random, 0)}`) : null,
    make("span", { class: "quiet" }, t("time.styles")));
}

/**
 * Accuracy, and of how many texts: without that, a share says little.
 * @param {Translator} t
 * @param {Run} run
 */
function accuracyName(t, { heads, snapshots, probes }) {
  const isOfProbes = (heads?.growth ?? []).length > 0 || snapshots.every(({ accuracy }) => accuracy === null);
  return isOfProbes ? t("time.accuracy-of-probes", { n: t.number(probes.length) }) : t("time.accuracy-of-validation");
}
