// The marks on the curves glide from one step to the next.

import { isStill } from "./motion.js";

/** @type {Map<string, [x: number, y: number]>} */
let placesBefore = new Map();

/**
 * Each mark, an element with `data-mark`, comes from where the one of that name stood in the drawing before.
 * @param {Element} drawing
 * @param {number} duration
 */
export function glideMarks(drawing, duration) {
  /** @type {Map<string, [x: number, y: number]>} */
  const places = new Map();
  for (const mark of drawing.querySelectorAll("[data-mark]")) {
    const name = mark.getAttribute("data-mark") ?? "";
    const at = (/** @type {string} */ key) => Number(mark.getAttribute(key) ?? 0);
    /** @type {[x: number, y: number]} */
    const place = [at("cx") || at("x1"), at("cy") || at("y1")];
    const before = placesBefore.get(name);
    places.set(name, place);
    if (!before || isStill() || (before[0] === place[0] && before[1] === place[1])) continue;
    const from = `translate(${before[0] - place[0]}px, ${before[1] - place[1]}px)`;
    mark.animate([{ transform: from }, { transform: "none" }], { duration, easing: "linear" });
  }
  placesBefore = places;
}
