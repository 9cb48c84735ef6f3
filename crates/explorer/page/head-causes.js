// What looking and what mattering say of each head, from the report of a run.

import { rankCorrelation } from "./arithmetic.js";

// Less than a point of accuracy is within what another seed would change.
const HARDLY = 0.01;

// What there are numbers for: everything first, then each language, phenomenon, and both; { id, lang, phenomenon }.
export function slicesOf({ ablations }) {
  const [first] = ablations;
  const isFirst = ({ layer, head, by }) => layer === first.layer && head === first.head && by === first.by;
  const slices = ablations.filter(isFirst).map(({ lang, phenomenon }) => ({ id: [phenomenon, lang].filter((part) => part !== null).join("-"), lang, phenomenon }));
  return slices.length > 0 ? slices : [{ id: "", lang: null, phenomenon: null }];
}

export function isWhole({ lang, phenomenon }) {
  return lang === null && phenomenon === null;
}

// One row for each head: { layer, head, hit, zero, mean, flipped, hitRank, zeroRank }; null where nothing was measured.
// Answers that change are counted over all minimal pairs only.
export function headCauses({ scores, ablations, patches }, slice = { lang: null, phenomenon: null }) {
  const isIn = (row) => row.lang === slice.lang && row.phenomenon === slice.phenomenon && (row.distance ?? null) === null;
  const rows = scores.filter(isIn).map(({ layer, head, hit }) => {
    const isHead = (row) => row.layer === layer && row.head === head;
    const drop = (by) => ablations.find((row) => isHead(row) && row.by === by && isIn(row))?.drop ?? null;
    return { layer, head, hit, zero: drop("zero"), mean: drop("mean"), flipped: isWhole(slice) ? patches.find(isHead)?.flipped ?? null : null };
  });
  return rows.map((row) => ({ ...row, hitRank: rankOf(row, rows, "hit"), zeroRank: rankOf(row, rows, "zero") }));
}

// 1 for the greatest; equal ones share the better rank.
function rankOf(row, rows, name) {
  if (row[name] === null) return null;
  return 1 + rows.filter((other) => other[name] !== null && other[name] > row[name]).length;
}

// { pretty, costliest, verdict } with verdict one of is_cause, is_part, is_witness, unmeasured.
export function prettyHead(rows) {
  const pretty = greatest(rows, "hit");
  const costliest = greatest(rows.filter(({ zero }) => zero !== null), "zero");
  if (!pretty || pretty.zero === null) return { pretty, costliest, verdict: "unmeasured" };
  if (pretty.zero < HARDLY) return { pretty, costliest, verdict: "is_witness" };
  return { pretty, costliest, verdict: pretty.zero >= costliest.zero ? "is_cause" : "is_part" };
}

function greatest(rows, name) {
  return rows.reduce((best, row) => (best === null || row[name] > best[name] ? row : best), null);
}

export function hitDropCorrelation(rows) {
  const measured = rows.filter(({ zero }) => zero !== null);
  return measured.length < 3 ? null : rankCorrelation(measured.map(({ hit }) => hit), measured.map(({ zero }) => zero));
}

// How the rows stand by a column; unmeasured ones last.
export function sortedCauses(rows, order) {
  if (order === "place") return rows;
  return [...rows].sort((a, b) => (b[order] ?? -Infinity) - (a[order] ?? -Infinity));
}

/** @param {Translator} t */
export function methodName(t, name) {
  return t.has(`causal.method_${name}`) ? t(`causal.method_${name}`) : name;
}
