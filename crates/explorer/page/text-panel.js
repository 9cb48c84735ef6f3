// Where a sentence comes from: typed into the field, which lies over its words, or one of the probes.

import { fill, make, writeText } from "./dom.js";
import { isKnownToMove } from "./moving-change.js";

// Short enough to feel immediate, long enough that a fast typist does not ask for every letter.
const PAUSE_MS = 10;

// The field itself is made once: drawing it again would move the caret.
export function createTextPanel() {
  const element = make("section", { class: "text", id: "text-panel" });
  const label = make("label", { for: "text", class: "aloud" });
  const field = make("textarea", {
    id: "text", rows: "1", spellcheck: "false", autocapitalize: "sentences", "aria-describedby": "text-hint",
    on: { keydown: (event) => { if (event.key === "Enter" && !event.shiftKey) leave(event); } },
  });
  const hint = make("p", { id: "text-hint", class: "aloud" });
  const write = make("button", {
    type: "button", class: "quiet-button write", "data-key": "write", on: { click: () => field.focus() },
  });
  const unfold = make("button", {
    type: "button", class: "unfold", "data-key": "sentence-unfold", "aria-controls": "answer", "aria-expanded": "false",
    on: { click: () => showAll(unfold.getAttribute("aria-expanded") !== "true") },
  });
  const rest = make("div", { class: "sources" });
  element.append(label, field, hint, make("div", { class: "text-tools" }, write, rest), unfold);
  /** @type {Patch} */
  let patch;
  let timer = 0;
  let isTyping = false;
  // What is typed from when the field gets the focus to when it loses it is one entry in the history.
  let isBegun = false;
  field.addEventListener("focus", () => { isBegun = false; });
  // On a phone the sentence is one line until it is wanted.
  function showAll(isOpen) {
    unfold.setAttribute("aria-expanded", String(isOpen));
    element.parentElement?.classList.toggle("is-unfolded", isOpen);
  }
  // Enter ends the writing: what was typed is read already.
  function leave(event) {
    event.preventDefault();
    field.blur();
  }
  field.addEventListener("input", () => {
    clearTimeout(timer);
    isTyping = true;
    timer = setTimeout(() => {
      isTyping = false;
      // With no text at all, one of the examples would be shown.
      patch({
        text: field.value === "" ? " " : field.value, probe: "", pronoun: null, which: 0, masked: [], token: null,
        ablated: [], snapshot: null,
      }, isBegun ? "replace" : undefined);
      isBegun = true;
    }, PAUSE_MS);
  });
  const draw = (/** @type {PageContext} */ context) => {
    const { t, about, run } = context;
    patch = context.patch;
    const text = about.text === " " ? "" : about.text;
    if (!isTyping && field.value !== text) field.value = text;
    field.disabled = !run.live;
    writeText(label, t("text.label"));
    writeText(hint, t(run.live ? "text.hint" : "text.recorded"));
    writeText(write, t("text.write"));
    write.title = t(run.live ? "text.hint" : "text.recorded");
    write.hidden = !run.live;
    unfold.setAttribute("aria-label", t("text.unfold"));
    const key = `${t.language} ${about.id}`;
    if (rest.dataset.shown === key) return;
    rest.dataset.shown = key;
    fill(rest, probeChooser(context));
  };
  return { element, draw };
}

// The sentence stands above already, so the list says only that it has others.
/** @param {PageContext} context */
function probeChooser({ t, run, about, patch }) {
  const pick = (probe) => patch({ probe, text: "", pronoun: null, which: 0, masked: [], token: null });
  const select = make("select", {
    "data-key": "probe", class: "examples", "aria-label": t("text.probes"),
    on: {
      change: () => { if (select.value !== "") pick(select.value); select.value = ""; },
      // Before it opens, never while it is open.
      focus: () => putMovingFirst(t, select),
    },
  },
    make("option", { value: "", selected: true }, t("text.probes")),
    ["es", "en"].map((lang) => make("optgroup", { label: t(`language.${lang}`) },
      run.probes.filter((probe) => probe.lang === lang).map(({ id, text }) => make("option", { value: id },
        id === about.id ? `✓ ${text}` : text)))));
  return select;
}

/**
 * Sentences of which it is known that a change moves their answer come first, and say so.
 * @param {Translator} t
 * @param {HTMLSelectElement} select
 */
function putMovingFirst(t, select) {
  for (const group of select.querySelectorAll("optgroup")) {
    const moving = [...group.querySelectorAll("option")].filter(({ value }) => isKnownToMove(value));
    group.prepend(...moving);
    for (const option of moving) option.title = t("text.movable");
  }
}
