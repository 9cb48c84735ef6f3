// Fields as they stand on the screen: the browser draws them, and a file has to draw them itself.

import { makeSvg } from "./dom.js";
import { ascentOf, plainColor, textWidth } from "./paint.js";
import { contentBox } from "./picture-box.js";
import { textPart } from "./picture-text.js";

export const FIELDS = "select, input, textarea";
// The browser draws these without the background and the border that their style names.
export const OWN_LOOKS = "input[type=radio], input[type=checkbox], input[type=range]";

// Of a radio button or a box only whether it is chosen is drawn, never its value, which nobody sees.
export function fieldParts(node, style, place) {
  if (node.matches("input[type=radio], input[type=checkbox]")) return choiceParts(node, style, place);
  if (node.matches("input[type=range]")) return rangeParts(node, style, place);
  const text = node.matches("select") ? node.selectedOptions[0]?.textContent ?? "" : node.value;
  const inner = contentBox(style, place);
  return [fieldText(node, style, inner, text), node.matches("select") ? selectArrow(style, inner) : null];
}

function accentOf(style) {
  return plainColor(style.accentColor === "auto" ? style.color : style.accentColor);
}

function choiceParts(node, style, { x, y, width, height }) {
  const size = Math.min(width, height) - 1;
  const [cx, cy] = [x + width / 2, y + height / 2];
  const accent = accentOf(style);
  const frame = {
    stroke: node.checked ? accent : plainColor(style.color), "stroke-width": 1,
    "stroke-opacity": node.disabled ? 0.3 : node.checked ? 1 : 0.6, fill: "none",
  };
  if (node.type === "radio") return [
    makeSvg("circle", { cx, cy, r: size / 2, ...frame }),
    node.checked ? makeSvg("circle", { cx, cy, r: size / 2 - 2.5, fill: accent }) : null,
  ];
  const box = { x: cx - size / 2, y: cy - size / 2, width: size, height: size, rx: 2.5, ry: 2.5 };
  return [
    makeSvg("rect", { ...box, ...frame, fill: node.checked ? accent : "none" }),
    node.checked ? makeSvg("polyline", {
      points: [[-0.28, 0], [-0.08, 0.22], [0.3, -0.24]].map(([right, down]) => (
        `${cx + size * right},${cy + size * down}`)).join(" "),
      fill: "none", stroke: "rgb(255, 255, 255)", "stroke-width": size * 0.14,
    }) : null,
  ];
}

function rangeParts(node, style, { x, y, width, height }) {
  const [low, high] = [Number(node.min || 0), Number(node.max || 100)];
  const share = high > low ? (Number(node.value) - low) / (high - low) : 0;
  const [radius, cy] = [8, y + height / 2];
  const at = x + radius + share * (width - 2 * radius);
  const track = { x: x + 2, y: cy - 4, height: 8, rx: 4, ry: 4 };
  return [
    makeSvg("rect", { ...track, width: Math.max(width - 4, 0), fill: plainColor(style.color), "fill-opacity": 0.12 }),
    makeSvg("rect", { ...track, width: Math.max(at - x - 2, 0), fill: accentOf(style) }),
    makeSvg("circle", { cx: at, cy, r: radius, fill: accentOf(style) }),
  ];
}

function fieldText(node, style, { x, y, width, height }, text) {
  const { ascent, height: high } = ascentOf(style);
  const baseline = node.matches("textarea") ? y + ascent : y + (height - high) / 2 + ascent;
  const room = node.matches("select") ? width - 20 : width;
  const characters = Array.from(text.split("\n")[0]);
  while (characters.length > 0 && textWidth(style, characters.join("")) > room) characters.pop();
  return textPart(style, { x: x + (node.matches("select") ? 4 : 0), baseline }, characters.join(""));
}

function selectArrow(style, { x, y, width, height }) {
  const [right, middle] = [x + width - 4, y + height / 2];
  return makeSvg("polyline", {
    points: `${right - 8},${middle - 2} ${right - 4},${middle + 2} ${right},${middle - 2}`, fill: "none",
    stroke: plainColor(style.color), "stroke-width": 1.5,
  });
}
