// The view that was chosen, its heading, what it says when there is nothing to draw, and ways to save it.

import { isDark } from "./color.js";
import { fill, make } from "./dom.js";
import { withTerms } from "./glossary.js";
import { messageOf } from "./messages.js";
import { saveButtons } from "./save.js";
import { viewOf } from "./views.js";

/** @param {PageContext} context */
export function drawStage(context, stage) {
  const { t, state } = context;
  const view = viewOf(state);
  if (view.isPlain) stage.removeAttribute("role");
  else stage.setAttribute("role", "tabpanel");
  stage.setAttribute("aria-labelledby", view.isPlain ? "start-title" : `tab-${view.id}`);
  stage.setAttribute("aria-busy", String(context.status === "loading"));
  const message = view.isFree ? null : messageOf(context);
  // A view that is not free is drawn only where `messageOf` found a reading with attention.
  const body = message ?? view.draw(/** @type {Context} */ (context));
  // The figure stays, and a view that returns the element it returned before is not taken out and put back.
  const figure = stage.querySelector(":scope > .figure") ?? make("div", { class: "figure" });
  const isUntouched = context.isAttentionUntouched && !view.isFree && !message;
  figure.classList.toggle("is-untouched", isUntouched);
  fill(figure, body);
  if (view.isPlain) return figure;
  const isWaiting = context.status === "loading" && !context.reading;
  return [
    make("div", { class: "stage-head" },
      make("div", null, make("h2", null, withTerms(t, t(`view.${view.id}`))),
        make("p", { class: "quiet" }, withTerms(t, t(`about.${view.id}`, { more: moreOf(t) })))),
      message ? null : saveButtons(context, view, figure)),
    isUntouched ? make("p", { class: "untouched-note quiet", role: "status" }, t("changes.untouched")) : null,
    figure,
    // Below a figure that is still to come, it would be pushed down.
    view.isFree || isWaiting ? null : make("p", { class: "caution" }, t("caution"), " ", causalLink(context)),
  ];
}

/**
 * What a strong colour looks like on this page.
 * @param {Translator} t
 */
function moreOf(t) {
  return t(isDark() ? "about.matrix.dark" : "about.matrix.light");
}

/** @param {PageContext} context */
function causalLink({ t, patch }) {
  return make("button", {
    type: "button", class: "link", "data-key": "to-causal", on: { click: () => patch({ view: "causal" }) },
  }, t("caution.link"));
}
