// What can be done with a word of the sentence: ask what it stands for, mask it, fix it.

import { anaphorsOf, askAbout, askAboutSpan } from "./anaphors.js";
import { toggleMask } from "./changes.js";
import { make, setStyle } from "./dom.js";
import { isPronoun } from "./pronouns.js";
import { textOf } from "./shown.js";

const MENU_MARGIN = 8;

/**
 * @param {PageContext<Reading>} context
 * @param {number} word
 * @param {HTMLElement} button the word itself
 */
export function openWordMenu(context, word, button) {
  const { t, reading } = context;
  document.getElementById("word-menu")?.remove();
  const items = wordActions(context, word).map(({ name, text, act }) => make("button", {
    type: "button", role: "menuitem", tabindex: "-1", "data-key": `word-${name}`,
    on: { click: () => { close(); act(); } },
  }, text));
  const menu = make("div", {
    id: "word-menu", class: "menu", role: "menu", popover: "auto",
    "aria-label": t("menu.label", { word: textOf(reading, reading.words[word]) }),
    on: { keydown: (event) => walkMenu(event, items, close), toggle: onToggle },
  }, items);
  function close() {
    menu.hidePopover();
  }
  function onToggle(event) {
    if (event.newState === "open") return;
    button.setAttribute("aria-expanded", "false");
    menu.remove();
  }
  document.body.append(menu);
  menu.showPopover();
  button.setAttribute("aria-expanded", "true");
  placeBelow(menu, button);
  items[0].focus();
}

/**
 * @param {PageContext<Reading>} context
 * @returns {{ name: string, text: string, act: () => void }[]}
 */
function wordActions(context, word) {
  const { t, reading, state, patch } = context;
  const token = reading.tokens.findIndex((each) => each.word === word);
  const text = textOf(reading, reading.words[word]);
  const question = questionAbout(context, word, text);
  const tokens = reading.tokens.flatMap((each, i) => (each.word === word ? [i] : []));
  const isMasked = tokens.every((i) => state.masked.includes(i));
  const isFixed = state.token !== null && reading.tokens[state.token]?.word === word;
  const ask = { name: "ask", text: t("menu.ask", { word: text }), act: () => patch(question ?? {}) };
  const mask = {
    name: "mask", text: t(isMasked ? "menu.unmask" : "menu.mask"), act: () => toggleMask(context, tokens),
  };
  const fix = {
    name: "fix", text: t(isFixed ? "menu.release" : "menu.fix"), act: () => patch({ token: isFixed ? null : token }),
  };
  return [...(question ? [ask] : []), mask, fix];
}

/**
 * The change of state that asks what a word stands for; null where it cannot be asked, or is already.
 * @param {PageContext<Reading>} context
 * @returns {Partial<State> | null}
 */
function questionAbout(context, word, text) {
  const { reading, run } = context;
  if (word === reading.pronoun_word) return null;
  const found = anaphorsOf(context).find(({ pronoun_word }) => pronoun_word === word);
  if (found) return askAbout(context, found);
  const isAsked = run.live && isPronoun(text);
  return isAsked ? askAboutSpan(reading, reading.words[word]) : null;
}

function walkMenu(event, items, close) {
  const now = items.indexOf(document.activeElement);
  const moves = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: items.length - 1 };
  if (event.key === "Escape" || event.key === "Tab") close();
  else if (event.key in moves) items[(moves[event.key] + items.length) % items.length].focus();
  else if (event.key !== "Enter" && event.key !== " ") return;
  event.stopPropagation(); // not for the keys of the page
  if (event.key in moves || event.key === "Escape") event.preventDefault();
}

function placeBelow(menu, button) {
  const place = button.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const left = Math.min(Math.max(place.left, MENU_MARGIN), Math.max(innerWidth - width - MENU_MARGIN, 0));
  const top = place.bottom + height + MENU_MARGIN < innerHeight ? place.bottom + 4 : place.top - height - 4;
  setStyle(menu, { left: `${left}px`, top: `${Math.max(top, 0)}px` });
}
