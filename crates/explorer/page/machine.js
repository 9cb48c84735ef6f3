// The four steps of attention as scenes that follow one another, with the numbers of the model at hand.

import { drawBarStrip } from "./bar-strip.js";
import { dotTerms } from "./arithmetic.js";
import { make } from "./dom.js";
import { headName } from "./head-picker.js";
import { isStill } from "./motion.js";
import { withRoles } from "./roles.js";
import { greatestSize } from "./strip.js";
import { shareBar } from "./bars.js";

/** query meets keys, products, ÷ √d_head, softmax, values. */
const SCENES = ["query", "products", "scale", "softmax", "values"];
// More words do not fit on a screen; those with the greatest weights stay.
const MAX_MACHINE_ROWS = 14;
// So far a finger moves for the next scene.
const SWIPE = 40;

/** What was shown last: only what is new since then moves. */
let lastScene = 0;

/** @param {State} state */
export function sceneOf({ scene }) {
  return Math.min(Math.max(scene, 1), SCENES.length);
}

/**
 * @param {Context} context
 * @param {{ reading: AttentiveReading, vectors: Vectors, steps: Steps, layer: number, head: number, query: number,
 *   key: number }} of
 */
export function drawMachine(context, of) {
  const { t, state, patch } = context;
  const scene = sceneOf(state);
  const go = (by) => {
    const next = Math.min(Math.max(scene + by, 1), SCENES.length);
    if (next !== scene) patch({ scene: next });
  };
  const rows = machineRows(of);
  const box = pictureBox(context, machineTable(context, of, rows, scene));
  /** @type {{ x: number, y: number } | null} */
  let touched = null;
  const machine = make("section", {
    class: `machine scene-${SCENES[scene - 1]}`, "aria-label": t("machine.label"), "data-scene": scene,
    on: {
      keydown: (event) => onMachineKey(event, go),
      pointerdown: ({ clientX: x, clientY: y, pointerType, target }) => {
        const isSwipe = pointerType === "touch" && !(scrollsSideways(box) && box.contains(/** @type {Node} */ (target)));
        touched = isSwipe ? { x, y } : null;
      },
      pointerup: ({ clientX, clientY }) => {
        const by = touched ? swipe(clientX - touched.x, clientY - touched.y) : 0;
        touched = null;
        if (by !== 0) go(by);
      },
      pointercancel: () => { touched = null; },
    },
  },
    sceneBar(context, scene, go),
    make("p", { class: "scene-text", "aria-live": "polite" }, withRoles(sceneText(context, of, scene))),
    box);
  animateScene(machine, scene);
  lastScene = scene;
  return machine;
}

/**
 * The box around the table: where there is no room for it, it scrolls by itself, by finger and keyboard too. The
 * browser asks how a finger may move before it tells the page of it.
 * @param {Context} context
 * @param {HTMLElement} table
 */
function pictureBox({ t }, table) {
  const box = make("div", {
    class: "scroll-x machine-box", tabindex: "0", role: "region", "data-key": "machine-box", "aria-label": t("machine.picture"),
  }, table);
  const sizes = new ResizeObserver(() => box.classList.toggle("scrolls", scrollsSideways(box)));
  sizes.observe(box);
  sizes.observe(table);
  return box;
}

/** @param {Element} element */
function scrollsSideways({ scrollWidth, clientWidth }) {
  return scrollWidth > clientWidth;
}

/** Which scene a finger leads to: 1 the next, -1 the one before, 0 none. */
function swipe(x, y) {
  if (Math.abs(x) <= SWIPE || Math.abs(y) >= Math.abs(x)) return 0;
  return x < 0 ? 1 : -1;
}

// With Alt an arrow is the browser's. A box that scrolls keeps it too, and no station must take it from the box.
function onMachineKey(event, go) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (by === undefined || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.stopPropagation();
  if (event.target.matches(".machine-box") && scrollsSideways(event.target)) return;
  event.preventDefault();
  go(by);
}

// At either end the button stays where the focus is: a disabled one would lose it.
function sceneBar({ t, patch }, scene, go) {
  const step = (name, by, className, isOff) => make("button", {
    type: "button", class: className, "data-key": `scene-${name}`, "aria-disabled": isOff ? "true" : null,
    on: { click: () => go(by) },
  }, t(`machine.${name}`));
  return make("div", { class: "scene-bar" },
    step("previous", -1, "quiet-button", scene === 1),
    make("ol", { class: "scene-list" }, SCENES.map((name, i) => make("li", null, make("button", {
      type: "button", class: "scene-name", "data-key": `scene-${i + 1}`, "aria-current": i + 1 === scene ? "step" : null,
      on: { click: () => patch({ scene: i + 1 }) },
    }, make("span", { class: "scene-number" }, String(i + 1)), t(`machine.scene.${name}`))))),
    step("next", 1, "primary", scene === SCENES.length));
}

/** @param {Context} context */
function sceneText({ t }, { reading, vectors, steps, layer, head, query, key }, scene) {
  return t(`machine.text.${SCENES[scene - 1]}`, {
    head: headName(t, layer, head), d_head: vectors.d_head, query: reading.tokens[query].text,
    key: reading.tokens[key].text, dot: t.number(steps.dots[key], 2), root: t.number(steps.root, 3),
    score: t.number(steps.scores[key], 2), weight: t.percent(steps.weights[key]),
  });
}

/** @returns {number[]} the keys that are shown, in the order of the text */
function machineRows({ reading, steps, key }) {
  const keys = reading.tokens.map((_, i) => i);
  if (keys.length <= MAX_MACHINE_ROWS) return keys;
  const strongest = keys.toSorted((a, b) => steps.weights[b] - steps.weights[a]).slice(0, MAX_MACHINE_ROWS);
  return [...new Set([key, ...strongest])].sort((a, b) => a - b);
}

/** @param {Context} context */
function machineTable({ t, patch }, of, rows, scene) {
  const { reading, vectors, steps, query, key } = of;
  const { d_head, queries, keys, values } = vectors;
  const part = (array, token) => array.subarray(token * d_head, (token + 1) * d_head);
  const terms = rows.map((each) => dotTerms(vectors, query, each).map(({ product }) => product));
  const scales = {
    in: greatestSize(part(queries, query), ...rows.map((each) => part(keys, each))), product: greatestSize(...terms),
    value: greatestSize(...rows.map((each) => part(values, each))),
  };
  const heading = (name, from, role) => make("th", { scope: "col", class: seen(scene, from) },
    make("span", { class: role ? `role is-${role}` : null }, t(`machine.column.${name}`, { d_head })));
  const row = (each, i) => {
    const weight = steps.weights[each];
    const cell = (from, content, className = "") => make("td", { class: `${className} ${seen(scene, from)}`, "data-from": from }, content);
    return make("tr", { class: each === key ? "is-chosen" : null },
      make("th", { scope: "row" }, make("button", {
        type: "button", class: "word-button", "data-key": `machine-${each}`, "aria-pressed": String(each === key),
        on: { click: () => patch({ key: each }) },
      }, reading.tokens[each].text)),
      cell(1, drawBarStrip(part(keys, each), scales.in, "key"), "key-cell"),
      cell(2, drawBarStrip(terms[i], scales.product, "ink")),
      cell(2, scoreText(t, steps, each, scene), "number"),
      cell(4, [make("span", { class: "bar-number" }, t.percent(weight)), shareBar(weight)], "with-bar"),
      cell(5, weightedValue(part(values, each), scales.value, weight)));
  };
  return make("table", { class: "machine-table" },
    make("thead", null,
      make("tr", { class: "query-row" }, make("th", { scope: "row", class: "is-pronoun" }, reading.tokens[query].text),
        make("td", { colspan: 5 }, make("div", { class: "query-strip" },
          drawBarStrip(part(queries, query), scales.in, "query"),
          make("span", { class: "role is-query" }, t("machine.column.query", { d_head }))))),
      make("tr", null, make("th", { scope: "col" }, t("steps.token")), heading("keys", 1, "key"), heading("products", 2),
        heading(scene >= 3 ? "score" : "dot", 2), heading("weight", 4), heading("values", 5, "value"))),
    make("tbody", null, rows.map(row)),
    make("tfoot", null, make("tr", { class: "sum" }, make("th", { scope: "row" }, t("steps.output")),
      make("td", { colspan: 3 }), make("td", { class: `number ${seen(scene, 4)}` }, t.percent(1, 0)),
      make("td", { class: seen(scene, 5), "data-from": 5 }, drawBarStrip(steps.output, scales.value, "value")))));
}

function seen(scene, from) {
  return scene >= from ? "" : "is-later";
}

/** @param {Translator} t */
function scoreText(t, steps, each, scene) {
  const score = make("span", { class: "score" }, t.number(scene >= 3 ? steps.scores[each] : steps.dots[each], 2));
  return scene >= 3 ? [make("small", null, `${t.number(steps.dots[each], 1)} → `), score] : score;
}

// As long as the value is, and as visible as it counts.
function weightedValue(value, scale, weight) {
  return [
    drawBarStrip(value, scale, "value"),
    make("span", { class: "veil", style: { opacity: (0.88 * (1 - weight)).toFixed(3) } }),
  ];
}

// So long the first row takes to come, and so long after it the last row begins: together no more than ROWS_DONE.
const ROW_MOTION = 240;
const LAST_ROW_AFTER = 320;
// The query is down when the last row begins, and back when that is there.
const ROWS_DONE = ROW_MOTION + LAST_ROW_AFTER;

/**
 * What is new comes in, row after row: its bars grow. In the second scene the query goes down along the keys.
 * @param {HTMLElement} machine
 */
function animateScene(machine, scene) {
  if (isStill() || scene !== lastScene + 1) return;
  queueMicrotask(() => {
    if (scene === 2) slideQuery(machine);
    const rows = [...machine.querySelectorAll("tbody tr, tfoot tr")];
    for (const [i, row] of rows.entries()) {
      const from = scene === 3 ? row.querySelectorAll(".score") : row.querySelectorAll(`[data-from="${scene}"]`);
      for (const part of from) comeIn(part, LAST_ROW_AFTER * i / Math.max(rows.length - 1, 1));
    }
  });
}

/**
 * Bars grow from where they begin, and what lies over a value comes after them.
 * @param {Element} part
 */
function comeIn(part, delay) {
  const move = (element, start, end) => element.animate([start, end],
    { duration: ROW_MOTION, delay, fill: "backwards", easing: "ease-out" });
  move(part, { opacity: 0 }, { opacity: 1 });
  for (const strip of part.querySelectorAll(".bar-strip")) move(strip, { transform: "scaleY(0)" }, { transform: "none" });
  for (const veil of part.querySelectorAll(".veil")) move(veil, { opacity: 0 }, { opacity: getComputedStyle(veil).opacity });
  for (const bar of part.querySelectorAll(".bar-fill")) {
    move(bar, { transform: "scaleX(0)", transformOrigin: "left" }, { transform: "none", transformOrigin: "left" });
  }
}

/** @param {HTMLElement} machine */
function slideQuery(machine) {
  const strip = machine.querySelector(".query-strip canvas");
  const last = [...machine.querySelectorAll(".key-cell")].at(-1);
  if (!strip || !last) return;
  const way = last.getBoundingClientRect().top - strip.getBoundingClientRect().top;
  strip.animate([
    { transform: "none" }, { transform: `translateY(${way}px)`, offset: LAST_ROW_AFTER / ROWS_DONE }, { transform: "none" },
  ], { duration: ROWS_DONE, easing: "linear" });
}
