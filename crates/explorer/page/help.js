// A dialog with what the keys do.

import { make } from "./dom.js";
import { viewLetters } from "./view-keys.js";

// [what is typed, the key of its words], in groups. All of it can be typed on any keyboard.
/** @type {[name: string, keys: [typed: string, words: string][]][]} */
const KEY_GROUPS = [
  ["keys.group.heads", [["n  N", "keys.anaphor"], ["k  j", "keys.head"], ["K  J", "keys.layer"], [",  .", "keys.step"]]],
  ["keys.group.change", [
    ["m", "keys.mask"], ["x", "keys.ablate"], ["u", "keys.undo"], ["f", "keys.fold"], ["t", "keys.table"],
  ]],
  ["keys.group.page", [
    ["?", "keys.help"], ["e", "keys.text"], ["1 … 9", "keys.number"], ["↑ ↓ ← →", "keys.arrows"],
    ["Esc", "keys.escape"],
  ]],
];

/** @param {PageContext} context */
export function openHelp({ t }) {
  const close = make("button", { type: "button", on: { click: () => dialog.close() } }, t("help.close"));
  const dialog = make("dialog", {
    class: "help", "aria-labelledby": "help-title", on: { close: () => dialog.remove() },
  },
    make("h2", { id: "help-title" }, t("help.title")),
    make("p", { class: "quiet" }, t("help.about")),
    make("div", { class: "key-groups" },
      keyGroup(t("keys.group.views"), viewLetters(t).map(({ id, letter }) => [`g ${letter}`, t(`view.${id}`)])),
      KEY_GROUPS.map(([name, keys]) => keyGroup(t(name), keys.map(([key, words]) => [key, t(words)])))),
    make("p", null, t("help.caution")),
    close);
  document.body.append(dialog);
  dialog.showModal();
  dialog.scrollTop = 0; // the focus is on its last button, and one reads from the top
}

function keyGroup(name, keys) {
  return make("section", { class: "key-group" }, make("h3", null, name),
    make("dl", { class: "key-list" },
      keys.map(([key, words]) => [make("dt", null, key.split("  ").map((each) => make("kbd", null, each))),
        make("dd", null, words)])));
}
