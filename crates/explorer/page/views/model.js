// The model view: all heads at once, each to be opened or switched off.

import { headColor, isDark, valueRamp } from "../color.js";
import { chooser, make } from "../dom.js";
import { isWhole } from "../head-causes.js";
import { shortHead, spokenHead } from "../head-picker.js";
import { toggleAblation } from "../changes.js";
import { valueLegend } from "../legend.js";
import { memo } from "../memo.js";
import { fadeOver, isTyped } from "../motion.js";
import { answerWeight } from "../shown.js";
import { tableOf } from "../tables.js";
import { thumbnail } from "../thumbnail.js";

/** @type {View} */
export const modelView = {
  id: "model",
  tools: ["heads", "step"],
  hasTable: true,
  draw(context) {
    const { state, t, patch, reading } = context;
    const list = headsInOrder(context);
    const orders = [
      ["place", t("model.by-place")], ["sentence", t("model.by-sentence")],
      ...(context.run.heads ? [["score", t("model.by-score")]] : []),
    ];
    const bar = make("div", { class: "view-bar" },
      chooser(t("model.sort"), orders, state.sort, (sort) => patch({ sort }), "sort"));
    if (state.table) return make("div", { class: "stack" }, bar, headTable(context, list));
    const columns = state.sort === "place" ? reading.attention.heads : 0;
    const grid = make("div", {
      class: columns > 0 ? "tiles by-place" : "tiles", role: "group", "aria-label": t("model.name"),
      style: { "--columns": columns || 6 }, on: { keydown: (event) => walkTiles(event, columns || 1) },
    },
      list.map((item, i) => tile(context, item, i)));
    fadePictures(context, grid);
    return make("div", { class: "stack" }, bar, grid, valueLegend(t, valueRamp()));
  },
  csv(context) {
    return [
      ["layer", "head", "pronoun_reads_answer", "hit"],
      ...headsInOrder(context).map(({ layer, head, weight, hit }) => [
        layer + 1, head + 1, weight.toFixed(5), hit ?? "",
      ]),
    ];
  },
};

/**
 * Measured over a test set where that was done (`evaluate RUN --heads`).
 * @param {Run} run
 */
export function measuredHit(run, layer, head) {
  const all = run.heads?.scores.find((score) => (
    score.layer === layer && score.head === head && isWhole(score) && score.distance === null));
  return all ? all.hit : null;
}

/** @param {Context} context */
function headsInOrder({ reading, run, state }) {
  const { layers, heads } = reading.attention;
  const list = Array.from({ length: layers * heads }, (_, i) => {
    const [layer, head] = [Math.floor(i / heads), i % heads];
    return { layer, head, weight: answerWeight(reading, layer, head), hit: measuredHit(run, layer, head) };
  });
  if (state.sort === "sentence") list.sort((a, b) => b.weight - a.weight);
  if (state.sort === "score" && run.heads) list.sort((a, b) => (b.hit ?? 0) - (a.hit ?? 0));
  return list;
}

// Drawing all heads takes the longest: done anew only for other attention or other colours.
const picturesOf = memo(drawPictures, ({ attention }) => [attention, isDark()]);

let lastPictures = [];

/**
 * The pictures of the reading before fade into those of this one.
 * @param {Context} context
 */
function fadePictures(context, grid) {
  const pictures = picturesOf(context.reading);
  if (!isTyped(context) && pictures !== lastPictures && pictures.length === lastPictures.length) {
    for (const open of grid.querySelectorAll(".tile-open")) {
      fadeOver(lastPictures[pictures.indexOf(open.querySelector(".thumbnail"))], open);
    }
  }
  lastPictures = pictures;
}

/** @param {AttentiveReading} reading */
function drawPictures({ attention }) {
  const { layers, heads } = attention;
  const ramp = valueRamp();
  return Array.from({ length: layers * heads }, (_, i) => thumbnail(attention, Math.floor(i / heads), i % heads, ramp));
}

/** @param {Context} context */
function tile(context, { layer, head, weight, hit }, i) {
  const { t, reading, state, selected, patch } = context;
  const name = spokenHead(t, layer, head);
  const isOff = state.ablated.some(([l, h]) => l === layer && h === head);
  const isSelected = selected.some(([l, h]) => l === layer && h === head);
  const facts = [
    t("model.reads", { weight: t.percent(weight, 0) }),
    hit === null ? null : t("model.hits", { hit: t.percent(hit, 0) }),
  ].filter(Boolean);
  return make("div", {
    class: ["tile", isSelected && "is-selected", isOff && "is-off"].filter(Boolean).join(" "),
    style: { "--head": headColor(head) },
  },
    make("button", {
      type: "button", class: "tile-open", "data-key": `tile-${layer}-${head}`, "data-place": i,
      "aria-label": `${name}. ${facts.join(", ")}. ${t("model.open")}`,
      on: {
        click: () => patch({ selected: [[layer, head]], view: "heads" }),
        focus: () => { if (!isSelected) patch({ selected: [[layer, head]] }); },
      },
    }, picturesOf(reading)[layer * reading.attention.heads + head]),
    make("div", { class: "tile-foot" },
      make("span", { class: "tile-name", title: name }, shortHead(layer, head)),
      make("span", { class: "tile-share", "aria-hidden": "true" }, t.percent(weight, 0)),
      make("span", { class: "tile-facts" }, facts.map((fact) => make("span", null, fact))),
      make("button", {
        type: "button", class: "tile-switch", "data-key": `switch-${layer}-${head}`, "aria-pressed": String(isOff),
        "aria-label": `${name}: ${t("model.off")}`, title: t(isOff ? "model.turn-on" : "model.off"),
        on: { click: () => toggleAblation(context, [[layer, head]]) },
      }, t(isOff ? "model.turn-on" : "model.off"))));
}

// Arrow keys go from picture to picture; x on one switches it off.
function walkTiles(event, columns) {
  const opens = [...event.currentTarget.querySelectorAll(".tile-open")];
  const place = opens.indexOf(event.target);
  const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
  if (place < 0 || !(event.key in moves)) return;
  event.preventDefault();
  opens[place + moves[event.key]]?.focus();
}

/** @param {Context} context */
function headTable({ t, state }, list) {
  const isOff = (layer, head) => state.ablated.some(([l, h]) => l === layer && h === head);
  const rows = list.map(({ layer, head, weight, hit }) => [
    shortHead(layer, head), t.percent(weight), hit === null ? "–" : t.percent(hit),
    t(isOff(layer, head) ? "model.is-off" : "model.is-on"),
  ]);
  return tableOf(t("model.name"), [t("picker.label"), t("model.column-reads"), t("model.column-hits"), t("model.off")],
    rows);
}
