// Name of the page, language, theme, class mode, help.

import { make, segmented } from "./dom.js";
import { openHelp } from "./help.js";
import { presentButton } from "./present.js";

/** @param {PageContext} context */
export function drawHeader(context) {
  const { t, state, patch } = context;
  return [
    make("div", { class: "brand" },
      make("h1", null, make("button", {
        type: "button", class: "home", "data-key": "home", title: t("start.home"), on: { click: () => patch({ view: "start" }) },
      }, t("title")))),
    make("div", { class: "preferences" },
      segmented(t("header.language"), [["es", "ES", "Español"], ["en", "EN", "English"]], t.language,
        (language) => patch({ language }), "language"),
      segmented(t("header.theme"), [["", t("theme.auto")], ["light", t("theme.light")], ["dark", t("theme.dark")]],
        state.theme, (theme) => patch({ theme }), "theme"),
      presentButton(context),
      make("button", {
        type: "button", class: "round", "data-key": "help", "aria-label": t("help.open"), title: t("help.open"),
        on: { click: () => openHelp(context) },
      }, "?")),
  ];
}
