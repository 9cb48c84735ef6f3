// What stands under a saved picture: whoever sees it on a slide knows which sentence, model, step and head it shows.

import { withoutTurns } from "./bidi.js";
import { pageColor } from "./color.js";
import { makeSvg } from "./dom.js";
import { wordText, probabilityOf } from "./word-strip.js";
import { shortHead } from "./head-picker.js";
import { textWidth } from "./paint.js";
import { textOf } from "./shown.js";

/**
 * The lines of the caption; the first is the sentence, or empty where none is shown.
 * @param {PageContext} context
 * @param {View} view
 */
export function captionOf(context, view) {
  const { t, run, state, step } = context;
  const sentence = sentenceOf(context, view);
  // What was measured over a data set has the step of that measurement.
  const shownStep = view.id === "causal" ? run.heads?.step : step;
  const facts = [
    t("title"), run.run.name, t(`view.${view.id}`),
    shownStep === undefined || shownStep === null ? null : t("caption.step", { step: t.step(shownStep) }),
    headsOf(context, view),
  ];
  const changes = view.isFree ? [] : changesOf(context);
  const answer = view.isFree || state.view === "compare" ? null : answerOf(context);
  return [sentence, [answer, ...changes].filter(Boolean).join(" · "), facts.filter(Boolean).join(" · ")];
}

/**
 * @param {PageContext} context
 * @param {View} view
 */
function sentenceOf(context, view) {
  if (view.sentence) return view.sentence(context);
  return view.isFree ? "" : context.reading?.text ?? "";
}

/** @param {PageContext} context */
function headsOf({ t, selected }, view) {
  const showsHeads = !view.isFree && (!view.tools || view.tools.includes("heads"));
  if (!showsHeads || selected.length === 0) return null;
  const heads = selected.map(([layer, head]) => shortHead(layer, head)).join(", ");
  return t(selected.length === 1 ? "caption.head" : "caption.heads", { heads });
}

/** @param {PageContext} context */
function answerOf({ t, reading }) {
  if (!reading) return null;
  const { answer } = reading;
  const [pronoun, word] = [textOf(reading, reading.pronoun), wordText(t, reading, answer)].map(withoutTurns);
  return `${pronoun} → ${word} ${t.percent(probabilityOf(reading, answer))}`;
}

/** @param {PageContext} context */
function changesOf({ t, state, reading }) {
  return [
    ...state.masked.map((token) => t("changes.masked", { token: reading?.tokens[token]?.text ?? token })),
    ...state.ablated.map(([layer, head]) => t("changes.ablated", { head: shortHead(layer, head) })),
  ];
}

const CAPTION_EDGE = 12;
const CAPTION_FONTS = [
  { size: 16, lines: 22, family: "--serif", color: "--ink" },
  { size: 13, lines: 19, family: "--sans", color: "--ink" },
  { size: 13, lines: 19, family: "--sans", color: "--soft" },
];

/**
 * The lines as SVG, broken to the width of the picture, from `top` down.
 * @param {string[]} lines
 */
export function captionParts(lines, width, top) {
  const parts = [];
  let height = CAPTION_EDGE;
  lines.forEach((line, i) => {
    const { size, lines: leading, family, color } = CAPTION_FONTS[Math.min(i, CAPTION_FONTS.length - 1)];
    const font = { fontStyle: "normal", fontWeight: "400", fontSize: `${size}px`, fontFamily: pageColor(family) };
    for (const text of brokenLines(line, font, width - 2 * CAPTION_EDGE)) {
      height += leading;
      parts.push(makeSvg("text", {
        x: CAPTION_EDGE, y: top + height - leading + size, "font-family": font.fontFamily,
        "font-size": font.fontSize, fill: pageColor(color), "data-caption": "",
      }, text));
    }
  });
  if (parts.length === 0) return { parts, height: 0 };
  const rule = makeSvg("line", { x1: 0, x2: width, y1: top + 0.5, y2: top + 0.5, stroke: pageColor("--line") });
  return { parts: [rule, ...parts], height: height + CAPTION_EDGE };
}

function brokenLines(text, font, room) {
  const lines = [];
  for (const word of text.split(" ").filter((each) => each !== "")) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && textWidth(font, longer) <= room) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
