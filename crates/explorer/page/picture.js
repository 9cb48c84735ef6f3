// What an element looks like, as one SVG: boxes, words where they stand, canvases as vectors where they can.

import { pageColor } from "./color.js";
import { make, makeSvg } from "./dom.js";

// What an SVG element looks like comes from the style sheet, which a file does not have.
const PAINT = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "opacity", "font-family",
  "font-size", "font-weight", "text-anchor", "dominant-baseline",
];

export function pictureOf(element) {
  const frame = element.getBoundingClientRect();
  const width = Math.ceil(Math.max(element.scrollWidth, frame.width));
  const height = Math.ceil(Math.max(element.scrollHeight, frame.height));
  const picture = makeSvg("svg", {
    xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}`,
  },
    makeSvg("rect", { width, height, fill: pageColor("--paper") }));
  copyNode(element, frame, picture);
  return picture;
}

function copyNode(node, frame, picture) {
  if (node.nodeType === Node.TEXT_NODE) return copyText(node, frame, picture);
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  const style = getComputedStyle(node);
  if (style.display === "none" || style.visibility === "hidden") return;
  const box = node.getBoundingClientRect();
  const place = { x: box.left - frame.left, y: box.top - frame.top, width: box.width, height: box.height };
  if (node instanceof SVGSVGElement) picture.append(copySvg(node, place));
  else if (node instanceof HTMLCanvasElement) picture.append(copyCanvas(node, place));
  else {
    copyBox(style, place, picture);
    if (node.matches("select, input, textarea")) return copyField(node, style, place, picture);
    for (const child of node.childNodes) copyNode(child, frame, picture);
  }
}

function copyBox(style, { x, y, width, height }, picture) {
  const fill = isSeen(style.backgroundColor) ? style.backgroundColor : "none";
  const edge = parseFloat(style.borderTopWidth) > 0 && isSeen(style.borderTopColor) && style.borderTopStyle !== "none";
  if (fill === "none" && !edge) return;
  picture.append(makeSvg("rect", {
    x, y, width, height, rx: parseFloat(style.borderTopLeftRadius) || 0, fill: plain(fill),
    stroke: edge ? plain(style.borderTopColor) : null, "stroke-width": edge ? style.borderTopWidth : null,
  }));
}

function isSeen(color) {
  return color !== "transparent" && !/, 0\)$|\/ 0\)$/.test(color);
}

// Programs that open SVG know few ways to write a colour: a pixel that is painted with it says what it is.
const pixel = make("canvas").getContext("2d", { willReadFrequently: true });

function plain(color) {
  if (color === "none" || color.startsWith("rgb(")) return color;
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = color;
  pixel.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = pixel.getImageData(0, 0, 1, 1).data;
  return `rgba(${red},${green},${blue},${(alpha / 255).toFixed(3)})`;
}

// One text element for each line that the browser made.
function copyText(node, frame, picture) {
  const style = getComputedStyle(node.parentElement);
  for (const { text, box } of linesOfText(node)) {
    picture.append(makeSvg("text", {
      x: (box.left - frame.left).toFixed(1), y: (box.top - frame.top + box.height / 2).toFixed(1),
      "dominant-baseline": "central",
      fill: plain(style.color), "font-family": style.fontFamily, "font-size": style.fontSize,
      "font-weight": style.fontWeight, "font-style": style.fontStyle,
      "text-decoration": style.textDecorationLine === "none" ? null : style.textDecorationLine,
    }, text));
  }
}

function linesOfText(node) {
  const lines = [];
  const range = document.createRange();
  for (const match of node.data.matchAll(/\S+\s*/g)) {
    range.setStart(node, match.index);
    range.setEnd(node, match.index + match[0].trimEnd().length);
    const box = range.getBoundingClientRect();
    if (box.width === 0) continue;
    const last = lines.at(-1);
    if (last && Math.abs(last.box.top - box.top) < 3) last.text += match[0];
    else lines.push({ text: match[0], box });
  }
  return lines;
}

function copyField(node, style, { x, y, height }, picture) {
  const hasText = node.type !== "range" && node.type !== "checkbox";
  const text = node.matches("select") ? node.selectedOptions[0]?.textContent : hasText ? node.value : "";
  if (text) picture.append(makeSvg("text", {
    x: x + 10, y: y + height / 2, "dominant-baseline": "central", fill: plain(style.color),
    "font-family": style.fontFamily, "font-size": style.fontSize,
  }, text));
}

function copyCanvas(canvas, place) {
  const vector = canvas.vector?.();
  if (!vector) return makeSvg("image", { ...place, href: canvas.toDataURL("image/png"), preserveAspectRatio: "none" });
  vector.setAttribute("transform", `translate(${place.x} ${place.y})`);
  return vector;
}

function copySvg(svg, place) {
  const copy = svg.cloneNode(true);
  const originals = svg.querySelectorAll("*");
  copy.querySelectorAll("*").forEach((element, i) => {
    const style = getComputedStyle(originals[i]);
    for (const name of PAINT) {
      const value = style.getPropertyValue(name);
      element.setAttribute(name, name === "fill" || name === "stroke" ? plain(value) : value);
    }
    element.removeAttribute("class");
    element.removeAttribute("style");
  });
  for (const [name, value] of Object.entries(place)) copy.setAttribute(name, value);
  copy.removeAttribute("class");
  return copy;
}
