// Where a sentence comes from: typed, or one of the probes.

import { fill, make, writeText } from "./dom.js";

// Short enough to feel immediate, long enough that a fast typist does not ask for every letter.
const PAUSE_MS = 10;

// The field itself is made once: drawing it again would move the caret.
export function createTextPanel() {
  const element = make("section", { class: "text card", id: "text-panel" });
  const label = make("label", { for: "text", class: "field-name" });
  const field = make("textarea", {
    id: "text", rows: "2", spellcheck: "false", autocapitalize: "sentences", "aria-describedby": "text-hint",
  });
  const hint = make("p", { id: "text-hint", class: "quiet" });
  const rest = make("div", { class: "sources" });
  element.append(label, field, hint, rest);
  /** @type {Patch} */
  let patch;
  let timer = 0;
  let isTyping = false;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    isTyping = true;
    timer = setTimeout(() => {
      isTyping = false;
      // With no text at all, one of the examples would be shown.
      patch({
        text: field.value === "" ? " " : field.value, probe: "", pronoun: null, which: 0, masked: [], token: null,
        snapshot: null,
      });
    }, PAUSE_MS);
  });
  const draw = (/** @type {PageContext} */ context) => {
    const { t, about, run } = context;
    patch = context.patch;
    const text = about.text === " " ? "" : about.text;
    if (!isTyping && field.value !== text) field.value = text;
    field.maxLength = run.limits.characters;
    field.disabled = !run.live;
    writeText(label, t("text.label"));
    writeText(hint, t(run.live ? "text.hint" : "text.recorded"));
    const key = `${t.language} ${about.id}`;
    if (rest.dataset.shown === key) return;
    rest.dataset.shown = key;
    fill(rest, probeChooser(context));
  };
  return { element, draw };
}

/** @param {PageContext} context */
function probeChooser({ t, run, about, patch }) {
  const pick = (probe) => patch({ probe, text: "", pronoun: null, which: 0, masked: [], token: null });
  const select = make("select", { "data-key": "probe", on: { change: () => pick(select.value) } },
    about.id === null ? make("option", { value: "", selected: true }, t("text.own")) : null,
    ["es", "en"].map((lang) => make("optgroup", { label: t(`language.${lang}`) },
      run.probes.filter((probe) => probe.lang === lang).map(({ id, text }) => make("option",
        { value: id, selected: id === about.id }, text)))));
  return make("label", { class: "field wide" }, make("span", { class: "field-name" }, t("text.probes")), select);
}
