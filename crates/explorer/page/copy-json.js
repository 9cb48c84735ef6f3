// A button that copies numbers as JSON, and a field with them where the browser lets no page copy.

import { make } from "./dom.js";

/**
 * @param {PageContext} context
 * @param {() => unknown} valueNow what is copied, once it is asked for
 */
export function copyJson({ t, announce }, valueNow) {
  const place = make("div", { class: "copy-json" });
  const button = make("button", {
    type: "button", class: "quiet-button", "data-key": "copy-json", on: { click: () => copy() },
  }, t("copy.json"));
  const said = make("span", { class: "quiet" });
  const copy = async () => {
    const text = JSON.stringify(valueNow(), null, 2);
    try {
      await navigator.clipboard.writeText(text);
      said.textContent = t("copy.done");
      announce(t("copy.done"));
    } catch {
      showText(text);
    }
  };
  const showText = (text) => {
    place.querySelector("textarea")?.remove();
    const field = make("textarea", { rows: "6", readonly: true, "aria-label": t("copy.by_hand"), value: text });
    place.append(field);
    said.textContent = t("copy.by_hand");
    field.focus();
    field.select();
  };
  place.append(button, said);
  return place;
}
