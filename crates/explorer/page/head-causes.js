// Of each head, from the report of a run: how often it attends most to the antecedent (hits), and what its
// ablation costs (drops of accuracy).

import { rankCorrelation } from "./arithmetic.js";
import { dropInterval, wilsonInterval } from "./intervals.js";

// Another seed changes the accuracy by as much as a point: a smaller drop says nothing.
const MIN_DROP = 0.01;

/**
 * The sets of examples that were measured: all, then those of a language, of a phenomenon, and of both.
 * @param {Pick<HeadReport, "ablations">} report
 * @returns {(Slice & { id: string })[]}
 */
export function slicesOf({ ablations }) {
  const [first] = ablations;
  const isFirst = ({ layer, head, by }) => layer === first.layer && head === first.head && by === first.by;
  const slices = ablations.filter(isFirst).map(({ lang, phenomenon }) => ({
    id: [phenomenon, lang].filter((part) => part !== null).join("-"), lang, phenomenon,
  }));
  return slices.length > 0 ? slices : [{ id: "", lang: null, phenomenon: null }];
}

/** @param {Slice} slice */
export function isWhole({ lang, phenomenon }) {
  return lang === null && phenomenon === null;
}

/**
 * One row for each head; null where nothing was measured. How many answers a patch flips is known only over all
 * minimal pairs.
 * @param {Pick<HeadReport, "scores" | "ablations" | "patches">} report
 * @param {Slice} slice
 */
export function headCauses({ scores, ablations, patches }, slice = { lang: null, phenomenon: null }) {
  const isIn = (row) => (
    row.lang === slice.lang && row.phenomenon === slice.phenomenon && (row.distance ?? null) === null);
  const rows = scores.filter(isIn).map(({ layer, head, hit, n }) => {
    const isHead = (row) => row.layer === layer && row.head === head;
    const [zero, mean] = ["zero", "mean"].map((by) => ablations.find((row) => isHead(row) && row.by === by && isIn(row)));
    const patch = isWhole(slice) ? patches.find(isHead) : undefined;
    return {
      layer, head, hit, zero: zero?.drop ?? null, mean: mean?.drop ?? null, flipped: patch?.flipped ?? null,
      // Of how many each was measured, and between what it lies.
      n: { hit: n, zero: zero?.n ?? null, mean: mean?.n ?? null, flipped: patch?.n ?? null },
      between: {
        hit: wilsonInterval(hit, n), zero: zero ? dropInterval(zero.drop, zero.accuracy, zero.n) : null,
        mean: mean ? dropInterval(mean.drop, mean.accuracy, mean.n) : null,
        flipped: patch ? wilsonInterval(patch.flipped, patch.n) : null,
      },
    };
  });
  return rows.map((row) => ({ ...row, hitRank: rankOf(row, rows, "hit"), zeroRank: rankOf(row, rows, "zero") }));
}

// 1 for the greatest; equal ones share the better rank.
function rankOf(row, rows, name) {
  if (row[name] === null) return null;
  return 1 + rows.filter((other) => other[name] !== null && other[name] > row[name]).length;
}

// The head that hits most (`pretty`), the one whose ablation costs most, and which part in the answers the
// first has: `verdict` is is_cause, is_part, is_witness or unmeasured.
export function prettyHead(rows) {
  const pretty = greatest(rows, "hit");
  const costliest = greatest(rows.filter(({ zero }) => zero !== null), "zero");
  if (!pretty || pretty.zero === null) return { pretty, costliest, verdict: "unmeasured" };
  if (pretty.zero < MIN_DROP) return { pretty, costliest, verdict: "is_witness" };
  return { pretty, costliest, verdict: pretty.zero >= costliest.zero ? "is_cause" : "is_part" };
}

function greatest(rows, name) {
  return rows.reduce((best, row) => (best === null || row[name] > best[name] ? row : best), null);
}

export function hitDropCorrelation(rows) {
  const measured = rows.filter(({ zero }) => zero !== null);
  return measured.length < 3 ? null : rankCorrelation(measured.map(({ hit }) => hit), measured.map(({ zero }) => zero));
}

// The rows in the order of a column; unmeasured ones last.
export function sortedCauses(rows, order) {
  if (order === "place") return rows;
  return [...rows].sort((a, b) => (b[order] ?? -Infinity) - (a[order] ?? -Infinity));
}

/** @param {Translator} t */
export function methodName(t, name) {
  return t.has(`causal.method_${name}`) ? t(`causal.method_${name}`) : name;
}
