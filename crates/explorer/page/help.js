// A dialog with what the keys do.

import { make } from "./dom.js";

export const KEYS = [
  ["?", "keys.help"], ["1 … 9", "keys.view"], ["e", "keys.text"], ["[  ]", "keys.head"], ["⇧[  ⇧]", "keys.layer"],
  [",  .", "keys.step"], ["↑ ↓ ← →", "keys.arrows"], ["n  ⇧n", "keys.anaphor"], ["m", "keys.mask"], ["x", "keys.ablate"],
  ["u", "keys.undo"], ["f", "keys.fold"], ["t", "keys.table"], ["Esc", "keys.escape"],
];

/** @param {PageContext} context */
export function openHelp({ t }) {
  const close = make("button", { type: "button", on: { click: () => dialog.close() } }, t("help.close"));
  const dialog = make("dialog", {
    class: "help", "aria-labelledby": "help-title", on: { close: () => dialog.remove() },
  },
    make("h2", { id: "help-title" }, t("help.title")),
    make("p", { class: "quiet" }, t("help.about")),
    make("dl", { class: "key-list" },
      KEYS.map(([key, words]) => [make("dt", null, make("kbd", null, key)), make("dd", null, t(words))])),
    make("p", null, t("help.caution")),
    close);
  document.body.append(dialog);
  dialog.showModal();
}
