// A vector as a strip of coloured cells, painted on canvas: negative, nothing, positive.

import { differenceRamp } from "./color.js";
import { make } from "./dom.js";

// `scale` is the value of the strongest colour; `chosen` a cell with a frame around it, or null.
// The strip is a picture of numbers that stand beside it as text, so it is hidden from screen readers.
export function drawStrip(values, scale, options = {}) {
  const { cell = 8, height = 14, chosen = null } = options;
  const density = Math.min(Math.max(Math.ceil(globalThis.devicePixelRatio ?? 1), 1), 3);
  const canvas = make("canvas", {
    class: "vector", "aria-hidden": "true", width: values.length * cell * density, height: height * density,
  });
  const paint = canvas.getContext("2d");
  const table = differenceRamp();
  values.forEach((value, i) => {
    const at = Math.round((Math.min(Math.max(value / scale, -1), 1) + 1) / 2 * 255) * 3;
    paint.fillStyle = `rgb(${table[at]} ${table[at + 1]} ${table[at + 2]})`;
    paint.fillRect(i * cell * density, 0, cell * density, height * density);
  });
  if (chosen !== null) frame(paint, chosen * cell * density, cell * density, height * density, density);
  return canvas;
}

function frame(paint, left, width, height, density) {
  paint.strokeStyle = getComputedStyle(document.documentElement).color;
  paint.lineWidth = 2 * density;
  paint.strokeRect(left + density, density, width - 2 * density, height - 2 * density);
}

// The greatest size among all numbers, for the scale of strips that are to be compared.
export function greatestSize(...arrays) {
  let greatest = 0;
  for (const values of arrays) for (const value of values) greatest = Math.max(greatest, Math.abs(value));
  return greatest || 1;
}
