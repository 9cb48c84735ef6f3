// The parts of the map, opened: what they do, in two sentences, and their numbers for one token.

import { cosine } from "./arithmetic.js";
import { barCell } from "./bars.js";
import { make, makeSvg } from "./dom.js";
import { shortHead, spokenHead } from "./head-picker.js";
import { likeliest } from "./map-diagram.js";
import { activeOf, lengthOf, pairAngle, pointerOf, rowOf, streamOf } from "./map-numbers.js";
import { textOf, weightAt } from "./shown.js";
import { drawStrip, greatestSize } from "./strip.js";
import { wordText } from "./word-strip.js";

// The model computes with 32 bits.
const POINTER_AGREEMENT = 1e-4;
const N_CLOCKS = 6;
const N_WORDS = 5;

/**
 * @param {Context} context
 * @param {{ part: string, token: number, numbers: Activations | null, message: Node | null }} of
 */
export function partDetails(context, { part, token, numbers, message }) {
  const { t, reading } = context;
  const [kind, number] = part.split("-");
  const block = Number(number) - 1;
  const about = make("p", { class: "map-about" }, t(`map.about.${kind}`, { token: reading.tokens[token].text, d: context.run.run.d_model }));
  const needsNone = kind === "attention" ? [headsRead(context, block, token)] : [];
  return [about, make("div", { class: "map-numbers" }, needsNone, numbers ? DETAILS[kind](context, numbers, token, block) : message)];
}

/** @type {Record<string, (context: Context, numbers: Activations, token: number, block: number) => unknown>} */
const DETAILS = {
  tokens: tokenDetails, embedding: embeddingDetails, positions: positionDetails, stream: streamDetails,
  attention: attentionDetails, feed: feedDetails, pointer: pointerDetails, answer: lensDetails,
};

function tokenDetails({ t, reading }, { ids }, token) {
  return make("ol", { class: "map-pieces", "aria-label": t("map.part.tokens") }, reading.tokens.map(({ text }, i) => make("li", {
    class: i === token ? "is-pronoun" : null,
  }, make("span", null, text), make("small", { class: "number" }, String(ids[i])))));
}

function embeddingDetails({ t }, numbers) {
  return vectorLine(t, t("map.part.embedding"), numbers.embedding);
}

/** @param {Translator} t */
function vectorLine(t, name, vector, more = "") {
  return make("div", { class: "map-vector" },
    make("p", null, `${name}: ${t("map.vector", { n: vector.length, length: t.number(lengthOf(vector), 2) })}${more}`),
    drawStrip(vector, greatestSize(vector), { cell: 4, height: 18 }));
}

function positionDetails({ t }, { positions }, token) {
  if (positions.added) return vectorLine(t, t("map.added"), positions.added);
  const { theta, d_head } = positions;
  if (theta === null || d_head === null) return null;
  const pairs = d_head / 2;
  const shown = Array.from({ length: Math.min(N_CLOCKS, pairs) }, (_, i) => Math.round(i * (pairs - 1) / Math.max(Math.min(N_CLOCKS, pairs) - 1, 1)));
  return make("ol", { class: "map-clocks", "aria-label": t("map.clocks", { position: token }) }, shown.map((pair) => {
    const angle = pairAngle({ theta, d_head }, token, pair);
    const degrees = angle * 180 / Math.PI;
    return make("li", null, clock(angle), make("span", null, t("map.pair", { pair: pair + 1 })),
      make("small", { class: "number" }, `${t.number(degrees, degrees < 10 ? 2 : 0)}°`));
  }));
}

function clock(angle) {
  const [x, y] = [20 + 15 * Math.cos(angle), 20 - 15 * Math.sin(angle)];
  return makeSvg("svg", { viewBox: "0 0 40 40", class: "map-clock", "aria-hidden": "true" },
    makeSvg("circle", { cx: 20, cy: 20, r: 17 }), makeSvg("line", { x1: 20, y1: 20, x2: 35, y2: 20, class: "is-zero" }),
    makeSvg("line", { x1: 20, y1: 20, x2: x, y2: y }));
}

function streamDetails({ t }, numbers) {
  const stages = streamOf(numbers);
  const greatest = Math.max(...stages.map(({ length }) => length));
  return partTable(t("map.part.stream"), [t("map.after"), t("map.length_name"), t("map.kept")], stages.map(({ part, block, length, kept }) => [
    part === "embedding" ? t("map.part.embedding") : `${t(`map.part.${part}`)} ${block + 1}`,
    { text: t.number(length, 2), share: length / greatest }, { text: t.number(kept, 2), share: kept },
  ]));
}

function attentionDetails({ t }, numbers, _token, block) {
  const vector = rowOf(numbers.attention, block, numbers.d_model);
  const angle = cosine(vector, rowOf(numbers.residual, block, numbers.d_model));
  return vectorLine(t, t("map.adds"), vector, `; ${t("map.cosine", { cosine: t.number(angle, 2) })}`);
}

function headsRead({ t, reading, patch }, block, token) {
  const rows = Array.from({ length: reading.attention.heads }, (_, head) => {
    const { text, weight } = mostRead(reading, block, head, token);
    const open = (view) => make("button", {
      type: "button", class: "link", "data-key": `map-${view}-${head}`, "aria-label": `${t(`view.${view}`)}: ${spokenHead(t, block, head)}`,
      on: { click: () => patch({ view, selected: [[block, head]] }) },
    }, t(`view.${view}`));
    return [shortHead(block, head), text, { text: t.percent(weight), share: weight }, [open("heads"), " ", open("steps")]];
  });
  return partTable(t("map.heads", { token: reading.tokens[token].text }), [t("map.head_name"), t("map.reads"), t("map.weight"), t("map.open")], rows);
}

/**
 * The word, or special token, that a token reads most.
 * @param {AttentiveReading} reading
 */
function mostRead(reading, layer, head, token) {
  const sums = new Map();
  reading.tokens.forEach(({ word }, key) => {
    const name = word === null ? `token ${key}` : word;
    const known = sums.get(name) ?? { text: word === null ? reading.tokens[key].text : textOf(reading, reading.words[word]), weight: 0 };
    known.weight += weightAt(reading.attention, layer, head, token, key);
    sums.set(name, known);
  });
  return [...sums.values()].reduce((most, each) => (each.weight > most.weight ? each : most));
}

function feedDetails({ t }, numbers, _token, block) {
  const inner = rowOf(numbers.inner, block, numbers.d_ff);
  const { n, strongest } = activeOf(inner);
  return [
    vectorLine(t, t("map.inner", { activation: numbers.activation.toUpperCase() }), inner),
    make("p", null, t("map.active", { n, all: inner.length }), " ",
      t("map.strongest", { list: strongest.map((i) => `${i + 1} (${t.number(inner[i], 2)})`).join(", ") })),
    vectorLine(t, t("map.adds"), rowOf(numbers.feed_forward, block, numbers.d_model)),
  ];
}

function pointerDetails({ t, reading, isStale }, numbers) {
  const { scores, probabilities, difference } = pointerOf(numbers, reading);
  const isSame = difference <= POINTER_AGREEMENT;
  const places = likeliest(probabilities, N_WORDS);
  return [
    partTable(t("map.part.pointer"), [t("map.word"), t("map.score"), "softmax"], places.map((place) => [
      placeText(t, reading, place), t.number(scores[place], 2), { text: t.percent(probabilities[place]), share: probabilities[place] },
    ]), places.indexOf(reading.answer ?? reading.words.length)),
    isStale ? null : make("p", { class: isSame ? "quiet agreement" : "agreement is-wrong", role: isSame ? null : "alert", "data-difference": difference },
      t(isSame ? "map.agrees" : "map.disagrees", { difference: t.number(difference, 6) })),
  ];
}

/** @param {Translator} t */
function placeText(t, reading, place) {
  return wordText(t, reading, place === reading.words.length ? null : place);
}

function lensDetails({ t, reading }, { lens, n_layers }) {
  const width = reading.words.length + 1;
  const after = Array.from({ length: n_layers + 1 }, (_, i) => rowOf(lens, i, width));
  // Those that are likely anywhere on the way.
  const places = likeliest(after[0].map((_, place) => Math.max(...after.map((row) => row[place]))), N_WORDS);
  const heading = (i) => (i === 0 ? t("map.at_first") : t("map.after_block", { block: i }));
  return partTable(t("map.lens"), [t("map.word"), ...after.map((_, i) => heading(i))],
    places.map((place) => [placeText(t, reading, place), ...after.map((row) => ({ text: t.percent(row[place], 0), share: row[place] }))]),
    places.indexOf(reading.answer ?? reading.words.length));
}

// The first cell of a row is its heading; a cell with a share has a bar. The row `marked` is the answer's.
function partTable(caption, headings, rows, marked = -1) {
  return make("div", { class: "scroll-x", tabindex: "0", role: "region", "aria-label": caption },
    make("table", { class: marked < 0 ? "map-table" : "map-table has-answer" },
      make("caption", null, caption),
      make("thead", null, make("tr", null, headings.map((heading) => make("th", { scope: "col" }, heading)))),
      make("tbody", null, rows.map(([head, ...cells], i) => make("tr", { class: i === marked ? "is-answer" : null }, make("th", { scope: "row" }, head), cells.map((cell) => (
        cell?.share === undefined ? make("td", null, cell) : barCell(cell))))))));
}
