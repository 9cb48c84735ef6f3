// The station about Tom's sentence: what "he" reads, and what "sick" does.

import { barTable } from "../bars.js";
import { make } from "../dom.js";
import { followedHead, readProbe, study, TOM } from "./ask.js";
import { findWord, greatestWord, meanWordWeights, tokensOfWord, wordName } from "./measure.js";
import { answerName, antecedentOf } from "./robot.js";

/** @type {Station} */
export const rowsStation = {
  id: "rows",
  probes: [TOM],
  study: (context) => study(context, [readProbe(context.run, TOM)], ({ readings: [reading] }) => {
    const [tom, he, sick] = ["Tom", "he", "sick"].map((text) => findWord(reading, text));
    const rowOf = (word) => meanWordWeights(reading, tokensOfWord(reading, word)[0]);
    const rows = { he: rowOf(he), sick: rowOf(sick) };
    return {
      reading, tom, he, sick, rows, most: greatestWord(rows.sick, [sick]), mostOfHe: greatestWord(rows.he, [he]),
    };
  }),
  pick: (_, { reading, sick }) => ({ reading, without: [sick] }),
  right: ({ most }) => most,
  shown: (t, { rows }, word) => t.percent(rows.sick[word]),
  reveal({ t }, { reading, tom, he, rows, most, mostOfHe }) {
    const word = wordName(reading, most);
    return [
      make("p", null,
        t("lesson.rows.shown", {
          word, weight: t.percent(rows.sick[most]), both: t.percent(rows.sick[tom] + rows.sick[he]),
        }),
        " ",
        t(most === tom || most === he ? "lesson.rows.lecture" : "lesson.rows.not_lecture", { word })),
      barTable(reading.text, [t("lesson.word"), "he", "sick"], reading.words.map((_, i) => ({
        head: wordName(reading, i), mark: i === tom || i === he ? "is-answer" : null,
        cells: [rows.he[i], rows.sick[i]].map((weight) => ({ text: t.percent(weight), share: weight })),
      }))),
      make("p", null,
        t("lesson.rows.he", {
          word: wordName(reading, mostOfHe), weight: t.percent(rows.he[mostOfHe]),
          answer: answerName(t, reading, reading.answer),
        })),
    ];
  },
  open: ({ reading, sick }) => ({
    view: "heads", probe: TOM, token: tokensOfWord(reading, sick)[0],
    selected: [followedHead(reading, antecedentOf(reading)).place],
  }),
};
