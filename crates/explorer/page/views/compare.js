// The view that compares: two steps of the training, two sentences, or a reading with masks and ablations and the
// same without, side by side and with their difference.

import { differenceRamp, isDark } from "../color.js";
import { chooser, make, segmented } from "../dom.js";
import { createHeatmap } from "../heatmap.js";
import { differenceLegend, shadeDifference } from "../legend.js";
import { memo } from "../memo.js";
import { canRetry, errorText, retryButton } from "../messages.js";
import { bestStep, moments } from "../moments.js";
import { hasChange, readRequest, untouchedQuestion } from "../question.js";
import { combineHeads, hasAttention, rowFloors, shownAxis, shownMatrix, textOf } from "../shown.js";
import { tableOf } from "../tables.js";
import { probabilityOf, wordText } from "../word-strip.js";
import { attentionMap } from "./matrix.js";

// Two weights that differ by less are the same: they are rounded on their way here.
const MIN_DIFFERENCE = 0.0005;

/** @type {View} */
export const compareView = {
  id: "compare",
  hasTable: true,
  draw(context) {
    const { t, state, patch } = context;
    const kinds = ["checkpoint", "text", "change"].map((kind) => [kind, t(`compare.${kind}`)]);
    const bar = make("div", { class: "view-bar" },
      segmented(t("compare.label"), kinds, state.compare, (compare) => patch({ compare }), "compare"),
      otherChooser(context));
    const other = otherReading(context);
    const body = other.reading?.attention ? sidesOf(context, other) : waiting(context, other);
    return make("div", { class: "stack" }, bar, body);
  },
  csv(context) {
    const other = otherReading(context);
    if (!hasAttention(other.reading)) return [[]];
    const { a, b, isSame, labels } = pairOf(context, other.reading);
    const rows = [["from", "to", "a", "b", "b_minus_a"]];
    if (!isSame) return rows;
    a.matrix.forEach((weight, i) => {
      const [from, to] = [labels[Math.floor(i / a.n)], labels[i % a.n]];
      rows.push([from, to, ...[weight, b.matrix[i], b.matrix[i] - weight].map((value) => value.toFixed(5))]);
    });
    return rows;
  },
};

/**
 * @param {Context} context
 * @param {Other} other
 */
function waiting(context, { status, error }) {
  const { t } = context;
  if (error) return make("div", { class: "message", role: "alert" }, make("p", null, errorText(context, error)),
    canRetry(error) ? retryButton(context) : null);
  return make("p", { class: "message", role: "status" },
    t(status === "loading" ? "status.loading" : `compare.${status}`));
}

/**
 * What stands on the right, with what is needed to choose it.
 * @param {Context} context
 */
function otherChooser(context) {
  const { t, state, patch } = context;
  if (state.compare === "change") return null;
  if (state.compare === "text") return otherText(context);
  const all = moments(context);
  const value = String(otherMoment(context, all)?.step ?? "");
  const options = all.map(({ step, kind }) => [String(step), t(`moment.${kind}`, { step: t.step(step) })]);
  return chooser(t("compare.other-step"), options, value, (step) => patch({ otherCheckpoint: Number(step) }),
    "other-step");
}

/** @param {Context} context */
function otherText(context) {
  const { t, patch, run, about, language } = context;
  const value = otherSentence(context);
  const probes = run.probes.filter(({ lang }) => lang === (about.probe?.lang ?? language));
  const options = probes.map(({ text }) => [text, text]);
  if (!options.some(([text]) => text === value)) options.unshift([value, value]);
  const field = make("input", {
    type: "text", id: "other-text", value, "data-key": "other-text", disabled: !run.live,
    "aria-label": t("compare.other-text"), on: { change: () => patch({ otherText: field.value }) },
  });
  return make("div", { class: "other-text" },
    chooser(t("compare.other-text"), options, value, (text) => patch({ otherText: text }), "other-probe"),
    run.live ? field : null);
}

/**
 * Unless one was chosen: the other member of the minimal pair, else another sentence.
 * @param {Context} context
 */
function otherSentence({ run, state, about, language }) {
  if (state.otherText !== "") return state.otherText;
  const others = run.probes.filter(({ id, lang }) => id !== about.id && lang === (about.probe?.lang ?? language));
  return (others.find(({ pair }) => pair && pair === about.probe?.pair) ?? others[0])?.text ?? "";
}

/**
 * Unless one was chosen: the first moment, before anything was learned.
 * @param {Context} context
 */
function otherMoment({ state, run }, all) {
  const shown = state.snapshot ?? state.checkpoint ?? bestStep(run);
  return all.find(({ step }) => step === state.otherCheckpoint) ?? all.find(({ step }) => step !== shown) ?? all[0];
}

/**
 * @param {Context} context
 * @returns {Other}
 */
function otherReading(context) {
  const { run, state, about, t } = context;
  if (state.compare === "change") {
    if (!hasChange(state)) return { status: "no-change" };
    return picked(context, untouchedQuestion(run, state, about), t("compare.untouched"));
  }
  if (state.compare === "text") {
    const text = otherSentence(context);
    const pronoun = run.probes.find((probe) => probe.text === text)?.pronoun ?? null;
    if (text === "") return { status: "no-text" };
    const body = readRequest(run, { ...state, text, pronoun, masked: [] });
    return picked(context, { path: "/api/read", body, at: ({ readings }) => readings }, t("compare.other-text"));
  }
  const moment = otherMoment(context, moments(context));
  if (!moment) return { status: "no-step" };
  const name = t("time.step", { step: t.step(moment.step) });
  if (moment.kind === "snapshot") {
    const index = run.probes.findIndex(({ id }) => id === about.id);
    return picked(context, {
      path: "/api/snapshot", body: { step: moment.step }, at: ({ readings }) => readings.slice(index, index + 1),
    }, name);
  }
  return picked(context, {
    path: "/api/read", body: readRequest(run, { ...state, ...about, checkpoint: moment.step }),
    at: ({ readings }) => readings,
  }, name);
}

/**
 * @param {Context} context
 * @returns {Other}
 */
function picked({ ask, state }, question, name) {
  const entry = ask(question.path, question.body, "compare");
  if (entry.status !== "ready") return { ...entry, name };
  const readings = question.at(entry.answer);
  return { status: "ready", name, reading: readings[Math.min(state.which, readings.length - 1)] };
}

/** @param {Context} context */
function pairOf(context, other) {
  const a = sideOf(context, context.reading);
  const b = sideOf(context, other);
  const isSame = a.n === b.n;
  return { a, b, isSame, labels: isSame ? a.labels.map((label, i) => bothNames(label, b.labels[i])) : a.labels };
}

// Sentences of equally many words are compared place by place: where the words differ, both are named.
function bothNames(one, other) {
  return one === other ? one : `${one}/${other}`;
}

/**
 * Both sides with the same heads, so that they can be compared.
 * @param {Context} context
 * @param {AttentiveReading} reading
 * @returns {Shown}
 */
function sideOf({ state, selected }, reading) {
  const axis = shownAxis(reading, state);
  const matrix = shownMatrix(combineHeads(reading.attention, selected, state.combine), reading.attention.seq, axis,
    state);
  return { ...axis, axis, selected, matrix, floors: rowFloors(matrix, axis.n, state.top) };
}

const sidesOf = memo(drawSides, ({ t, state, reading, selected }, other) => {
  const { fold, special, top, combine, table, masked } = state;
  return [
    reading, other.reading, t.language, isDark(),
    JSON.stringify([fold, special, top, combine, selected, table, masked]),
  ];
});

/** @param {Context} context */
function drawSides(context, other) {
  const { t, state, reading } = context;
  const pair = pairOf(context, other.reading);
  const names = { change: () => t("compare.changed"), text: () => t("compare.this-text") };
  const nowName = names[state.compare]?.() ?? t("time.step", { step: t.step(context.step) });
  return make("div", { class: "stack" },
    make("div", { class: "sides" },
      side(context, nowName, reading, pair.a, "side-a"),
      side(context, other.name, other.reading, pair.b, "side-b")),
    pair.isSame ? difference(context, pair) : make("p", { class: "quiet" }, t("compare.no-difference")));
}

/**
 * @param {Context} context
 * @param {AttentiveReading} reading
 * @param {Shown} shown
 */
function side(context, name, reading, shown, key) {
  const { t } = context;
  return make("section", { class: "side stack" }, make("h3", null, name),
    make("p", { class: "side-text" }, reading.text),
    make("p", null, make("strong", { class: "is-pronoun" }, textOf(reading, reading.pronoun)), " → ",
      make("strong", { class: "is-answer" }, wordText(t, reading, reading.answer)), " ",
      t.percent(probabilityOf(reading, reading.answer))),
    attentionMap(context, shown, key));
}

/** @param {Context} context */
function difference(context, { a, b, labels }) {
  const { t, state } = context;
  const table = differenceRamp();
  const change = (row, column) => b.matrix[row * a.n + column] - a.matrix[row * a.n + column];
  const signed = (value) => `${value > 0 ? "+" : ""}${t.percent(value, 1)}`;
  if (a.matrix.every((weight, i) => Math.abs(weight - b.matrix[i]) < MIN_DIFFERENCE)) return make("p",
    { class: "message" }, t("compare.same"));
  if (state.table) {
    const rows = labels.map((label, i) => [
      label, t.percent(a.matrix[a.pronoun * a.n + i]), t.percent(b.matrix[a.pronoun * a.n + i]),
      signed(change(a.pronoun, i)),
    ]);
    return tableOf(t("compare.table"),
      [t("table.token"), t("compare.left"), t("compare.right"), t("compare.difference")], rows);
  }
  const map = createHeatmap({
    n: a.n, labels, table, key: "difference", name: t("compare.difference"), hint: t("matrix.hint"),
    marks: { pronoun: a.pronoun, answer: a.answer },
    at: (row, column) => shadeDifference(change(row, column)),
    describe: (row, column) => t("matrix.cell",
      { from: labels[row], to: labels[column], weight: signed(change(row, column)) }),
  });
  return make("section", { class: "stack" }, make("h3", null, t("compare.difference")), map,
    differenceLegend(t, table));
}
