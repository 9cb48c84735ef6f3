// What the field's words mean, a hover, a focus or a tap away wherever one stands.

import { make, setStyle } from "./dom.js";

// The words of term.ID, and the forms by which it is found in a text in term.ID.forms, separated by |.
export const TERMS = [
  "token", "special", "subword", "head", "layer", "attention", "weight", "query", "key", "value", "softmax", "residual",
  "dimension", "checkpoint", "snapshot", "probability", "mask", "ablation", "parameter", "anaphor",
];

/** @type {Map<string, { pattern: RegExp, idOf: Map<string, string> }>} */
const findersOf = new Map();

/** @param {Translator} t */
function finder(t) {
  const known = findersOf.get(t.language);
  if (known) return known;
  const idOf = new Map(TERMS.flatMap((id) => t(`term.${id}.forms`).split("|")
    .map((/** @type {string} */ form) => /** @type {[string, string]} */ ([form, id]))));
  // Longer forms first: “special token” before “token”.
  const forms = [...idOf.keys()].sort((a, b) => b.length - a.length);
  const made = { pattern: new RegExp(`(?<![\\p{L}\\p{N}])(${forms.join("|")})(?![\\p{L}\\p{N}])`, "giu"), idOf };
  findersOf.set(t.language, made);
  return made;
}

/**
 * The text with each term, where it stands first, wrapped by `wrap`.
 * @param {Translator} t
 * @param {string} text
 * @param {(id: string, word: string) => Node} wrap
 */
function wrapTerms(t, text, wrap) {
  const { pattern, idOf } = finder(t);
  const seen = new Set();
  const parts = [];
  let from = 0;
  for (const { 0: word, index } of text.matchAll(pattern)) {
    const id = /** @type {string} */ (idOf.get(word.toLowerCase()));
    if (seen.has(id)) continue;
    seen.add(id);
    parts.push(text.slice(from, index), wrap(id, word));
    from = index + word.length;
  }
  return [...parts, text.slice(from)].filter((part) => part !== "");
}

/**
 * The text, with its terms as places that explain themselves.
 * @param {Translator} t
 * @param {string} text
 */
export function withTerms(t, text) {
  return wrapTerms(t, text, (id, word) => make("span", {
    class: "term", role: "button", tabindex: "0", "data-term": id, "aria-describedby": `term-${id}`,
  }, word));
}

/**
 * The same inside a button, which has the focus itself: see `describeTerm`.
 * @param {Translator} t
 * @param {string} text
 */
export function termsWithin(t, text) {
  return wrapTerms(t, text, (id, word) => make("span", { class: "term", "data-term": id }, word));
}

/** @param {Translator} t */
function definition(t, id) {
  return `${t(`term.${id}.name`)}: ${t(`term.${id}`)}`;
}

/**
 * All definitions, which screen readers read with the words that refer to them. They are not shown.
 * @param {PageContext} context
 */
export function drawDefinitions({ t }) {
  findTip().dataset.language = t.language;
  return TERMS.map((id) => make("p", { id: `term-${id}`, "data-definition": id }, definition(t, id)));
}

const TIP_MARGIN = 8;

// There is one for the page: made when it is first wanted.
function findTip() {
  const known = document.getElementById("glossary-tip");
  if (known) return known;
  const tip = make("div", { id: "glossary-tip", class: "tip", role: "tooltip", popover: "manual" });
  document.body.append(tip);
  return tip;
}

function isTipOpen(tip) {
  return tip.matches(":popover-open");
}

/** @param {HTMLElement} term */
function showTip(term) {
  const tip = findTip();
  const words = document.getElementById(`term-${term.dataset.term}`)?.textContent ?? "";
  const [name, ...rest] = words.split(": ");
  tip.replaceChildren(make("strong", null, name), " ", make("span", null, rest.join(": ")));
  if (!isTipOpen(tip)) tip.showPopover();
  const place = term.getBoundingClientRect();
  const { width, height } = tip.getBoundingClientRect();
  const left = Math.min(Math.max(place.left, TIP_MARGIN), innerWidth - width - TIP_MARGIN);
  const isBelow = place.bottom + height + TIP_MARGIN < innerHeight;
  setStyle(tip, { left: `${left}px`, top: `${isBelow ? place.bottom + 6 : Math.max(place.top - height - 6, 0)}px` });
}

function hideTip() {
  const tip = findTip();
  if (isTipOpen(tip)) tip.hidePopover();
}

/** @returns {HTMLElement | null} */
function termAt(target) {
  return target instanceof Element ? target.closest(".term") : null;
}

// Of a tab or another button with a term in it, the focus shows what the term means.
function termOfFocus(target) {
  if (!(target instanceof Element) || !target.matches(":focus-visible")) return null;
  return termAt(target) ?? /** @type {HTMLElement | null} */ (target.querySelector(":scope > .term"));
}

/** Once for the page. */
export function bindGlossary() {
  let isTapped = false;
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const term = termAt(event.target);
    if (term) showTip(term);
    else if (!isTapped && !termAt(document.activeElement)) hideTip();
  });
  document.addEventListener("focusin", (event) => {
    const term = termOfFocus(event.target);
    if (term) showTip(term);
    else hideTip();
  });
  document.addEventListener("focusout", hideTip);
  document.addEventListener("click", (event) => {
    const term = termAt(event.target);
    isTapped = term !== null && term.matches("[tabindex]");
    if (term === null || !isTapped) return hideTip();
    event.preventDefault(); // a term in a label must not press what the label is of
    term.focus();
    showTip(term);
  });
  // Before the keys of the page: Escape closes this first, and Enter is for the term.
  document.addEventListener("keydown", (event) => {
    const term = termAt(event.target);
    if (event.key === "Escape" && isTipOpen(findTip())) {
      event.preventDefault();
      event.stopPropagation();
      isTapped = false;
      hideTip();
    } else if (term?.matches("[tabindex]") && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      showTip(term);
    }
  }, true);
  addEventListener("scroll", hideTip, { passive: true, capture: true });
}
