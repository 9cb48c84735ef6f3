// The whole model as one diagram: a river of numbers, and what each block adds to it.

import { make, makeSvg } from "./dom.js";
import { shareBar } from "./bars.js";
import { shortHead } from "./head-picker.js";
import { lengthOf, rowOf, streamOf } from "./map-numbers.js";
import { drawStrip, greatestSize } from "./strip.js";
import { answerWeight } from "./shown.js";
import { wordText } from "./word-strip.js";

// Of a long text only the tokens around the one that is followed are shown.
const MAX_TOKENS = 9;

/**
 * The parts in their order: [name in the address, block or null].
 * @returns {string[]}
 */
export function mapParts(layers) {
  const blocks = Array.from({ length: layers }, (_, i) => [`attention-${i + 1}`, `feed-${i + 1}`]).flat();
  return ["tokens", "embedding", "positions", "stream", ...blocks, "pointer", "answer"];
}

/** @param {Translator} t */
export function partName(t, part) {
  const [kind, block] = part.split("-");
  return block ? `${t(`map.part.${kind}`)} ${block}` : t(`map.part.${kind}`);
}

/**
 * @param {Context} context
 * @param {{ part: string, token: number, numbers: Activations | null }} of
 */
export function drawDiagram(context, of) {
  const { t, reading, patch } = context;
  const { layers } = reading.attention;
  const button = (part, ...inside) => make("button", {
    type: "button", class: `map-part is-${part.split("-")[0]}`, "data-key": `part-${part}`, "aria-controls": "map-details",
    "aria-pressed": String(part === of.part), on: { click: () => patch({ part }) },
  }, make("span", { class: "map-name" }, partName(t, part)), inside);
  const rivers = riverWidths(of.numbers, layers);
  return make("div", { class: "map-diagram", role: "group", "aria-label": t("map.picture"), style: { "--blocks": layers } },
    button("tokens", tokenList(context, of)),
    make("div", { class: "map-source" }, river([[0, rivers[0].from], [100, rivers[0].from]], []),
      button("embedding", of.numbers ? stripOf(of.numbers.embedding) : null),
      button("stream", of.numbers ? make("small", null, lengthText(t, rowOf(of.numbers.residual, 0, of.numbers.d_model))) : null),
      button("positions", make("small", null, positionText(t, of)))),
    Array.from({ length: layers }, (_, block) => make("div", { class: "map-block" },
      blockRiver(rivers[block]),
      make("span", { class: "map-plus is-first", "aria-hidden": "true" }, "+"),
      make("span", { class: "map-plus", "aria-hidden": "true" }, "+"),
      make("span", { class: "map-block-name" }, t("map.block", { block: block + 1 })),
      button(`attention-${block + 1}`, headDots(context, block), added(t, of.numbers, "attention", block)),
      button(`feed-${block + 1}`, added(t, of.numbers, "feed_forward", block)))),
    make("div", { class: "map-mouth" }, river([[0, rivers.at(-1)?.to ?? 20], [60, rivers.at(-1)?.to ?? 20], [100, 6]], []),
      button("pointer", make("small", null, t("map.pointer.short")))),
    button("answer", answerBars(context)));
}

function tokenList({ reading }, { token }) {
  const { tokens, answer } = reading;
  const from = Math.max(0, Math.min(token - (MAX_TOKENS >> 1), tokens.length - MAX_TOKENS));
  const shown = tokens.slice(from, from + MAX_TOKENS);
  return make("span", { class: "map-tokens" }, shown.map((each, i) => make("span", {
    class: from + i === token ? "map-token is-pronoun" : each.word !== null && each.word === answer ? "map-token is-answer" : "map-token",
  }, each.text)));
}

function stripOf(vector) {
  return drawStrip(vector, greatestSize(vector), { cell: 2, height: 14 });
}

/** @param {Translator} t */
function lengthText(t, vector) {
  return t("map.length", { length: t.number(lengthOf(vector), 2) });
}

/** @param {Translator} t */
function positionText(t, { numbers, token }) {
  return numbers ? t("map.position", { position: token }) : "";
}

/** @param {Translator} t */
function added(t, numbers, name, block) {
  if (!numbers) return null;
  return make("small", null, `+ ${t.number(lengthOf(rowOf(numbers[name], block, numbers.d_model)), 2)}`);
}

/** @param {Context} context */
function headDots({ t, reading }, block) {
  return make("span", { class: "map-heads" }, Array.from({ length: reading.attention.heads }, (_, head) => {
    const weight = answerWeight(reading, block, head);
    return make("span", {
      class: "map-head", title: t("map.head", { head: shortHead(block, head), weight: t.percent(weight) }),
      style: { "--ink-share": `${Math.round(100 * weight)}%` },
    });
  }));
}

/** @param {Context} context */
function answerBars({ t, reading }) {
  return make("span", { class: "map-answers" }, likeliest(reading.probabilities, 4).map((place) => {
    const word = place === reading.words.length ? null : place;
    return make("span", { class: word === reading.answer ? "map-answer is-answer" : "map-answer" },
      make("span", { class: "map-word" }, wordText(t, reading, word)),
      make("span", { class: "number" }, t.percent(reading.probabilities[place], 0)), shareBar(reading.probabilities[place]));
  }));
}

/** @param {ArrayLike<number>} probabilities */
export function likeliest(probabilities, n) {
  return Array.from(probabilities, (_, i) => i).sort((a, b) => probabilities[b] - probabilities[a]).slice(0, n);
}

// As wide as the stream is long; all alike where that is not known.
function riverWidths(numbers, layers) {
  const even = { from: 24, middle: 24, to: 24, attention: 6, feed: 6 };
  if (!numbers) return Array.from({ length: layers }, () => even);
  const stream = streamOf(numbers);
  const greatest = Math.max(...stream.map(({ length }) => length));
  const wide = (length) => 6 + 44 * length / greatest;
  const after = (part, block) => stream.find((stage) => stage.part === part && stage.block === block)?.length;
  const start = (block) => (block === 0 ? stream[0].length : after("feed", block - 1) ?? 0);
  return Array.from({ length: layers }, (_, block) => ({
    from: wide(start(block)), middle: wide(after("attention", block) ?? start(block)), to: wide(after("feed", block) ?? 0),
    attention: 1.5 + 12 * lengthOf(rowOf(numbers.attention, block, numbers.d_model)) / greatest,
    feed: 1.5 + 12 * lengthOf(rowOf(numbers.feed_forward, block, numbers.d_model)) / greatest,
  }));
}

function blockRiver({ from, middle, to, attention, feed }) {
  return river([[0, from], [46, from], [58, middle], [84, middle], [96, to], [100, to]], [
    { kind: "attention", width: attention, way: "M0 150 C10 150 16 140 16 92 M46 92 C46 120 47 140 56 150" },
    { kind: "feed", width: feed, way: "M57 150 C64 150 64 166 64 214 M86 214 C86 180 87 160 95 150" },
  ]);
}

// Twice: from left to right, and, for narrow screens, from top to bottom.
function river(widths, branches) {
  return ["wide", "tall"].map((name) => {
    const isTall = name === "tall";
    const point = ([x, y]) => (isTall ? `${y},${x}` : `${x},${y}`);
    const edge = (sign) => widths.map(([x, width]) => [x, 150 + sign * width]);
    const turned = (way) => (isTall ? way.replace(/(\d+) (\d+)/g, "$2 $1") : way);
    return makeSvg("svg", {
      class: `map-river is-${name}`, viewBox: isTall ? "0 0 300 100" : "0 0 100 300", preserveAspectRatio: "none", "aria-hidden": "true",
    },
      makeSvg("path", { class: "map-water", d: `M${[...edge(-1), ...edge(1).reverse()].map(point).join(" L")} Z` }),
      branches.map(({ kind, width, way }) => makeSvg("path", {
        class: `map-branch is-${kind}`, d: turned(way), "stroke-width": width.toFixed(1), "vector-effect": "non-scaling-stroke",
      })));
  });
}
