// The time view: from noise to a head that resolves pronouns, step by step.

import { valueRamp } from "../color.js";
import { fill, make } from "../dom.js";
import { drawCurves } from "../curves.js";
import { drawBirths, drawFilm } from "../film.js";
import { glideMarks } from "../film-marks.js";
import { isStill, MOTION } from "../motion.js";
import { growthOf } from "../growth.js";
import { headName, shortHead } from "../head-picker.js";
import { createHeatmap } from "../heatmap.js";
import { shade, valueLegend } from "../legend.js";
import { memo } from "../memo.js";
import { choose, momentNow, moments } from "../moments.js";
import { combineHeads, selectedHeads, shownAxis, shownMatrix } from "../shown.js";
import { tableOf } from "../tables.js";

let playing = 0;
// Milliseconds from step to step.
const PACE = 450;
// Whether the view has just been opened, and its film has not begun.
let isNew = false;
/** @type {Context} */
let latestContext;
const timeBox = make("div", { class: "stack" });

/** @type {View} */
export const timeView = {
  id: "time",
  tools: ["heads", "special", "fold"],
  hasTable: true,
  draw(context) {
    const { t, state, about } = context;
    const growth = growthOf(context);
    latestContext = context;
    isNew ||= !timeBox.isConnected;
    if (isNew && growth !== null) playOnce(context);
    const parts = [drawBar(context)];
    if (about.id !== null) parts.push(drawBirths(context), state.table ? null : drawFilm(context, playing ? PACE : 0));
    if (growth === null) parts.push(make("p", { class: "message", role: "status" }, t("time.loading")));
    else if (state.table) parts.push(growthTable(context, growth));
    else {
      const curves = drawCurves(context, growth, stepNow(context), (step) => goTo(context, step));
      glideMarks(curves, playing ? PACE : MOTION);
      parts.push(curves);
    }
    if (about.id === null) parts.push(make("p", { class: "message" }, t("time.only-examples")));
    else parts.push(rowsOverTime(context));
    fill(timeBox, parts);
    return timeBox;
  },
  csv(context) {
    const growth = growthOf(context) ?? [];
    const { layers, heads } = context.reading.attention;
    const names = Array.from({ length: layers * heads }, (_, i) => [Math.floor(i / heads), i % heads]);
    return [["step", "accuracy", ...names.map(([layer, head]) => `hits_${layer + 1}_${head + 1}`)],
      ...growth.map(({ step, accuracy, hits }) => [
        step, accuracy ?? "", ...names.map(([layer, head]) => hits[layer][head]),
      ])];
  },
};

/** @param {Context} context */
function stepNow(context) {
  const all = moments(context);
  return all[momentNow(context, all)]?.step ?? 0;
}

/**
 * The moment nearest to a step, on the logarithmic axis.
 * @param {Context} context
 */
function goTo(context, step) {
  const all = moments(context);
  const far = (moment) => Math.abs(Math.log2(moment.step + 1) - Math.log2(step + 1));
  const nearest = all.reduce((best, moment) => (far(moment) < far(best) ? moment : best), all[0]);
  endPlay();
  if (nearest) context.patch(choose(nearest, context));
}

/** @param {Context} context */
function drawBar(context) {
  const { element, update } = barOf(context);
  update(context);
  return element;
}

// The bar stays on the page: a slider that is drawn anew cannot be dragged.
const barOf = memo(buildBar, (context) => [JSON.stringify([context.t.language, moments(context)])]);

/** @param {Context} context */
function buildBar(context) {
  const { t, patch } = context;
  const all = moments(context);
  let latest = context;
  let isDragged = false;
  const range = make("input", {
    type: "range", min: 0, max: Math.max(all.length - 1, 0), step: 1, "data-key": "time-range",
    "aria-label": t("toolbar.step"), on: {
      input: () => {
        endPlay();
        // Dragging is one entry in the history.
        patch(choose(all[Number(range.value)], latest), isDragged ? "replace" : undefined);
        isDragged = true;
      },
      change: () => { isDragged = false; },
    },
  });
  const play = make("button", {
    type: "button", class: "primary", "data-key": "play", disabled: all.length < 2,
    on: { click: () => togglePlay(latest) },
  });
  const step = make("output", { class: "time-step" });
  const update = (/** @type {Context} */ now) => {
    latest = now;
    const place = momentNow(now, all);
    if (Number(range.value) !== place) range.value = place;
    range.setAttribute("aria-valuetext", t.step(all[place]?.step ?? 0));
    play.textContent = playing ? t("time.pause") : t("time.play");
    step.textContent = t("time.step", { step: t.step(all[place]?.step ?? 0) });
  };
  return { element: make("div", { class: "time-bar" }, play, range, step), update };
}

/**
 * Opened without a step in the address, the view shows how the head was born.
 * @param {Context} context
 */
function playOnce({ state, about }) {
  isNew = false;
  if (about.id !== null && !isStepChosen(state) && !state.table && !isStill()) queueMicrotask(() => play(true));
}

/** @param {State} state */
function isStepChosen({ snapshot, checkpoint }) {
  return snapshot !== null || checkpoint !== null;
}

/**
 * Steps follow one another, from the first if none was chosen; for those who asked for less motion, slowly.
 * @param {boolean} isByItself then it was no act of a person, and leaves no trace in the address
 */
function play(isByItself) {
  const { state: { snapshot, checkpoint, selected }, patch } = latestContext;
  const all = moments(latestContext);
  const start = isStepChosen(latestContext.state) ? momentNow(latestContext, all) : -1;
  let place = start === all.length - 1 ? -1 : start;
  /** @type {Partial<State> | null} */
  let shown = null;
  const end = () => {
    stopPlay(latestContext);
    if (isByItself) patch({ snapshot, checkpoint, selected }, "replace");
  };
  const advance = () => {
    const { state } = latestContext;
    const isElsewhere = shown !== null && (state.snapshot !== shown.snapshot || !timeBox.isConnected);
    if (isElsewhere && timeBox.isConnected) return stopPlay(latestContext);
    place += 1;
    if (place >= all.length || isElsewhere || latestContext.about.id === null) return end();
    const change = choose(all[place], latestContext);
    // All steps of a film are one entry in the history.
    patch(change, shown !== null || isByItself ? "replace" : undefined);
    shown = { snapshot: change.snapshot };
  };
  playing = setInterval(advance, isStill() ? 1500 : PACE);
  advance();
}

/** @param {Context} context */
function togglePlay(context) {
  if (playing) stopPlay(context);
  else play(false);
}

function endPlay() {
  clearInterval(playing);
  playing = 0;
}

/** @param {Context} context */
function stopPlay({ patch }) {
  endPlay();
  patch({}, "replace");
}

/**
 * What the pronoun reads at each recorded step: rows are steps.
 * @param {Context} context
 */
function rowsOverTime(context) {
  const { t, run, about, ask, state, reading, patch } = context;
  const index = run.probes.findIndex(({ id }) => id === about.id);
  const entries = run.snapshots.map(({ step }) => ({ step, entry: ask("/api/snapshot", { step }) }));
  const ready = entries.filter(({ entry }) => entry.status === "ready" && entry.answer.readings[index]?.attention);
  const waiting = entries.some(({ entry }) => entry.status === "loading");
  if (waiting || ready.length === 0) return make("p", { class: "message", role: "status" },
    t(waiting ? "time.loading" : "time.none"));
  const selected = selectedHeads(reading, state);
  const first = ready[0].entry.answer.readings[index];
  const axis = shownAxis(first, state);
  if (axis.pronoun < 0) return null;
  const rows = ready.map(({ entry }) => pronounRow(entry.answer.readings[index], axis, selected, state));
  const now = ready.findLastIndex(({ step }) => step <= stepNow(context));
  const names = selected.map(([layer, head]) => headName(t, layer, head)).join(", ");
  const steps = ready.map(({ step }) => t.step(step));
  const answer = axis.antecedent >= 0 ? axis.antecedent : axis.answer;
  const table = valueRamp();
  const caption = t("time.rows", { pronoun: axis.labels[axis.pronoun], heads: names });
  if (state.table) return tableOf(caption, [t("time.column-step"), ...axis.labels],
    rows.map((row, i) => [steps[i], ...Array.from(row, (weight) => t.number(weight * 100, 1))]));
  const map = createHeatmap({
    n: axis.n, rows: rows.length, labels: steps, columnLabels: axis.labels, table, key: "time", name: caption,
    hint: t("matrix.hint"),
    marks: { pronoun: axis.pronoun, answer, row: now, rowsAreSteps: true },
    at: (row, column) => shade(rows[row][column]),
    describe: (row, column) => t("time.cell",
      { step: steps[row], to: axis.labels[column], weight: t.percent(rows[row][column], 1) }),
    pick: (row) => patch(goalOf(context, ready[row].step)),
  });
  return make("section", { class: "stack" }, make("h3", null, caption), map, valueLegend(t, table));
}

/** @param {Context} context */
function goalOf(context, step) {
  const moment = moments(context).find((each) => each.step === step);
  return moment ? choose(moment, context) : { snapshot: step };
}

/**
 * @param {AttentiveReading} reading
 * @param {Axis} axis
 * @param {State} state
 */
function pronounRow(reading, axis, selected, state) {
  const matrix = shownMatrix(combineHeads(reading.attention, selected, state.combine), reading.attention.seq, axis,
    state);
  return matrix.subarray(axis.pronoun * axis.n, (axis.pronoun + 1) * axis.n);
}

/** @param {Context} context */
function growthTable({ t }, growth) {
  const { length: layers } = growth[0]?.hits ?? [];
  const heads = growth[0]?.hits[0]?.length ?? 0;
  const names = Array.from({ length: layers * heads }, (_, i) => [Math.floor(i / heads), i % heads]);
  return tableOf(t("time.curves"), [
    t("time.column-step"), t("time.accuracy"),
    ...names.map((head) => shortHead(...head)),
  ],
    growth.map(({ step, accuracy, hits }) => [
      t.step(step), accuracy === null ? "–" : t.percent(accuracy, 0),
      ...names.map(([layer, head]) => t.percent(hits[layer][head], 0)),
    ]));
}
