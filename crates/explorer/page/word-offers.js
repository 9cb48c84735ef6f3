// Words of a text that one may ask about although the model found no pronoun in it by itself.

import { askAboutSpan } from "./anaphors.js";
import { make } from "./dom.js";
import { isPronoun } from "./pronouns.js";

// So many fit into a line.
const MAX_OFFERS = 6;

/**
 * @param {PageContext} context
 * @returns {Node | null}
 */
export function wordOffers({ t, run, about, patch }) {
  if (!run.live) return null;
  const offers = [...about.text.matchAll(/[\p{L}\p{M}]+/gu)].filter(([word]) => isPronoun(word, true)).slice(0, MAX_OFFERS);
  if (offers.length === 0) return null;
  return make("div", { class: "chips", role: "group", "aria-label": t("offers.label") },
    make("span", { class: "field-name" }, t("offers.label")),
    offers.map(({ 0: word, index }) => {
      // Spans count characters, not UTF-16 units.
      const start = Array.from(about.text.slice(0, index)).length;
      return make("button", {
        type: "button", class: "chip", "data-key": `offer-${start}`,
        on: { click: () => patch(askAboutSpan(about, [start, start + Array.from(word).length])) },
      }, word);
    }));
}
