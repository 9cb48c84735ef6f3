// Stations about distance, where recurrence was measured to forget, and about how a head forms in training.

import { barTable } from "../bars.js";
import { headColor } from "../color.js";
import { make } from "../dom.js";
import { headName } from "../head-picker.js";
import { drawPlot, percentTicks } from "../plot.js";
import { followedHead, probeNamed, readProbe, ROBOT, study } from "./ask.js";
import { greatestRise, halfway, sample, weightOnWord } from "./measure.js";
import { answerName, antecedentOf } from "./robot.js";

// Each is a recorded reading of all probes, and all are kept at once.
const MAX_MOMENTS = 24;
// A head that reads less than this of the answer in the end is said not to have formed.
const MIN_FORMED = 0.1;

/** @type {Station} */
export const distanceStation = {
  id: "distance",
  probes: [],
  study({ run }) {
    const distances = run.recurrent?.distances ?? [];
    const rows = distances.filter(({ model }) => model === "encoder").flatMap((encoder) => {
      const lstm = distances.find(({ model, low }) => model === "lstm" && low === encoder.low);
      return lstm ? [{
        low: encoder.low, high: encoder.high, n: encoder.n, encoder: encoder.accuracy, lstm: lstm.accuracy,
      }] : [];
    }).sort((a, b) => a.low - b.low);
    if (rows.length === 0) return { status: "missing", key: "lesson.distance.missing" };
    return { status: "ready", facts: { rows, far: rows.at(-1), speeds: speedsOf(run.recurrent?.speeds ?? []) } };
  },
  words: (_, { far }) => ({ low: far.low, high: far.high }),
  options: (t) => ["encoder", "lstm", "equal"].map((name) => t(`lesson.distance.${name}`)),
  right: ({ far }) => (Math.abs(far.encoder - far.lstm) < 0.01 ? 2 : far.encoder > far.lstm ? 0 : 1),
  reveal({ t }, { rows, far, speeds }) {
    return [
      make("p", null, t("lesson.distance.shown", { encoder: t.percent(far.encoder), lstm: t.percent(far.lstm) }), " ",
        t(far.lstm > far.encoder - 0.01 ? "lesson.distance.kept" : "lesson.distance.lost")),
      distancePlot(t, rows),
      barTable(t("lesson.distance.caption"), [
        t("lesson.distance.words"), t("lesson.distance.name_encoder"), t("lesson.distance.name_lstm"),
        t("lesson.distance.n"),
      ],
        rows.map((row) => ({
          head: range(row), cells: [t.percent(row.encoder, 2), t.percent(row.lstm, 2), t.number(row.n)],
        }))),
      speeds ? make("p", null, isSlower(speeds) ? [t("lesson.distance.slower"), " "] : null,
        t("lesson.distance.speed",
          Object.fromEntries(Object.entries(speeds).map(([name, value]) => [name, t.number(value)])))) : null,
    ];
  },
};

function range({ low, high }) {
  return low === high ? String(low) : `${low}–${high}`;
}

// Speeds of both at the shortest and the longest text that both were timed with.
function speedsOf(all) {
  const of = (model, length) => all.find((row) => row.model === model && row.length === length)?.tokens_per_second;
  const lengths = [...new Set(all.map(({ length }) => length))]
    .filter((length) => of("encoder", length) && of("lstm", length)).sort((a, b) => a - b);
  if (lengths.length === 0) return null;
  const [short, long] = [lengths[0], lengths.at(-1)];
  return {
    short, long, encoder_short: of("encoder", short), lstm_short: of("lstm", short), encoder_long: of("encoder", long),
    lstm_long: of("lstm", long),
  };
}

function isSlower(speeds) {
  return speeds.lstm_short < speeds.encoder_short && speeds.lstm_long < speeds.encoder_long;
}

/** @param {Translator} t */
function distancePlot(t, rows) {
  const least = Math.min(...rows.flatMap(({ encoder, lstm }) => [encoder, lstm]));
  const ticks = percentTicks(t, Math.max(least - 0.02, 0));
  const every = rows.length > 8 ? 2 : 1;
  return drawPlot({
    name: t("lesson.distance.caption"),
    x: {
      label: t("lesson.distance.words"), min: 0, max: rows.length - 1,
      ticks: rows.flatMap((row, i) => (i % every === (rows.length - 1) % every ? [[i, range(row)]] : [])),
    },
    y: { label: "", min: ticks[0][0], max: 1, ticks },
    lines: [["encoder", 0], ["lstm", 1]].map(([name, color]) => ({
      name: t(`lesson.distance.name_${name}`), color: headColor(color), points: rows.map((row, i) => [i, row[name]]),
    })),
  });
}

/** @type {Station} */
export const growthStation = {
  id: "growth",
  probes: [ROBOT],
  study(context) {
    const { run } = context;
    const moments = sample(run.snapshots, MAX_MOMENTS);
    if (moments.length < 3) return { status: "missing", key: "lesson.growth.missing" };
    const index = run.probes.indexOf(/** @type {Probe} */ (probeNamed(run, ROBOT)));
    return study(context, [
      readProbe(run, ROBOT), ...moments.map(({ step }) => ["/api/snapshot", { step }]),
    ], ({ readings: [reading] }, ...snapshots) => {
      const { word, place } = followedHead(reading, antecedentOf(reading));
      const series = snapshots.map(({ readings }, i) => [
        moments[i].step, weightOnWord(readings[index], word, ...place),
      ]);
      return {
        reading, word, place, series, half: halfway(series), rise: greatestRise(series), n: run.snapshots.length,
      };
    });
  },
  words: (t, { reading, word, place, series, n }) => ({
    n, last: t.step(series.at(-1)[0]), head: headName(t, place[0], place[1]), answer: answerName(t, reading, word),
  }),
  options: (t) => ["start", "early", "late", "never"].map((name) => t(`lesson.growth.${name}`)),
  right({ series, half }) {
    const [last, final] = series.at(-1);
    if (final < MIN_FORMED) return 3;
    if (half.place === 0) return 0;
    return half.step <= last / 5 ? 1 : 2;
  },
  reveal({ t }, { reading, word, place, series, half, rise }) {
    const final = series.at(-1)[1];
    const values = {
      answer: answerName(t, reading, word), head: headName(t, place[0], place[1]), first: t.percent(series[0][1]),
      final: t.percent(final), step: t.step(half.step),
    };
    const isFormed = final >= MIN_FORMED;
    const isSudden = rise.rise > (final - series[0][1]) / 2;
    return [
      make("p", null, t(isFormed ? "lesson.growth.shown" : "lesson.growth.shown_never", values), " ",
        isFormed ? t(isSudden ? "lesson.growth.sudden" : "lesson.growth.gradual",
          { from: t.step(rise.from), to: t.step(rise.to), points: t.number(rise.rise * 100) }) : null),
      growthPlot(t, values, series),
      make("details", null, make("summary", null, t("lesson.numbers")),
        barTable(t("lesson.growth.caption", values), [t("lesson.growth.step"), t("lesson.weight")],
          series.map(([step, weight]) => ({
            head: t.step(step), cells: [{ text: t.percent(weight), share: weight }],
          })))),
    ];
  },
  open: ({ place }) => ({ view: "time", probe: ROBOT, selected: [place] }),
};

/**
 * Steps on a logarithmic axis: most of them are early.
 * @param {Translator} t
 */
function growthPlot(t, values, series) {
  const across = (step) => Math.log10(step + 1);
  const last = series.at(-1)[0];
  /** @type {[value: number, text: string][]} */
  const ticks = [
    0, 10, 100, 1000, 10000, 100000,
  ].filter((step) => step < last).map((step) => [across(step), t.step(step)]);
  return drawPlot({
    name: t("lesson.growth.caption", values),
    x: { label: t("lesson.growth.step"), min: 0, max: across(last), ticks },
    y: { label: "", min: 0, max: 1, ticks: percentTicks(t, 0) },
    lines: [{
      name: values.answer, color: headColor(0), points: series.map(([step, weight]) => [across(step), weight]),
    }],
  });
}
