// The view of causes: what ablating and patching each head did to the answers, and whether the head that hits
// most is also the one that matters.

import { barTable } from "../bars.js";
import { headColor } from "../color.js";
import { betweenText, comparedPart, measureText } from "../causes-compare.js";
import { isCompared, withCompared } from "../compared-heads.js";
import { copyJson } from "../copy-json.js";
import { chooser, make } from "../dom.js";
import { waitingPart } from "../gather.js";
import { headReport } from "../head-report.js";
import { headCauses, hitDropCorrelation, prettyHead, sortedCauses } from "../head-causes.js";
import { isWhole, methodName, slicesOf } from "../head-causes.js";
import { headName, shortHead, spokenHead } from "../head-picker.js";
import { dropInterval, kindOfCorrelation, wilsonInterval } from "../intervals.js";
import { drawPlot, percentTicks } from "../plot.js";

const COLUMNS = ["hit", "zero", "mean", "flipped"];

/** @type {View} */
export const causalView = {
  id: "causal",
  isFree: true,
  isAlone: true,
  draw(context) {
    const { run, t } = context;
    const report = headReport(context);
    if (report.status !== "ready") return waitingPart(context, report);
    if (!run.heads) return missing(context);
    const measured = /** @type {MeasuredContext} */ (context);
    const slices = slicesOf(run.heads);
    const slice = sliceNow(slices, context);
    const rows = headCauses(run.heads, slice);
    return make("div", { class: "causal" },
      make("p", { class: "lead" }, t("causal.means")),
      sliceChooser(context, slices, slice),
      verdict(measured, rows, slice),
      make("div", { class: "causal-parts" }, causesTable(measured, rows, slice), scatter(measured, rows, slice)),
      // Measured on all examples only.
      make("div", { class: "causal-parts" }, isWhole(slice) ? methodsPart(measured) : null,
        make("div", { class: "stack" }, isWhole(slice) ? resolversPart(measured) : null,
          pairsPart(measured, rows, slice))));
  },
  csv(context) {
    const { run } = context;
    if (!run.heads) return [];
    const rows = headCauses(run.heads, sliceNow(slicesOf(run.heads), context));
    return [
      ["layer", "head", "hit", "drop_zero", "drop_mean", "flipped", "hit_rank", "drop_rank",
        ...COLUMNS.flatMap((name) => [`${name}_n`, `${name}_low`, `${name}_high`])],
      ...rows.map((row) => [
        row.layer + 1, row.head + 1, row.hit, row.zero ?? "", row.mean ?? "", row.flipped ?? "", row.hitRank,
        row.zeroRank ?? "",
        ...COLUMNS.flatMap((name) => [row.n[name] ?? "", row.between[name]?.[0] ?? "", row.between[name]?.[1] ?? ""]),
      ]),
    ];
  },
};

/** @param {Context} context */
function missing({ t, run }) {
  return make("div", { class: "causal" },
    make("p", { class: "lead" }, t("causal.means")),
    make("div", { class: "message" },
      make("p", null, t("causal.missing")),
      make("pre", null, make("code", null, t("causal.command", { run: run.run.path ?? run.run.name }))),
      make("p", { class: "quiet" }, t("causal.missing_after"))));
}

// The examples that the table counts; all of them if the address names none that were measured.
function sliceNow(slices, { state }) {
  return slices.find(({ id }) => id === state.slice) ?? slices[0];
}

/** @param {Context} context */
function sliceChooser({ t, patch }, slices, slice) {
  if (slices.length < 2) return null;
  const name = ({ lang, phenomenon }) => {
    const parts = [
      phenomenon === null ? null : t.has(`phenomenon.${phenomenon}`) ? t(`phenomenon.${phenomenon}`) : phenomenon,
      lang === null ? null : t(`causal.language_${lang}`),
    ];
    return parts.filter((part) => part !== null).join(", ") || t("causal.all_examples");
  };
  return chooser(t("causal.slice"), slices.map((each) => [each.id, name(each)]), slice.id, (id) => patch({ slice: id }),
    "slice");
}

/** @param {Translator} t */
function points(t, drop) {
  return measureText(t, "zero", drop);
}

/**
 * A share with its interval of 95 % and of how many it is, as a sentence has it.
 * @param {Translator} t
 */
function shareOf(t, share, n) {
  const between = betweenText(t, n ? wilsonInterval(share, n) : null);
  return `${t.percent(share)}${between === "" ? "" : ` (${between}; n = ${t.number(n)})`}`;
}

/**
 * The answer to the question, in a sentence or two.
 * @param {MeasuredContext} context
 */
function verdict({ t, run }, rows, slice) {
  const { split, step, baselines, ablations } = run.heads;
  const measured = ablations.find(({ lang, phenomenon }) => lang === slice.lang && phenomenon === slice.phenomenon);
  const { n, accuracy } = isWhole(slice) || !measured ? run.heads : {
    n: measured.n, accuracy: measured.accuracy + measured.drop,
  };
  const { pretty, costliest, verdict: found } = prettyHead(rows);
  const name = (row) => headName(t, row.layer, row.head);
  const values = {
    drop: points(t, pretty.zero), other: name(costliest ?? pretty), other_drop: points(t, costliest?.zero ?? null),
  };
  const rho = hitDropCorrelation(rows);
  return make("div", { class: "verdict", "data-verdict": found },
    make("p", null, t("causal.pretty", { head: name(pretty), hit: t.percent(pretty.hit) }), " ",
      make("strong", null, t(`causal.pretty_${found}`, values))),
    rho === null ? null : make("p", null, t("causal.correlation", { rho: t.number(rho, 2) })),
    make("p", { class: "quiet" }, t("causal.measured", {
      n: t.number(n), split, step: t.step(step),
      accuracy: `${t.percent(accuracy)} (${betweenText(t, wilsonInterval(accuracy, n))})`,
    }),
      isWhole(slice) ? [
        " ", t("causal.baselines", { random: t.percent(baselines.random), nearest: t.percent(baselines.nearest) }),
      ] : null));
}

/** @param {MeasuredContext} context */
function causesTable(context, rows, slice) {
  const { t, run, state, patch } = context;
  const order = COLUMNS.includes(state.order) ? state.order : "hit";
  const heading = (column) => make("th", {
    scope: "col", "aria-sort": column === order ? "descending" : null, title: t(`causal.${column}_hint`),
  },
    make("button", {
      type: "button", class: "link", "data-key": `order-${column}`,
      "aria-label": t("causal.sort", { column: t(`causal.${column}`) }),
      on: { click: () => patch({ order: column }) },
    }, t(`causal.${column}`), column === order ? " ▾" : ""), countOf(t, rows, column));
  const rank = (value) => make("td", { class: "number" }, value === null ? "–" : String(value));
  const measure = (row, name) => make("td", {
    class: "number", title: row[name] === null ? t("causal.unmeasured") : null,
  }, measureText(t, name, row[name]),
    make("small", null, betweenText(t, row.between[name])));
  return make("section", null,
    make("h3", null, t("causal.table")),
    make("div", {
      class: "scroll-x", tabindex: "0", role: "region", "aria-label": t("causal.table"),
    }, make("table", { class: "causes" },
      make("thead", null, make("tr", null, make("th", { scope: "col" }, t("causal.head")), COLUMNS.map(heading),
        ["hit_rank", "zero_rank"].map((column) => make("th", { scope: "col" }, t(`causal.${column}`))))),
      make("tbody", null, sortedCauses(rows, order).map((row) => make("tr",
        { class: row.hitRank === 1 ? "is-answer" : isCompared(state, row) ? "is-chosen" : null },
        make("th", { scope: "row" }, headToggle(context, row)),
        COLUMNS.map((name) => measure(row, name)), rank(row.hitRank), rank(row.zeroRank)))),
      make("tfoot", null, togetherRows(context, rows, slice)))),
    make("p", { class: "quiet" }, t("causal.intervals")),
    copyJson(context, () => ({
      run: run.run.name, split: run.heads.split, step: run.heads.step, lang: slice.lang, phenomenon: slice.phenomenon,
      heads: rows.map(({ layer, head, ...row }) => ({ layer: layer + 1, head: head + 1, ...row })),
    })),
    make("dl", { class: "hints quiet" },
      COLUMNS.map((column) => [
        make("dt", null, t(`causal.${column}`)), make("dd", null, t(`causal.${column}_hint`)),
      ])));
}

/**
 * Of how many examples a column is; of how many pairs, where looks are exchanged.
 * @param {Translator} t
 */
function countOf(t, rows, column) {
  const counts = [...new Set(rows.map(({ n }) => n[column]).filter((n) => n !== null))];
  return counts.length === 1 ? make("small", null, `n = ${t.number(counts[0])}`) : null;
}

/**
 * Chooses a head to be compared: a second one joins the first.
 * @param {MeasuredContext} context
 */
function headToggle({ t, state, patch }, row) {
  return make("button", {
    type: "button", class: "head-toggle", "data-key": `compare-${row.layer}-${row.head}`,
    "aria-pressed": String(isCompared(state, row)), title: spokenHead(t, row.layer, row.head),
    "aria-label": `${shortHead(row.layer, row.head)} (${spokenHead(t, row.layer, row.head)})`,
    on: { click: () => patch(withCompared(state, row, true)) },
  }, shortHead(row.layer, row.head));
}

/**
 * Below the single heads: all of them, and those that were switched off together.
 * @param {MeasuredContext} context
 */
function togetherRows({ t, run }, rows, slice) {
  const { resolvers, patches, groups = [], n } = run.heads;
  const isIn = (group) => (group.lang ?? null) === slice.lang && (group.phenomenon ?? null) === slice.phenomenon;
  const flipped = isWhole(slice) ? patches.find(({ layer }) => layer === null) : undefined;
  const hit = isWhole(slice) ? resolvers?.all?.accuracy ?? null : null;
  const cell = (name, value, between, title) => make("td", { class: "number", title }, measureText(t, name, value),
    make("small", null, betweenText(t, between)));
  const lost = (heads, by) => {
    const same = groups.find((group) => isIn(group) && group.by === by && sameHeads(group.heads, heads));
    return cell(by, same?.drop ?? null, same ? dropInterval(same.drop, same.accuracy, same.n) : null,
      same ? null : t("causal.unmeasured"));
  };
  const all = rows.map(({ layer, head }) => [layer, head]);
  const sets = groups.filter((group) => isIn(group) && !sameHeads(group.heads, all)).map(({ heads }) => heads)
    .filter((heads, i, list) => list.findIndex((other) => sameHeads(other, heads)) === i);
  const line = (name, heads, first, last) => make("tr", null, make("th", { scope: "row" }, name), first,
    ["zero", "mean"].map((by) => lost(heads, by)), last, make("td"), make("td"));
  return [
    line(t("causal.all_heads"), all,
      cell("hit", hit, hit === null ? null : wilsonInterval(hit, n),
        t(hit === null ? "causal.unmeasured" : "causal.all_hit_hint")),
      cell("flipped", flipped?.flipped ?? null, flipped ? wilsonInterval(flipped.flipped, flipped.n) : null,
        flipped ? null : t("causal.unmeasured"))),
    ...sets.map((heads) => line(heads.map((head) => shortHead(...head)).join(" + "), heads,
      cell("hit", null, null, t("causal.unmeasured")), cell("flipped", null, null, t("causal.unmeasured")))),
  ];
}

function sameHeads(some, others) {
  const names = (heads) => heads.map(([layer, head]) => `${layer}.${head}`).sort().join(" ");
  return names(some) === names(others);
}

/** @param {MeasuredContext} context */
function scatter(context, rows, slice) {
  const { t, state, patch } = context;
  const measured = rows.filter(({ zero }) => zero !== null);
  if (measured.length === 0) return null;
  const most = Math.max(...measured.map(({ zero }) => zero), 0.02);
  const least = Math.min(...measured.map(({ zero }) => zero), 0);
  const step = [0.01, 0.02, 0.05, 0.1, 0.2].find((each) => (most - least) / each <= 6) ?? 0.2;
  const ticks = [];
  for (let i = Math.floor(least / step); i <= Math.ceil(most / step); i++) {
    ticks.push([i * step, t.number(i * step * 100)]);
  }
  const { pretty, costliest } = prettyHead(rows);
  const rho = hitDropCorrelation(rows);
  return make("section", null,
    make("h3", null, t("causal.scatter_title")),
    rho === null ? null : make("p", { class: "finding", "data-correlation": kindOfCorrelation(rho, measured.length) },
      t(`causal.correlated_${kindOfCorrelation(rho, measured.length)}`, { rho: t.number(rho, 2), n: measured.length })),
    make("p", { class: "quiet" }, t("causal.scatter")),
    drawPlot({
      name: t("causal.scatter"),
      x: { label: t("causal.scatter_x"), min: 0, max: 1, ticks: percentTicks(t, 0) },
      y: { label: t("causal.scatter_y"), min: ticks[0][0], max: ticks.at(-1)[0], ticks },
      dots: measured.map((row) => ({
        x: row.hit, y: row.zero, color: headColor(row.head),
        title: `${headName(t, row.layer, row.head)}: ${t.percent(row.hit)}, ${points(t, row.zero)}`,
        label: row === pretty || row === costliest || row.zero > step || isCompared(state, row)
          ? shortHead(row.layer, row.head) : null,
        isPicked: isCompared(state, row), pick: (several) => patch(withCompared(state, row, several)),
      })),
    }),
    make("p", { class: "quiet" }, t("causal.scatter_axes")),
    comparedPart(context, rows, slice));
}

/** @param {MeasuredContext} context */
function methodsPart({ t, run }) {
  const { methods } = run.heads;
  if (!methods?.length) return null;
  const sorted = [...methods].sort((a, b) => b.rank_correlation - a.rank_correlation);
  const attention = methods.find((method) => method.name === "attention");
  return make("section", null,
    make("h3", null, t("causal.methods")),
    make("p", null, t("causal.methods_lead", { n: t.number(methods[0].n) }),
      attention ? [
        " ",
        t("causal.best_method", {
          best: methodName(t, sorted[0].name), rho: t.number(sorted[0].rank_correlation, 2),
          attention: t.number(attention.rank_correlation, 2),
        }),
      ] : null),
    barTable(t("causal.methods"), [
      t("causal.method"), t("causal.rank_correlation"), t("causal.top"),
    ], sorted.map((method) => ({
      head: methodName(t, method.name), mark: method.name === "attention" ? "is-answer" : null,
      cells: [
        { text: t.number(method.rank_correlation, 2), share: method.rank_correlation },
        { text: `${t.percent(method.top)} (${betweenText(t, wilsonInterval(method.top, method.n))})`, share: method.top },
      ],
    }))));
}

/** @param {MeasuredContext} context */
function resolversPart({ t, run }) {
  const { resolvers, accuracy, n } = run.heads;
  if (!resolvers) return null;
  const { single, all } = resolvers;
  return make("section", null,
    make("h3", null, t("causal.resolvers")),
    make("ul", { class: "plain" },
      make("li", null,
        t("causal.resolvers_single",
          { head: headName(t, single.layer, single.head), accuracy: shareOf(t, single.accuracy, n) })),
      all ? make("li", null, t("causal.resolvers_all", { accuracy: shareOf(t, all.accuracy, n) })) : null,
      make("li", null, t("causal.resolvers_model", { accuracy: shareOf(t, accuracy, n) }))));
}

/** @param {MeasuredContext} context */
function pairsPart({ t, run }, rows, { lang, phenomenon }) {
  const isIn = (pair) => (pair.lang ?? null) === lang && (pair.phenomenon ?? null) === phenomenon;
  const pairs = (run.heads.pairs ?? []).filter((pair) => pair.by === "zero" && isIn(pair));
  if (pairs.length === 0) return null;
  const alone = ([layer, head], by) => rows.find((row) => row.layer === layer && row.head === head)?.[by] ?? null;
  const most = Math.max(...pairs.map(({ drop }) => drop), 0.01);
  return make("section", null,
    make("h3", null, t("causal.pairs")), make("p", null, t("causal.pairs_lead")),
    barTable(t("causal.pairs"), [t("causal.table"), t("causal.pairs_drop"), t("causal.pairs_apart")],
      [...pairs].sort((a, b) => b.drop - a.drop).slice(0, 8).map(({ heads, by, drop, accuracy, n }) => {
        const drops = heads.map((head) => alone(head, by));
        const apart = drops.includes(null) ? null : drops[0] + drops[1];
        return {
          head: heads.map((head) => shortHead(...head)).join(" + "),
          cells: [
            { text: `${points(t, drop)} (${betweenText(t, dropInterval(drop, accuracy, n))})`, share: drop / most },
            points(t, apart),
          ],
        };
      })));
}
