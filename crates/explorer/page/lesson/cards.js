// The vectors of words as cards: the three of one word, and two words that change their keys.

import { drawBarStrip } from "../bar-strip.js";
import { make } from "../dom.js";
import { isStill } from "../motion.js";
import { withRoles } from "../roles.js";
import { greatestSize } from "../strip.js";

const SWAP = 560;
const LARGE = { cell: 6, height: 34 };

/** @param {Vectors} vectors */
function vectorOf({ d_head }, array, token) {
  return array.subarray(token * d_head, (token + 1) * d_head);
}

/**
 * @param {Translator} t
 * @param {{ vectors: Vectors, token: number, word: string, head: string }} of
 */
export function drawCards(t, { vectors, token, word, head }) {
  const cards = { query: vectors.queries, key: vectors.keys, value: vectors.values };
  return make("figure", { class: "scene-picture cards" },
    make("figcaption", null, t("cards.of", { word, head })),
    Object.entries(cards).map(([role, array]) => {
      const vector = vectorOf(vectors, array, token);
      return card(/** @type {"query" | "key" | "value"} */ (role), t(`cards.${role}`), vector, greatestSize(vector), LARGE);
    }));
}

/** @param {"query" | "key" | "value"} role */
function card(role, text, vector, scale, size) {
  return make("div", { class: `vector-card of-${role}` }, make("span", { class: "card-text" }, withRoles(text)),
    drawBarStrip(vector, scale, role, size));
}

/**
 * Two words, each with the key of the other and its own value. The keys come from where they were.
 * @param {Translator} t
 * @param {{ vectors: Vectors, tokens: [number, number], words: [string, string], weights: [string, string] }} of
 */
export function drawSwap(t, { vectors, tokens, words, weights }) {
  const of = (array) => tokens.map((token) => vectorOf(vectors, array, token));
  const [keys, values] = [of(vectors.keys), of(vectors.values)];
  const [keyScale, valueScale] = [greatestSize(...keys), greatestSize(...values)];
  const size = { cell: 4, height: 30 };
  const picture = make("figure", { class: "scene-picture swap" },
    make("figcaption", null, withRoles(t("swap.caption"))),
    words.map((word, i) => make("div", { class: "swap-row" },
      make("p", { class: "swap-word" }, make("strong", null, word), " ", make("span", { class: "number" }, weights[i])),
      card("key", t("swap.key", { word: words[1 - i] }), keys[1 - i], keyScale, size),
      card("value", t("swap.value", { word }), values[i], valueScale, size))),
    isStill() ? null : make("button", {
      type: "button", class: "quiet-button", "data-key": "swap-again", on: { click: () => changePlaces(picture, 0) },
    }, t("race.again")));
  queueMicrotask(() => changeOnce(picture, words.join(" ")));
  return picture;
}

/** The pair that has changed places already: what is drawn again stays, unless it was on its way. */
let swappedWords = "";
let swapBegan = -Infinity;

/** @param {HTMLElement} picture */
function changeOnce(picture, words) {
  const isOnWay = performance.now() - swapBegan < SWAP;
  if (isStill() || !picture.isConnected || (words === swappedWords && !isOnWay)) return;
  if (words !== swappedWords) swapBegan = performance.now();
  swappedWords = words;
  changePlaces(picture, performance.now() - swapBegan);
}

/**
 * @param {HTMLElement} picture
 * @param {number} since milliseconds of the way that are over
 */
function changePlaces(picture, since) {
  const cards = [...picture.querySelectorAll(".vector-card.of-key")];
  const [first, second] = cards.map((each) => each.getBoundingClientRect());
  for (const [i, each] of cards.entries()) {
    const way = (second.top - first.top) * (i === 0 ? 1 : -1);
    each.animate([{ transform: `translateY(${way}px)` }, { transform: "none" }],
      { duration: SWAP, easing: "ease-in-out" }).currentTime = since;
  }
}
