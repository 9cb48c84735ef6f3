// What is said instead of a picture: nothing to read, still reading, or an error by its code.

import { make } from "./dom.js";

/** @param {Translator} t */
export function errorText(t, error) {
  return t.has(`error.${error.code}`) ? t(`error.${error.code}`) : t("error.internal");
}

/** @param {PageContext} context */
export function errorBox({ t, retry }, error) {
  return make("div", { class: "message", role: "alert" },
    make("p", null, errorText(t, error)),
    make("p", { class: "quiet" }, error.message),
    make("button", { type: "button", "data-key": "retry", on: { click: retry } }, t("status.retry")));
}

/**
 * null where there is a reading with attention, old or new.
 * @param {PageContext} context
 */
export function messageOf(context) {
  const { t, status, error, reading } = context;
  if (status === "empty") return make("div", { class: "message" }, make("p", null, t("status.empty")));
  if (status === "error") return errorBox(context, error);
  if (!reading) return make("div", { class: "message", role: "status" }, make("p", null, t("status.loading")));
  if (!reading.attention) return make("div", { class: "message" }, make("p", null, t("error.no_attention")));
  return null;
}
