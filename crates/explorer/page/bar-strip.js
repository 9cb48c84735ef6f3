// A vector as a row of small bars, up for positive and down for negative numbers, in the colour of what it is.

import { make } from "./dom.js";

// How much of the screen a vector gets: on a phone no less than can be seen, and no more where the page grows no wider.
const SHARE_OF_SCREEN = 1 / 9;
const NARROWEST_STRIP = 96;
const WIDEST_STRIP = 160;
const THINNEST_BAR = 2;

/**
 * How wide a bar is, so that three vectors of `n` numbers stand beside one another on most screens.
 * @param {number} n
 */
export function widthOfBar(n) {
  const room = Math.min(Math.max(innerWidth * SHARE_OF_SCREEN, NARROWEST_STRIP), WIDEST_STRIP);
  return Math.max(Math.floor(room / n), THINNEST_BAR);
}

/** @typedef {"query" | "key" | "value" | "ink"} VectorRole */

/**
 * `scale` is the number of the longest bar. The bars are a picture of numbers that stand elsewhere as text, so
 * they are hidden from screen readers.
 * @param {ArrayLike<number>} values
 * @param {number} scale
 * @param {VectorRole} role the name of the CSS variable of its colour
 */
export function drawBarStrip(values, scale, role, { cell = widthOfBar(values.length), height = 26 } = {}) {
  const density = Math.min(Math.max(Math.ceil(globalThis.devicePixelRatio ?? 1), 1), 3);
  const canvas = make("canvas", {
    class: `bar-strip of-${role}`, "aria-hidden": "true", width: values.length * cell * density,
    height: height * density, style: { width: `${values.length * cell}px`, height: `${height}px` },
  });
  const paint = canvas.getContext("2d");
  if (!paint) return canvas;
  paint.scale(density, density);
  const style = getComputedStyle(document.documentElement);
  const middle = height / 2;
  paint.fillStyle = style.getPropertyValue("--line");
  paint.fillRect(0, middle - 0.5, values.length * cell, 1);
  paint.fillStyle = style.getPropertyValue(`--${role}`);
  for (let i = 0; i < values.length; i++) {
    const length = Math.min(Math.max(values[i] / scale, -1), 1) * (middle - 1);
    // Narrow bars stand without a gap.
    paint.fillRect(i * cell, Math.min(middle, middle - length), cell > 2 ? cell - 1 : cell, Math.abs(length));
  }
  return canvas;
}
