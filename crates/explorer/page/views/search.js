// Where else the model does what it does here: the nearest contexts, and what they have in common.

import { barTable } from "../bars.js";
import { chooser, make, segmented } from "../dom.js";
import { gather, waitingPart } from "../gather.js";
import { headName } from "../head-picker.js";
import { focusedToken } from "../one-head.js";
import { readRequest } from "../question.js";
import { textOf } from "../shown.js";

const N_FIRST = 12;
const MAX_MATCHES = 50;
const RETRY_MS = 2000;

/** @type {View} */
export const searchView = {
  id: "search",
  tools: ["heads"],
  draw(context) {
    const query = searchOf(context);
    const entry = gather(context, [["/api/search", query.body]]);
    return make("div", { class: "search" },
      make("p", { class: "lead" }, context.t("search.lead", { token: query.text })),
      searchChoices(context, query),
      entry.status === "ready" ? results(context, entry.answers[0]) : searchWaiting(context, entry));
  },
  csv(context) {
    const entry = gather(context, [["/api/search", searchOf(context).body]]);
    if (entry.status !== "ready") return [];
    return [["similarity", "lang", "phenomenon", "text", "token", "reads", "reads_weight"],
      ...entry.answers[0].matches.map((match) => [match.similarity, match.lang, match.phenomenon, match.text,
        textOf(match, match.token), match.reads ? textOf(match, match.reads) : "", match.reads_weight ?? ""])];
  },
};

/** @param {Context} context */
function searchOf({ run, state, about, reading, selected }) {
  const token = focusedToken(state, reading);
  const byHead = state.by === "attention";
  const [layer, head] = selected[0];
  const { n_layers } = run.run;
  const stream = state.stream !== null && state.stream <= n_layers ? state.stream : n_layers;
  const place = byHead ? { layer, head } : { layer: stream, head: null };
  const request = readRequest(run, { ...state, ...about, text: reading.text, pronoun: reading.pronoun });
  return {
    text: reading.tokens[token].text, stream,
    body: { ...request, token, by: byHead ? "attention" : "hidden", ...place, limit: MAX_MATCHES },
  };
}

/** @param {Context} context */
function searchChoices({ t, run, state, patch, selected }, { stream }) {
  const kinds = ["hidden", "attention"].map((by) => [by, t(`search.${by}`), t(`search.${by}_hint`)]);
  const by = state.by === "attention" ? "attention" : "hidden";
  const streams = Array.from({ length: run.run.n_layers + 1 },
    (_, layer) => [String(layer), layer === 0 ? t("search.stream_zero") : String(layer)]);
  return make("div", { class: "choices" },
    make("div", { class: "field" }, make("span", { class: "field-name" }, t("search.by")),
      segmented(t("search.by"), kinds, by, (chosen) => patch({ by: chosen, found: N_FIRST }), "by")),
    by === "hidden"
      ? chooser(t("search.stream"), streams, String(stream), (chosen) => patch({ stream: Number(chosen) }), "stream")
      : make("p", { class: "quiet" }, headName(t, ...selected[0])));
}

// The model reads its corpus when it is first searched: until it has, the page asks again from time to time.
let isRetrying = false;
// So long as it has not, it is said without interruption, also while the page asks again.
let isPreparing = false;

/** @param {Context} context */
function searchWaiting(context, entry) {
  const { t, retry } = context;
  if (entry.error) isPreparing = entry.error.code === "not_ready";
  if (!isPreparing) return waitingPart(context, entry);
  if (entry.error && !isRetrying) {
    isRetrying = true;
    setTimeout(() => { isRetrying = false; retry(); }, RETRY_MS);
  }
  return make("div", { class: "message", role: "status" },
    make("p", null, t("search.not_ready")),
    make("button", { type: "button", "data-key": "search-retry", on: { click: retry } }, t("part.retry")));
}

/** @param {Context} context */
function results(context, answer) {
  const { t, state, patch } = context;
  const { matches, histograms } = answer;
  isPreparing = false;
  const sentences = onePerSentence(matches);
  if (matches.length === 0) return make("p", { class: "message" }, t("search.none"));
  const shown = sentences.slice(0, Math.max(state.found, N_FIRST));
  const more = sentences.length - shown.length;
  return make("div", { class: "search-parts" },
    make("section", { "aria-label": t("search.context") },
      make("p", { class: "quiet", role: "status" },
        t("search.found", {
          n: matches.length, sentences: sentences.length, total: t.number(answer.n_tokens),
          milliseconds: t.number(answer.milliseconds, 1),
        })),
      make("ol", { class: "matches" }, shown.map((match, i) => matchItem(context, match, i))),
      more > 0 ? make("button", {
        type: "button", class: "quiet-button", "data-key": "more-matches",
        on: { click: () => patch({ found: sentences.length }) },
      }, t("search.texts", { n: more })) : null),
    make("div", { class: "histograms" },
      ["word_class", "distance", "kind"].map((name) => histogram(t, name, histograms[name], matches.length))));
}

// Of the matches in one sentence the nearest, which comes first.
function onePerSentence(matches) {
  const seen = new Set();
  return matches.filter(({ text }) => !seen.has(text) && seen.add(text));
}

/** @param {Context} context */
function matchItem({ t, state, patch }, match, i) {
  const reads = match.reads ? t("search.reads",
    { word: textOf(match, match.reads), weight: t.percent(match.reads_weight, 0) }) : t("search.reads_nothing");
  const open = () => patch({
    text: match.text, pronoun: null, probe: "", which: 0, masked: [], ablated: [], token: null, key: null,
    snapshot: null,
  });
  return make("li", { class: "match" },
    make("p", { class: "match-text", lang: match.lang }, markedText(match, state.fold)),
    make("p", { class: "quiet" }, `${t("search.similarity")} ${t.number(match.similarity, 3)} · ${reads} · `,
      make("button", {
        type: "button", class: "link", "data-key": `match-${i}`, "aria-label": `${t("search.open")}: ${match.text}`,
        on: { click: open },
      }, t("search.open"))));
}

// The text with the word that was found and the one that it reads.
function markedText(match, isFolded) {
  const characters = Array.from(match.text);
  const marks = [["is-found", match.token], ["is-read", match.reads]].filter(([, span]) => span)
    .map(([name, span]) => [name, isFolded ? wholeWord(characters, span) : span]);
  const marksAt = (place) => marks.filter(([, [start, end]]) => start <= place && place < end);
  const classAt = (place) => marksAt(place).map(([name]) => name).join(" ");
  const parts = [];
  characters.forEach((character, place) => {
    const name = classAt(place);
    if (parts.at(-1)?.name === name) parts.at(-1).text += character;
    else parts.push({ name, text: character });
  });
  return parts.map(({ name, text }) => (name ? make("mark", { class: name }, text) : text));
}

// The word that a part of it stands in; what is no word stays as it is.
function wholeWord(characters, [start, end]) {
  const isLetter = (place) => /[\p{L}\p{M}\p{N}]/u.test(characters[place] ?? "");
  let [from, to] = [start, end];
  if (isLetter(from)) while (isLetter(from - 1)) from -= 1;
  if (isLetter(to - 1)) while (isLetter(to)) to += 1;
  return [from, to];
}

/** @param {Translator} t */
function histogram(t, name, bars, n) {
  const isNamed = name !== "distance";
  const prefix = name === "word_class" ? "search.class_" : "search.kind_";
  const label = (text) => {
    if (!isNamed) return t.number(Number(text));
    return t.has(prefix + text) ? t(prefix + text) : text;
  };
  const most = Math.max(...bars.map((bar) => bar.n), 1);
  return barTable(t("search.histogram", { title: t(`search.${name}`), n }), [
    isNamed ? t("search.read_word") : t("search.distance_hint"), t("search.count"),
  ],
    bars.map((bar) => ({ head: label(bar.label), cells: [{ text: t.number(bar.n), share: bar.n / most }] })),
    "histogram");
}
