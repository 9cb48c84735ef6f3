// Name of the page and of the run, language, theme, help.

import { make, segmented } from "./dom.js";
import { openHelp } from "./help.js";

/** @param {PageContext} context */
export function drawHeader(context) {
  const { t, run, state, patch } = context;
  const { name, n_layers, n_heads, n_parameters } = run.run;
  const facts = t("header.facts", { layers: n_layers, heads: n_heads, parameters: t.step(n_parameters) });
  return [
    make("div", { class: "brand" },
      make("h1", null, t("title")),
      make("p", { class: "quiet" }, make("strong", null, name), ` · ${facts}`,
        run.live ? null : ` · ${t("header.recorded")}`)),
    make("div", { class: "preferences" },
      segmented(t("header.language"), [["es", "ES", "Español"], ["en", "EN", "English"]], t.language,
        (language) => patch({ language }), "language"),
      segmented(t("header.theme"), [["", t("theme.auto")], ["light", t("theme.light")], ["dark", t("theme.dark")]],
        state.theme, (theme) => patch({ theme }), "theme"),
      make("button", {
        type: "button", class: "round", "data-key": "help", "aria-label": t("help.open"), title: t("help.open"),
        on: { click: () => openHelp(context) },
      }, "?")),
  ];
}
