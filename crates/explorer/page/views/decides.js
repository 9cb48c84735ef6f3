// The head that looks and the head that decides: two experiments on one sentence, side by side.

import { barTable } from "../bars.js";
import { decidingHeads } from "../deciding.js";
import { make } from "../dom.js";
import { waitingPart } from "../gather.js";
import { headName, shortHead } from "../head-picker.js";
import { wordWeights } from "../lesson/measure.js";
import { textOf } from "../shown.js";
import { probabilityOf, wordText } from "../word-strip.js";

// Of each table of words, so many rows.
const MAX_READ = 4;
const MAX_ANSWERS_SHOWN = 3;

/** @typedef {import("../deciding.js").Deciding} Deciding */
/** @typedef {import("../deciding.js").HeadTrial} HeadTrial */

/** @type {View} */
export const decidesView = {
  id: "decides",
  isFree: true,
  isAlone: true,
  sentence: (page) => factsNow(/** @type {Context} */ (page))?.reading.text ?? "",
  draw(context) {
    const { t } = context;
    const entry = decidingHeads(context);
    if (entry.status !== "ready") return make("div", { class: "decides" }, meanwhile(context, entry), ways(context));
    /** @type {Deciding} */
    const facts = entry.facts;
    const isOne = facts.looks === facts.counts;
    return make("div", { class: "decides" },
      make("p", { class: "decides-lead", "data-pair": facts.pair }, leadOf(t, facts)),
      sentencePart(facts),
      make("div", { class: "sides" },
        trialCard(context, facts, facts.looks, isOne ? "both" : facts.looks.isLooking ? "looks" : "reads_most"),
        isOne ? null : trialCard(context, facts, facts.counts, facts.counts.isNeeded ? "counts" : "costs_most")),
      make("p", { class: "moral" }, t(facts.pair === "none" ? "decides.moral_none" : "decides.moral")),
      headsTable(t, facts),
      make("p", { class: "quiet" }, t("decides.how", { n: t.number(facts.tried) })),
      ways(context));
  },
  csv(context) {
    const facts = factsNow(context);
    if (!facts) return [];
    return [
      ["layer", "head", "pronoun_reads_answer", "answer_without_it", "word_without_it"],
      ...facts.trials.map(({ place: [layer, head], weight, after, answer, changed }) => [
        layer + 1, head + 1, weight.toFixed(5), after.toFixed(5), wordText(context.t, changed, answer),
      ]),
    ];
  },
};

/**
 * @param {Context} context
 * @returns {Deciding | null}
 */
function factsNow(context) {
  const entry = decidingHeads(context);
  return entry.status === "ready" ? entry.facts : null;
}

/** @param {Context} context */
function meanwhile(context, entry) {
  const { t } = context;
  if (entry.status === "missing") return make("p", { class: "message" }, t(entry.key));
  if (entry.status !== "loading" || entry.of === undefined) return waitingPart(context, entry);
  return make("p", { class: "message quiet", role: "status" },
    t("decides.trying", { n: entry.done + 1, of: entry.of }));
}

/**
 * What was found, in a sentence.
 * @param {Translator} t
 * @param {Deciding} facts
 */
function leadOf(t, { pair, tried, turned }) {
  return t(`decides.pair.${pair === "none" && turned === 0 ? "still" : pair}`, { n: t.number(tried) });
}

/**
 * The sentence, with the pronoun and the answer in their colours.
 * @param {Deciding} facts
 */
function sentencePart({ probe, reading }) {
  /** @type {[Span, string][]} */
  const marks = [[reading.pronoun, "is-pronoun"], [reading.words[Number(reading.answer)], "is-answer"]];
  const parts = [];
  let end = 0;
  for (const [span, name] of marks.sort(([[a]], [[b]]) => a - b)) {
    parts.push(textOf(reading, [end, span[0]]), make("strong", { class: name }, textOf(reading, span)));
    end = span[1];
  }
  return make("blockquote", { lang: probe.lang }, parts, textOf(reading, [end, Infinity]));
}

/**
 * One head: what it reads, and the answer with and without it.
 * @param {Context} context
 * @param {Deciding} facts
 * @param {HeadTrial} trial
 * @param {string} part that it plays
 */
function trialCard({ t, patch }, facts, trial, part) {
  const { probe, reading } = facts;
  const head = headName(t, ...trial.place);
  const values = { ...namesIn(facts), head, weight: t.percent(trial.weight) };
  return make("section", {
    class: "card decides-card", "data-part": part, "aria-label": `${t(`decides.${part}`)}: ${head}`,
  },
    make("h3", null, make("span", { class: "decides-part" }, t(`decides.${part}`)), " ", head),
    make("p", null, t("decides.reads", values)),
    barTable(t("decides.read", values), [t("lesson.word"), t("lesson.weight")], readRows(t, reading, trial)),
    make("p", null, t(`decides.off.${outcomeOf(reading, trial)}`)),
    make("p", { class: "decides-change" }, saidAnswer(t, reading),
      make("span", { class: "arrow", role: "img", "aria-label": t("decides.becomes") }, " → "),
      saidAnswer(t, trial.changed)),
    barTable(t("decides.answers", values), [t("lesson.word"), t("decides.with"), t("decides.without")],
      answerRows(t, facts, trial)),
    make("button", {
      type: "button", "data-key": `decides-open-${part}`, on: { click: () => patch(withoutHead(probe, trial.place)) },
    }, t("decides.open", values)));
}

/** @param {Deciding} facts */
function namesIn({ reading }) {
  return { pronoun: textOf(reading, reading.pronoun), answer: textOf(reading, reading.words[Number(reading.answer)]) };
}

/**
 * The words that the head reads most, and the answer wherever it stands.
 * @param {Translator} t
 * @param {AttentiveReading} reading
 * @param {HeadTrial} trial
 */
function readRows(t, reading, { place: [layer, head] }) {
  const weights = wordWeights(reading, layer, head, reading.pronoun_token);
  const order = weights.map((_, word) => word).sort((a, b) => weights[b] - weights[a]);
  const shown = order.filter((word, i) => i < MAX_READ || word === reading.answer);
  return shown.map((word) => ({
    head: wordText(t, reading, word), mark: word === reading.answer ? "is-answer" : null,
    cells: [{ text: t.percent(weights[word]), share: weights[word] }],
  }));
}

/**
 * @param {Reading} reading
 * @param {HeadTrial} trial
 * @returns {"turned" | "same" | "moved"}
 */
function outcomeOf(reading, { answer, isIdle }) {
  return answer !== reading.answer ? "turned" : isIdle ? "same" : "moved";
}

/**
 * @param {Translator} t
 * @param {Reading} reading
 */
function saidAnswer(t, reading) {
  return [
    make("strong", { class: "is-answer" }, wordText(t, reading, reading.answer)), " ",
    make("span", { class: "number" }, t.percent(probabilityOf(reading, reading.answer))),
  ];
}

/**
 * In both cards the same words: the likeliest, with all heads or without one of the two.
 * @param {Translator} t
 * @param {Deciding} facts
 * @param {HeadTrial} trial
 */
function answerRows(t, { reading, looks, counts }, { changed, answer }) {
  const most = (word) => Math.max(...[reading, looks.changed, counts.changed].map((each) => probabilityOf(each, word)));
  const words = [...reading.words.keys(), null].sort((a, b) => most(b) - most(a)).slice(0, MAX_ANSWERS_SHOWN)
    .sort((a, b) => probabilityOf(reading, b) - probabilityOf(reading, a));
  const bar = (share) => ({ text: t.percent(share), share });
  return words.map((word) => ({
    head: wordText(t, reading, word), mark: word === answer ? "is-answer" : null,
    cells: [bar(probabilityOf(reading, word)), bar(probabilityOf(changed, word))],
  }));
}

/**
 * @param {Translator} t
 * @param {Deciding} facts
 */
function headsTable(t, facts) {
  const { trials, looks, counts } = facts;
  const names = namesIn(facts);
  const isOne = looks === counts;
  const partOf = (trial) => (trial === looks && looks.isLooking ? "looks"
    : trial === counts && counts.isNeeded ? "counts" : null);
  return barTable(t("decides.table"), [
    t("causal.head"), t("decides.weight", names), t("decides.keeps", names), t("decides.answer"),
  ], [...trials].sort((a, b) => b.weight - a.weight).map((trial) => {
    const part = isOne ? null : partOf(trial);
    return {
      head: shortHead(...trial.place) + (part ? ` · ${t(`decides.${part}`)}` : ""),
      mark: part === null ? null : part === "looks" ? "is-pronoun" : "is-answer",
      cells: [
        { text: t.percent(trial.weight), share: trial.weight }, { text: t.percent(trial.after), share: trial.after },
        wordText(t, trial.changed, trial.answer),
      ],
    };
  }), "decides-heads");
}

/**
 * Where one can go from here, whatever was found.
 * @param {Context} context
 */
function ways({ t, patch }) {
  const way = (view, key) => make("button", {
    type: "button", class: "quiet-button", "data-key": `decides-${view}`, on: { click: () => patch({ view }) },
  }, t(key, { view: t(`view.${view}`) }));
  return make("div", { class: "choices" }, way("causal", "decides.causes"), way("heads", "decides.heads"));
}

/**
 * The change of state that shows a sentence without a head, all heads beside one another.
 * @param {Probe} probe
 * @param {Head} place
 * @returns {Partial<State>}
 */
function withoutHead({ id }, place) {
  return {
    view: "model", probe: id, text: "", pronoun: null, which: 0, token: null, masked: [], ablated: [place],
    ablation: "zero", snapshot: null, checkpoint: null, selected: [place],
  };
}
