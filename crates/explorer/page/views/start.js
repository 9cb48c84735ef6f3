// The front door: what this is, the answer of a sentence, and three ways on.

import { make } from "../dom.js";
import { STATION_ORDER } from "../lesson/station-order.js";
import { VIEW_ORDER } from "../view-order.js";

// A bet and what follows it take about a minute.
const MINUTES_OF_A_STATION = 1;

/** @type {View} */
export const startView = {
  id: "start",
  isFree: true,
  isPlain: true,
  draw({ t, run, patch, reading, status }) {
    // Below a sentence that is still to come, the doors would be pushed down.
    if (!reading && status === "loading") return [];
    const minutes = STATION_ORDER.length * MINUTES_OF_A_STATION;
    return [make("div", { class: "doors" },
      door("lesson", t("start.lesson"), t("start.lesson_about", { minutes }), () => patch({ view: "lesson" })),
      door("own", t(run.live ? "start.own" : "start.examples"), t(run.live ? "start.own_about" : "start.examples_about"),
        chooseSentence),
      door("explore", t("start.explore"), t("start.explore_about"), () => patch({ view: VIEW_ORDER.look[0] }))),
    make("p", { class: "discovery" }, make("button", {
      type: "button", class: "link", "data-key": "door-decides", on: { click: () => patch({ view: "decides" }) },
    }, t("start.discovery")))];
  },
};

function door(name, title, about, open) {
  return make("button", { type: "button", class: "door card", "data-key": `door-${name}`, on: { click: open } },
    make("span", { class: "door-title" }, title), make("span", { class: "door-about" }, about));
}

// In the field, the old sentence gives way to what is typed; a recorded page has only its examples.
function chooseSentence() {
  const field = /** @type {HTMLTextAreaElement | null} */ (document.getElementById("text"));
  if (field && !field.disabled) {
    field.focus();
    field.select();
  } else /** @type {HTMLElement | null} */ (document.querySelector("[data-key=probe]"))?.focus();
}
