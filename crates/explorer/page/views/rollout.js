// The rollout view: through all layers together, what of the input reaches the focused token.

import { pageColor } from "../color.js";
import { make } from "../dom.js";
import { memo } from "../memo.js";
import { curve, linesFrame, penFor, strokeAll, vectorStrokes } from "../pen.js";
import { flowFrom, mixedLayers } from "../rollout.js";
import { shownAxis } from "../shown.js";
import { focusedRow, tableOf } from "../tables.js";

// A line of less than this cannot be seen; the others are rounded to so many strengths, each drawn as one path.
const MIN_FLOW = 0.004;
const FLOW_STRENGTHS = 40;

const mixOf = memo(mix, ({ reading, state }) => [reading.attention, JSON.stringify([state.fold, state.masked])]);

/**
 * Special tokens stay: what flows through them does not stop because they are hidden.
 * @param {Context} context
 */
function mix({ reading, state }) {
  const axis = shownAxis(reading, { ...state, special: "show" });
  return { axis, mixed: mixedLayers(reading.attention, axis.groups) };
}

/** @type {View} */
export const rolloutView = {
  id: "rollout",
  tools: ["fold", "step"],
  hasTable: true,
  draw(context) {
    const { mixed, axis } = mixOf(context);
    const focus = focusedRow(context.state, axis);
    const masses = flowFrom(mixed, axis.n, focus);
    if (context.state.table) return flowTable(context, axis, masses, focus);
    return flowPicture(context, axis, mixed, masses, focus);
  },
  csv(context) {
    const { mixed, axis } = mixOf(context);
    const masses = flowFrom(mixed, axis.n, focusedRow(context.state, axis));
    return [
      ["token", ...masses.map((_, layer) => `layer_${layer}`)],
      ...axis.labels.map((label, i) => [label, ...masses.map((mass) => mass[i].toFixed(5))]),
    ];
  },
};

/**
 * @param {Context} context
 * @param {Axis} axis
 */
function flowPicture(context, axis, mixed, masses, focus) {
  const part = flowOf(context, axis, masses);
  Object.assign(part, { patch: context.patch, mixed, masses });
  writeFlow(context.t, part, focus);
  paintFlow(part);
  return part.element;
}

// Built anew only for other tokens or another language; the rest is written into it.
const flowOf = memo(buildFlow, ({ t }, axis) => [axis, t.language]);

/**
 * @param {Context} context
 * @param {Axis} axis
 */
function buildFlow({ t }, axis, masses) {
  const lines = linesFrame({ role: "img" }, () => paintFlow(part));
  const cell = (label, i, tag, attributes) => make("li", null,
    make(tag, { class: tokenClass(axis, i), ...attributes }, make("span", { class: "token-text" }, label),
      make("span", { class: "token-weight" })));
  const input = make("ol", { class: "column inputs", "aria-label": t("rollout.input") },
    axis.labels.map((label, i) => cell(label, i, "span")));
  const choose = (event) => {
    const button = event.target.closest("button");
    if (button) part.patch({ token: axis.groups[Number(button.dataset.place)][0] });
  };
  const output = make("ol", {
    class: "column", "aria-label": t("rollout.output"), on: { keydown: walkOutputs, click: choose },
  },
    axis.labels.map((label, i) => cell(label, i, "button",
      { type: "button", "data-key": `output-${i}`, "data-place": i })));
  const layers = make("div", { class: "flow-layers", "aria-hidden": "true" },
    masses.map((_, layer) => make("span", null,
      layer === 0 ? t("rollout.input-short") : t("picker.layer", { layer }))));
  const isDense = axis.n > 60;
  /** @type {any} */
  const part = {
    axis, rowHeight: isDense ? 20 : 28, canvas: lines.canvas,
    inputs: [...input.querySelectorAll(".token")], outputs: [...output.querySelectorAll("button")],
    element: make("div", {
      class: isDense ? "headview is-dense flow" : "headview flow", style: { "--head": "var(--accent)" },
    }, input, lines.frame, output, layers),
  };
  return part;
}

/** @param {Translator} t */
function writeFlow(t, { axis, canvas, inputs, outputs, masses }, focus) {
  canvas.setAttribute("aria-label",
    t("rollout.aloud", { token: axis.labels[focus], list: mostOf(t, axis, masses[0]) }));
  inputs.forEach((cell, i) => {
    const text = t.percent(masses[0][i]);
    if (cell.lastChild.textContent === text) return;
    cell.lastChild.textContent = text;
    cell.style.setProperty("--weight", Math.sqrt(masses[0][i]).toFixed(2));
  });
  outputs.forEach((button, i) => {
    const isFocus = String(i === focus);
    if (button.getAttribute("aria-pressed") === isFocus) return;
    button.setAttribute("aria-pressed", isFocus);
    button.tabIndex = i === focus ? 0 : -1;
    button.classList.toggle("is-focused", i === focus);
  });
}

function tokenClass({ pronoun, answer, isSpecial, isMasked }, i) {
  return [
    "token", i === pronoun && "is-pronoun", i === answer && "is-answer", isSpecial[i] && "is-special",
    isMasked[i] && "is-masked",
  ].filter(Boolean).join(" ");
}

function walkOutputs(event) {
  const buttons = [...event.currentTarget.querySelectorAll("button")];
  const goal = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!goal) return;
  event.preventDefault();
  buttons[buttons.indexOf(event.target) + goal]?.focus();
}

/** @param {Translator} t */
function mostOf(t, { labels }, mass) {
  const most = labels.map((label, i) => [label, mass[i]]).sort((a, b) => b[1] - a[1]).slice(0, 3);
  return most.map(([label, value]) => `${label} ${t.percent(value, 0)}`).join(", ");
}

function paintFlow({ canvas, axis, rowHeight, mixed, masses }) {
  if (!mixed) return;
  const height = axis.n * rowHeight;
  const sized = penFor(canvas, height);
  if (!sized) return;
  strokeAll(sized.pen, flowStrokes(axis.n, rowHeight, mixed, masses, sized));
  canvas.vector = () => vectorStrokes(flowStrokes(axis.n, rowHeight, mixed, masses,
    { width: sized.width, from: 0, to: height }));
}

// An edge carries what its upper end has, times its weight.
function flowStrokes(n, rowHeight, mixed, masses, { width, from, to }) {
  const color = pageColor("--accent");
  const step = width / mixed.length;
  const paths = new Map(); // strength -> lines, drawn as one
  mixed.forEach((layer, l) => {
    for (let row = 0; row < n; row++) {
      const mass = masses[l + 1][row];
      if (mass < MIN_FLOW) continue;
      for (let column = 0; column < n; column++) {
        const flow = mass * layer[row * n + column];
        if (flow < MIN_FLOW) continue;
        const [below, above] = [(column + 0.5) * rowHeight, (row + 0.5) * rowHeight];
        if (Math.max(below, above) < from || Math.min(below, above) > to) continue;
        const strength = Math.ceil(flow * FLOW_STRENGTHS);
        if (!paths.has(strength)) paths.set(strength, []);
        paths.get(strength).push(curve(l * step, below, (l + 1) * step, above));
      }
    }
  });
  return [...paths].map(([strength, path]) => {
    const flow = strength / FLOW_STRENGTHS;
    return { path: path.join(""), color, alpha: Math.min(0.15 + 1.2 * flow, 0.95), width: 0.75 + 9 * flow };
  });
}

/** @param {Context} context */
function flowTable({ t }, { labels }, masses, focus) {
  const heads = [
    t("table.token"), ...masses.map((_, layer) => (layer === 0 ? t("rollout.input") : t("rollout.after", { layer }))),
  ];
  return tableOf(t("rollout.table", { token: labels[focus] }), heads,
    labels.map((label, i) => [label, ...masses.map((mass) => t.percent(mass[i]))]));
}
