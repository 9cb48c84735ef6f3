// Colours as programs that open SVG know them, and how high letters stand: what a copy of the screen is made with.

import { make } from "./dom.js";

// A pixel that is painted with a colour says what it is.
const pixel = make("canvas", { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
const plainColors = new Map();

// Red, green and blue to 255 and alpha to 1, of anything that the browser takes for a colour.
function channelsOf(color) {
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = color;
  pixel.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = pixel.getImageData(0, 0, 1, 1).data;
  return { red, green, blue, alpha: alpha / 255 };
}

/**
 * The colour in a way that every program knows; "none" for one that cannot be seen.
 * @param {string} color
 */
export function plainColor(color) {
  if (color === "" || color === "none" || color.startsWith("url(")) return color || "none";
  if (!plainColors.has(color)) {
    const { red, green, blue, alpha } = channelsOf(color);
    const opaque = /^rgb\(\d+, \d+, \d+\)$/.test(color) ? color : `rgb(${red}, ${green}, ${blue})`;
    const clear = `rgba(${red},${green},${blue},${alpha.toFixed(3)})`;
    plainColors.set(color, alpha === 0 ? "none" : alpha === 1 ? opaque : clear);
  }
  return plainColors.get(color);
}

function fontOf({ fontStyle, fontWeight, fontSize, fontFamily }) {
  return `${fontStyle} ${fontWeight} ${fontSize} ${fontFamily}`;
}

const ascents = new Map();

// From the top of a line's letters down to the line that they stand on.
export function ascentOf(style) {
  const font = fontOf(style);
  if (!ascents.has(font)) {
    pixel.font = font;
    const { fontBoundingBoxAscent, fontBoundingBoxDescent } = pixel.measureText("x");
    ascents.set(font, { ascent: fontBoundingBoxAscent, height: fontBoundingBoxAscent + fontBoundingBoxDescent });
  }
  return ascents.get(font);
}

export function textWidth(style, text) {
  pixel.font = fontOf(style);
  return pixel.measureText(text).width;
}
