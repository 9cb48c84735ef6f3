// The rollout view: through all layers together, what of the input reaches the focused token.

import { pageColor } from "../color.js";
import { make, setStyle } from "../dom.js";
import { curve, penFor, strokeAll, vectorStrokes } from "../pen.js";
import { flowFrom, mixedLayers } from "../rollout.js";
import { shownAxis } from "../shown.js";
import { focusedRow, tableOf } from "../tables.js";

const FAINTEST_FLOW = 0.004;
const FLOW_STRENGTHS = 40;

let keptMix = { attention: null, key: "", mixed: null, axis: null };

// Special tokens stay: what flows through them does not stop because they are hidden.
function mixOf({ reading, state }) {
  const key = JSON.stringify([state.fold, state.masked]);
  if (keptMix.attention !== reading.attention || keptMix.key !== key) {
    const axis = shownAxis(reading, { ...state, special: "show" });
    keptMix = { attention: reading.attention, key, axis, mixed: mixedLayers(reading.attention, axis.groups) };
  }
  return keptMix;
}

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
    return [["token", ...masses.map((_, layer) => `layer_${layer}`)], ...axis.labels.map((label, i) => [label, ...masses.map((mass) => mass[i].toFixed(5))])];
  },
};

function flowPicture(context, axis, mixed, masses, focus) {
  const { t, patch } = context;
  const rowHeight = axis.n > 60 ? 20 : 28;
  const canvas = make("canvas", { class: "lines", role: "img", "aria-label": t("rollout.aloud", { token: axis.labels[focus], list: mostOf(t, axis, masses[0]) }) });
  const input = make("ol", { class: "column inputs", "aria-label": t("rollout.input") }, axis.labels.map((label, i) => {
    const row = make("li", null, make("span", { class: tokenClass(axis, i) }, make("span", { class: "token-text" }, label), make("span", { class: "token-weight" }, t.percent(masses[0][i]))));
    setStyle(row.firstChild, { "--weight": Math.sqrt(masses[0][i]).toFixed(3), "--head": pageColor("--accent") });
    return row;
  }));
  const output = make("ol", { class: "column", "aria-label": t("rollout.output"), on: { keydown: walkOutputs } }, axis.labels.map((label, i) => make("li", null, make("button", {
    type: "button", class: `${tokenClass(axis, i)}${i === focus ? " is-focused" : ""}`, "data-key": `output-${i}`, "aria-pressed": String(i === focus), tabindex: i === focus ? "0" : "-1",
    style: { "--head": pageColor("--accent") }, on: { click: () => patch({ token: axis.groups[i][0] }) },
  }, make("span", { class: "token-text" }, label)))));
  const layers = make("div", { class: "flow-layers", "aria-hidden": "true" }, masses.map((_, layer) => make("span", null, layer === 0 ? t("rollout.input-short") : t("picker.layer", { layer }))));
  new ResizeObserver(() => paintFlow(canvas, axis, mixed, masses, rowHeight)).observe(canvas);
  return make("div", { class: axis.n > 60 ? "headview is-dense flow" : "headview flow" }, input, make("div", null, canvas), output, layers);
}

function tokenClass({ pronoun, answer, isSpecial, isMasked }, i) {
  return ["token", i === pronoun && "is-pronoun", i === answer && "is-answer", isSpecial[i] && "is-special", isMasked[i] && "is-masked"].filter(Boolean).join(" ");
}

function walkOutputs(event) {
  const buttons = [...event.currentTarget.querySelectorAll("button")];
  const goal = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!goal) return;
  event.preventDefault();
  buttons[buttons.indexOf(event.target) + goal]?.focus();
}

function mostOf(t, { labels }, mass) {
  return labels.map((label, i) => [label, mass[i]]).sort((a, b) => b[1] - a[1]).slice(0, 3).map(([label, value]) => `${label} ${t.percent(value, 0)}`).join(", ");
}

// An edge carries what its upper end has, times the weight.
function paintFlow(canvas, { n }, mixed, masses, rowHeight) {
  const sized = penFor(canvas, n * rowHeight);
  if (!sized) return;
  const color = pageColor("--accent");
  const step = sized.width / mixed.length;
  const paths = new Map(); // strength -> lines, drawn as one
  mixed.forEach((layer, l) => {
    for (let row = 0; row < n; row++) {
      for (let column = 0; column < n; column++) {
        const flow = masses[l + 1][row] * layer[row * n + column];
        if (flow < FAINTEST_FLOW) continue;
        const strength = Math.ceil(flow * FLOW_STRENGTHS);
        if (!paths.has(strength)) paths.set(strength, []);
        paths.get(strength).push(curve(l * step, (column + 0.5) * rowHeight, (l + 1) * step, (row + 0.5) * rowHeight));
      }
    }
  });
  const strokes = [...paths].map(([strength, path]) => {
    const flow = strength / FLOW_STRENGTHS;
    return { path: path.join(""), color, alpha: Math.min(0.15 + 1.2 * flow, 0.95), width: 0.75 + 9 * flow };
  });
  strokeAll(sized.pen, strokes);
  canvas.vector = () => vectorStrokes(strokes);
}

function flowTable({ t }, { labels }, masses, focus) {
  const heads = [t("table.token"), ...masses.map((_, layer) => (layer === 0 ? t("rollout.input") : t("rollout.after", { layer })))];
  return tableOf(t("rollout.table", { token: labels[focus] }), heads, labels.map((label, i) => [label, ...masses.map((mass) => t.percent(mass[i]))]));
}
