// What stands around the views: header, sentence, answer, tabs, toolbar, and a line that is read aloud.

import { drawAboutModel } from "./about-model.js";
import { anaphorsOf } from "./anaphors.js";
import { drawAnswer } from "./answer.js";
import { fill, make, writeText } from "./dom.js";
import { bindGlossary, drawDefinitions } from "./glossary.js";
import { drawHeader } from "./header.js";
import { drawIntro } from "./intro.js";
import { markPresent } from "./present.js";
import { drawStage } from "./stage.js";
import { createTextPanel } from "./text-panel.js";
import { drawToolbar } from "./toolbar.js";
import { drawTabs } from "./tabs.js";
import { hintInput } from "./unmoved-hint.js";
import { viewOf } from "./views.js";
import { markFocus } from "./word-strip.js";

export function createFrame(page, answers, redraw) {
  const live = make("p", { class: "aloud", role: "status", "aria-live": "polite" });
  const announce = (text) => { live.textContent = text; };
  const textPanel = createTextPanel();
  const regions = [
    region("header", { class: "header" }, drawHeader, (c) => [c.language, c.state.theme, c.run, c.state.present]),
    region("section", { class: "intro" }, drawIntro, (c) => [c.language, viewOf(c.state).id]),
    { element: textPanel.element, draw: textPanel.draw },
    region("section", { class: "answer card", id: "answer" }, drawAnswer, answerInputs, markFocus),
    region("nav", { class: "tabs" }, drawTabs, (c) => [c.language, c.state.view]),
    region("aside", { class: "toolbar card" }, drawToolbar, toolbarInputs),
    region("main", { class: "stage", id: "stage", tabindex: "-1" }, drawStage, stageInputs()),
    region("footer", { class: "about-model" }, drawAboutModel, (c) => [c.language, c.reading === null, c.status]),
    region("div", { hidden: true }, drawDefinitions, (c) => [c.language]),
  ];
  const [header, intro, text, answer, tabs, toolbar, stage, footer, definitions] = regions.map(({ element }) => element);
  const skip = make("a", {
    class: "skip", href: "#stage", on: { click: (event) => { event.preventDefault(); stage.focus(); } },
  });
  const sentence = make("div", { class: "sentence card" }, answer, text);
  const work = make("div", { class: "work" }, toolbar, stage);
  page.replaceChildren(skip, header, intro, sentence, tabs, work, footer, definitions, live);
  page.classList.add("is-settling");
  bindGlossary();

  function draw(context) {
    const { state, t, language } = context;
    // Writing the same again would have the browser compute all styles anew, at each key that is typed.
    if (document.documentElement.lang !== language) document.documentElement.lang = language;
    writeText(document.querySelector("title"), `${t("title")} · ${context.run.run.name}`);
    if (state.theme === "") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = state.theme;
    writeText(skip, t("skip"));
    const view = viewOf(state);
    sentence.hidden = Boolean(view.isAlone); // a lesson that asks for the answer must not show it
    tabs.hidden = Boolean(view.isPlain);
    work.classList.toggle("is-free", Boolean(view.isFree)); // else the tools keep their place while the text is read
    page.classList.toggle("is-start", Boolean(view.isPlain));
    page.classList.toggle("is-lesson", view.id === "lesson");
    markPresent(state);
    context.retry = () => { answers.forgetErrors(); redraw(); };
    for (const { draw: drawRegion } of regions) drawRegion(context);
    if (!isSettled && context.status !== "loading") settle();
  }

  // What stands below a figure is seen once the figure has found its height.
  let isSettled = false;
  function settle() {
    isSettled = true;
    requestAnimationFrame(() => requestAnimationFrame(() => page.classList.remove("is-settling")));
  }

  // After a change of colours, everything that was painted on canvas is wrong.
  function repaint() {
    for (const part of regions) part.forget?.();
    redraw();
  }
  return { draw, announce, repaint };
}

function answerInputs(c) {
  // While the next answer is under way, the last one stays as it is; words that have none are those of now.
  const text = c.shown === "ready" ? "" : c.about.text;
  return [c.reading, c.before, c.language, c.shown, c.error, c.variants, anaphorsOf(c), text, hintInput(c)];
}

// A view is drawn at every change. Where only what is asked has changed, it waits for the answer: between the
// two it would draw the same reading again.
function stageInputs() {
  /** @type {{ key: string, reading: Reading | null, inputs: unknown[] }} */
  let last = { key: "", reading: null, inputs: [] };
  return ({ state, status, reading }) => {
    const key = JSON.stringify({ ...state, text: "", probe: "", pronoun: null, which: 0, masked: [], ablated: [] });
    const isWaiting = status === "loading" && reading !== null && reading === last.reading && key === last.key;
    if (!isWaiting) last = { key, reading, inputs: [{}] };
    return last.inputs;
  };
}

/**
 * `top` is not among them: its slider shows it already, and to draw it again would end the dragging.
 * @param {PageContext} context
 */
function toolbarInputs({ state: s, reading, language }) {
  return [
    reading, language, s.view, s.selected, s.combine, s.special, s.fold, s.checkpoint, s.snapshot, s.masked, s.ablated,
    s.ablation,
  ];
}

// A part of the page, drawn again only when one of its inputs is another object or value, and not while a
// slider in it is being dragged; `touch` is called every time, for cheap changes.
function region(tag, attributes, drawContent, inputsOf, touch) {
  const element = make(tag, attributes);
  /** @type {unknown[] | null} */
  let seen = null;
  let latest = null;
  const draw = (context) => {
    latest = context;
    const inputs = inputsOf(context);
    if ((!seen || inputs.some((value, i) => value !== seen?.[i])) && !element.querySelector("[data-dragged]")) {
      seen = inputs;
      fill(element, drawContent(context, element));
    }
    touch?.(context, element);
  };
  element.addEventListener("change", () => latest && draw(latest));
  return { element, draw, forget: () => { seen = null; } };
}
