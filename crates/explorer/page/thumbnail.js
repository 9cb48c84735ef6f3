// One head as a small picture, a pixel for each pair of tokens.

import { make } from "./dom.js";
import { shade } from "./legend.js";

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

export function thumbnail({ heads, seq, weights }, layer, head, table) {
  const canvas = make("canvas", { class: "thumbnail", width: seq, height: seq, "aria-hidden": "true" });
  const pen = canvas.getContext("2d");
  const image = pen.createImageData(seq, seq);
  const pixels = new Uint32Array(image.data.buffer);
  const colors = pixelsOf(table);
  const from = (layer * heads + head) * seq * seq;
  for (let i = 0; i < pixels.length; i++) pixels[i] = colors[weights[from + i] >> 8];
  pen.putImageData(image, 0, 0);
  return canvas;
}
