// Motion between two pictures: short, never needed for understanding, and none for those who asked for less.

import { make, setStyle } from "./dom.js";

/** Milliseconds from one picture to the next. */
export const MOTION = 200;
// A matrix of more rows is drawn at once: to draw it takes longer than a frame.
const MAX_MOVING = 60;

/** Whether nothing moves: by the wish of the person, or because nobody sees the page. */
export function isStill() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches || document.hidden;
}

let lastText = "";

/**
 * Whether another text is drawn than before because somebody types: then nothing moves, which would take time from
 * the letters that follow.
 * @param {Context} context
 */
export function isTyped({ reading, about, state }) {
  const isAnother = reading.text !== lastText;
  lastText = reading.text;
  return isAnother && about.id === null && state.pronoun === null;
}

/**
 * Numbers that move to the next ones. `to` names them; `paint` is called with where they begin, with those on the
 * way, and with the goal itself in the end. What has left the page meanwhile moves no further: `isSeen` says so.
 * @param {(values: Float32Array, isOnWay: boolean) => void} paint `isOnWay`: not within a call of `to`
 * @param {() => boolean} isSeen
 */
export function movingValues(paint, isSeen) {
  /** @type {Float32Array | null} */
  let now = null;
  /** @type {Float32Array | null} */
  let goal = null;
  let frame = 0;
  const to = (/** @type {Float32Array} */ next, duration = MOTION, ease = easeOut) => {
    if (next === goal) return;
    const from = now;
    goal = next;
    cancelAnimationFrame(frame);
    const arrive = (/** @type {boolean} */ isOnWay) => {
      now = next;
      paint(next, isOnWay);
    };
    if (from === null || from.length !== next.length || duration === 0 || isStill()) return arrive(false);
    const onWay = Float32Array.from(from);
    now = onWay;
    const began = performance.now();
    const move = (/** @type {number} */ time) => {
      const share = Math.min(Math.max((time - began) / duration, 0), 1);
      if (share === 1 || !isSeen()) return arrive(true);
      const moved = ease(share);
      for (let i = 0; i < onWay.length; i++) onWay[i] = from[i] + (next[i] - from[i]) * moved;
      paint(onWay, true);
      frame = requestAnimationFrame(move);
    };
    paint(onWay, false);
    frame = requestAnimationFrame(move);
  };
  return { to };
}

function easeOut(share) {
  return 1 - (1 - share) ** 3;
}

/** Of a film, in which one picture follows the other, the speed does not change. */
export function even(share) {
  return share;
}

/**
 * A square of weights that moves to the next one, which may have more or fewer rows: what is at the same place
 * moves, the rest comes and goes at once.
 * @param {(matrix: Float32Array, isOnWay: boolean) => void} paint
 * @param {() => boolean} isSeen
 */
export function movingSquare(paint, isSeen) {
  let side = 0;
  /** @type {Float32Array | null} */
  let drawn = null;
  const moving = movingValues((matrix, isOnWay) => {
    drawn = matrix;
    paint(matrix, isOnWay);
  }, isSeen);
  return {
    /** @param {Float32Array} matrix */
    to(matrix, n, isAtOnce = false) {
      if (drawn !== null && n !== side) moving.to(resized(drawn, side, n), 0);
      side = n;
      moving.to(matrix, isAtOnce || n > MAX_MOVING ? 0 : MOTION);
    },
  };
}

function resized(matrix, n, wanted) {
  const result = new Float32Array(wanted * wanted);
  const shared = Math.min(n, wanted);
  for (let row = 0; row < shared; row++) {
    result.set(matrix.subarray(row * n, row * n + shared), row * wanted);
  }
  return result;
}

/**
 * Lets the picture of before fade away over the one that has taken its place.
 * @param {HTMLCanvasElement | null} before
 * @param {HTMLElement} place around the new picture, which is at its upper left
 */
export function fadeOver(before, place) {
  if (before === null || before.width === 0 || before.height === 0 || isStill()) return;
  const copy = make("canvas", { class: before.className, width: before.width, height: before.height });
  setStyle(copy, { width: before.style.width, height: before.style.height });
  copy.getContext("2d").drawImage(before, 0, 0);
  // It is cut where the new picture ends.
  const old = make("div", { class: "fading", "aria-hidden": "true" }, copy);
  place.append(old);
  const fading = old.animate([{ opacity: 1 }, { opacity: 0 }], { duration: MOTION, easing: "ease-out" });
  fading.finished.catch(() => {}).then(() => old.remove());
}
