// One head as a small picture, a pixel for each pair of tokens.

import { make } from "./dom.js";
import { shade } from "./legend.js";

// More pixels than this do not show at the size of a thumbnail.
const MAX_SIDE = 96;

// From the upper byte of a weight to a pixel, for each ramp once.
const pixelTables = new WeakMap();

function pixelsOf(table) {
  if (!pixelTables.has(table)) {
    const bytes = new Uint8ClampedArray(256 * 4);
    for (let i = 0; i < 256; i++) {
      const color = Math.round(shade(i / 255) * 255) * 3;
      bytes.set([table[color], table[color + 1], table[color + 2], 255], i * 4);
    }
    pixelTables.set(table, new Uint32Array(bytes.buffer));
  }
  return pixelTables.get(table);
}

// Of a long text, each pixel shows the strongest of a square of weights.
export function thumbnail({ heads, seq, weights }, layer, head, table) {
  const square = Math.ceil(seq / MAX_SIDE);
  const size = Math.ceil(seq / square);
  const canvas = make("canvas", { class: "thumbnail", width: size, height: size, "aria-hidden": "true" });
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(size, size);
  const pixels = new Uint32Array(image.data.buffer);
  const colors = pixelsOf(table);
  const strongest = new Uint16Array(size * size);
  const from = (layer * heads + head) * seq * seq;
  for (let row = 0; row < seq; row++) {
    const start = from + row * seq;
    const above = Math.floor(row / square) * size;
    for (let column = 0, place = above, left = square; column < seq; column++) {
      if (weights[start + column] > strongest[place]) strongest[place] = weights[start + column];
      if (--left === 0) [place, left] = [place + 1, square];
    }
  }
  for (let i = 0; i < pixels.length; i++) pixels[i] = colors[strongest[i] >> 8];
  pen.putImageData(image, 0, 0);
  return canvas;
}
