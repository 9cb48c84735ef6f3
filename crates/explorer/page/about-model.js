// Which model answers, for whoever trained it: at the foot of the page.

import { make } from "./dom.js";

/** @param {PageContext} context */
export function drawAboutModel({ t, run, reading, status }) {
  // Drawn with the first answer, so that it does not move while the page fills.
  if (!reading && status === "loading") return null;
  const { name, n_layers, n_heads, n_parameters } = run.run;
  const facts = t("header.facts", { layers: n_layers, heads: n_heads, parameters: t.step(n_parameters) });
  return make("p", { class: "quiet" }, `${t("start.model")} `, make("strong", null, name), ` · ${facts}`,
    run.live ? null : ` · ${t("header.recorded")}`);
}
