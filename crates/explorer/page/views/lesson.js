// The guided lesson: ten stations, each with a question that the reader's own model answers.

import { make } from "../dom.js";
import { waitingPart } from "../gather.js";
import { betForm, choicesOf } from "../lesson/bet.js";
import { betOn, betScore, LOOKED, withBet } from "../lesson/bets.js";
import { lessonContext, probeNamed, probesOf } from "../lesson/ask.js";
import { endCard } from "../lesson/end.js";
import { gradeOf } from "../lesson/grade.js";
import { classVerdict, handsForm } from "../lesson/hands.js";
import { withRoles } from "../roles.js";
import { STATIONS } from "../lesson/stations.js";

// What a station shows after the bet: the pictures beside the text, and those that need the whole width.
const BESIDE = ".bars-box, .plot, .scene-picture";
const BELOW = ".machine, .steps-parts";

/** @type {View} */
export const lessonView = {
  id: "lesson",
  isFree: true,
  isAlone: true,
  sentence(page) {
    const context = lessonContext(/** @type {Context} */ (page));
    return stationSentence(context, STATIONS[stationNow(context)])?.text ?? "";
  },
  draw(page) {
    const context = lessonContext(page);
    const { t } = context;
    const now = stationNow(context);
    return make("div", { class: "lesson" },
      make("p", { class: "lead" }, t("lesson.lead")),
      make("div", { class: "lesson-parts" }, stationList(context, now), stationPart(context, now)));
  },
};

/**
 * The probe whose sentence a station shows.
 * @param {Context} context
 * @param {Station} station
 */
function stationSentence(context, station) {
  const probes = probesOf(context, station);
  const entry = station.sentence && probes ? station.study(context) : null;
  return (entry?.status === "ready" ? station.sentence?.(entry.facts) : null) ?? probes?.at(-1) ?? null;
}

/** @param {Context} context */
function stationNow({ state }) {
  return Math.min(Math.max(state.lesson, 0), STATIONS.length - 1);
}

/**
 * Where one is, and what is done.
 * @param {Context} context
 */
function stationList({ t, state, patch }, now) {
  const { bets, right } = betScore(state.bets);
  return make("nav", { class: "stations", "aria-label": t("lesson.stations") },
    make("ol", null, STATIONS.map(({ id }, i) => make("li", null,
      make("button", {
        type: "button", class: "station", "data-key": `station-${i}`, "aria-current": i === now ? "step" : null,
        on: { click: () => go(patch, i) },
      },
        make("span", { class: "station-number" }, betMark(state.bets, i)), make("span", null, t(`lesson.${id}.title`)),
        betOn(state.bets, i) ? make("span", { class: "aloud" }, ` (${t("lesson.done")})`) : null)))),
    bets > 0 ? make("p", { class: "quiet" }, t("lesson.score", { right, bets })) : null,
    state.bets.length > 0 ? make("button", {
      type: "button", class: "link", "data-key": "lesson-restart",
      on: { click: () => patch({ bets: [], hands: [], lesson: 0, key: null }) },
    }, t("lesson.restart")) : null);
}

function betMark(bets, station) {
  const bet = betOn(bets, station);
  if (!bet) return String(station + 1);
  return bet[1] === LOOKED ? "·" : bet[2] === 1 ? "✓" : "✗";
}

function go(patch, lesson) {
  patch({ lesson, key: null });
  queueMicrotask(() => document.getElementById("station-title")?.focus());
}

/** @param {Context} context */
function stationPart(context, now) {
  const { t, patch } = context;
  const station = STATIONS[now];
  const step = (to, name, className) => (to >= 0 && to < STATIONS.length
    ? make("button", {
      type: "button", class: className, "data-key": `lesson-${name}`, on: { click: () => go(patch, to) },
    }, t(`lesson.${name}`)) : null);
  const isKnown = probesOf(context, station) !== null;
  return make("article", { class: "station-part card", "data-station": station.id },
    make("p", { class: "quiet" }, t("lesson.station", { n: now + 1, of: STATIONS.length })),
    make("h3", { id: "station-title", tabindex: "-1" }, t(`lesson.${station.id}.title`)),
    isKnown ? stationBody(context, station, now) : make("p", { class: "message" }, t("lesson.no_probe")),
    make("div", { class: "choices station-steps" }, step(now - 1, "previous", "quiet-button"),
      step(now + 1, "next", betOn(context.state.bets, now) ? "primary" : "quiet-button")),
    now === STATIONS.length - 1 && betOn(context.state.bets, now) ? endCard(context) : null);
}

/** @param {Context} context */
function stationBody(context, station, now) {
  const { t, state } = context;
  const probe = stationSentence(context, station);
  const sentence = probe ? make("blockquote", { lang: probe.lang }, probe.text) : null;
  const entry = station.study(context);
  if (entry.status === "missing") return [sentence, make("p", { class: "message" }, t(entry.key))];
  if (entry.status !== "ready") return [sentence, waitingPart(context, entry)];
  const { facts } = entry;
  const words = station.words?.(t, facts) ?? {};
  const bet = betOn(state.bets, now);
  const note = station.note?.(t, facts) ?? null;
  const picture = station.picture?.(t, facts) ?? null;
  return [
    make("div", { class: picture ? "station-lead has-picture" : "station-lead" },
      make("div", { class: "station-words" }, sentence,
        note ? make("p", { class: "quiet station-note" }, note) : null,
        make("p", { class: "station-text" }, withRoles(t(`lesson.${station.id}.text`, words)))),
      picture),
    bet ? revealed(context, station, facts, bet, now, words) : asked(context, station, facts, now, words),
  ];
}

/** @param {Context} context */
function asked(context, station, facts, now, words) {
  const { t, state, patch, announce } = context;
  const decide = (choice) => {
    const isRight = gradeOf(t, station, facts, choice) !== "wrong";
    patch({ bets: withBet(state.bets, now, [now, choice, isRight ? 1 : 0]) });
    announce(verdictOn(t, station, facts, choice));
    queueMicrotask(() => document.getElementById("station-result")?.focus());
  };
  return (state.present ? handsForm : betForm)(context, {
    place: now, question: t(`lesson.${station.id}.question`, words), choices: choicesOf(t, station, facts), decide,
  });
}

/**
 * @param {Translator} t
 * @param {Station} station
 */
function verdictOn(t, station, facts, choice) {
  if (choice === LOOKED) return t("lesson.seen");
  const bet = choicesOf(t, station, facts).find(({ value }) => value === choice)?.text ?? "";
  return t(`lesson.${gradeOf(t, station, facts, choice)}`, { bet });
}

/**
 * The question again, the bet, and what the model does.
 * @param {Context} context
 */
function revealed(context, station, facts, [, choice], now, words) {
  const { t, state, patch } = context;
  const isRight = gradeOf(t, station, facts, choice) !== "wrong";
  const choices = choicesOf(t, station, facts);
  const chosen = choices.find(({ value }) => value === choice);
  const said = verdictOn(t, station, facts, choice);
  const target = station.open?.(facts);
  return make("section", { class: "reveal", "aria-labelledby": "station-result" },
    make("p", { class: "quiet" }, t(`lesson.${station.id}.question`, words)),
    make("h4", {
      id: "station-result", "data-key": "station-result", tabindex: "-1",
      class: choice === LOOKED ? null : isRight ? "is-right" : "is-wrong",
    }, said,
      chosen ? make("span", { class: "quiet" }, " ", t("lesson.your_bet", { bet: chosen.text })) : null),
    state.present ? classVerdict(context, { place: now, choices }) : null,
    revealParts(station.reveal(context, facts)),
    make("div", { class: "choices" },
      target ? openButton(context, target) : null,
      make("button", {
        type: "button", class: "quiet-button", "data-key": "lesson-again",
        on: {
          click: () => patch({ bets: withBet(state.bets, now, null), hands: state.hands.filter(([place]) => place !== now) }),
        },
      }, t("lesson.again"))));
}

/**
 * What is said, and beside it what is shown; parts that need the whole width come below.
 * @param {unknown[]} parts
 */
function revealParts(parts) {
  const among = (/** @type {unknown} */ part, /** @type {string} */ selector) => part instanceof Element && part.matches(selector);
  const beside = parts.filter((part) => among(part, BESIDE));
  const below = parts.filter((part) => among(part, BELOW));
  if (beside.length === 0) return parts;
  return [
    make("div", { class: "reveal-parts" },
      make("div", { class: "reveal-words" }, parts.filter((part) => !among(part, `${BESIDE}, ${BELOW}`))),
      make("div", { class: "reveal-pictures" }, beside)),
    below,
  ];
}

/** @param {Context} context */
function openButton({ t, run, patch }, target) {
  const clean = {
    text: "", pronoun: null, which: 0, token: null, masked: [], ablated: [], snapshot: null, checkpoint: null,
  };
  return make("button", {
    type: "button", "data-key": "lesson-open",
    on: { click: () => patch({ ...clean, ...target, probe: probeNamed(run, target.probe)?.id ?? "" }) },
  }, t("lesson.open", { view: t(`view.${target.view}`) }));
}
