// A pair of numbers that rotary positions turn, as the hand of a clock.

import { makeSvg } from "../dom.js";
import { turnOf } from "./measures.js";

/**
 * @param {number} position
 * @param {number} pair
 * @param {Activations["positions"]} positions
 * @param {number} size in pixels
 */
export function clock(position, pair, positions, size) {
  const turn = turnOf(position, pair, positions);
  const [x, y] = [Math.sin(turn * 2 * Math.PI), -Math.cos(turn * 2 * Math.PI)];
  return makeSvg("svg", { class: "map-clock", viewBox: "-11 -11 22 22", width: size, height: size, "aria-hidden": "true" },
    makeSvg("circle", { r: 9.5, fill: "none", stroke: "currentColor", "stroke-width": 1 }),
    makeSvg("line", { x1: 0, y1: 0, x2: 0, y2: -9, stroke: "currentColor", "stroke-width": 0.75, "stroke-dasharray": "1.5 1.5" }),
    makeSvg("line", { x1: 0, y1: 0, x2: 8.5 * x, y2: 8.5 * y, stroke: "currentColor", "stroke-width": 2, "stroke-linecap": "round" }));
}
