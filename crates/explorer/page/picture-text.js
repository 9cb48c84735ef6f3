// Words as they stand on the screen, numbers and bullets before them, as SVG.

import { makeSvg } from "./dom.js";
import { ascentOf, plainColor, textWidth } from "./paint.js";
import { boxParts } from "./picture-box.js";

// The colour of words that a picture shows, and their letters.
function letterAttributes(style) {
  return {
    fill: plainColor(style.color), "font-family": style.fontFamily, "font-size": style.fontSize,
    "font-weight": style.fontWeight, "font-style": style.fontStyle === "normal" ? null : style.fontStyle,
    "letter-spacing": style.letterSpacing === "normal" ? null : style.letterSpacing,
    "text-decoration": style.textDecorationLine === "none" ? null : style.textDecorationLine,
  };
}

/**
 * A line of words; `width` keeps it as long as on the screen where another program has other letters.
 * @param {CSSStyleDeclaration} style
 * @param {{ x: number, baseline: number, width?: number | null, anchor?: string | null }} place
 */
export function textPart(style, { x, baseline, width = null, anchor = null }, text) {
  return makeSvg("text", {
    x: x.toFixed(2), y: baseline.toFixed(2), ...letterAttributes(style), "text-anchor": anchor,
    textLength: width === null ? null : width.toFixed(2), lengthAdjust: width === null ? null : "spacingAndGlyphs",
  }, text);
}

// One text element for each line that the browser made.
export function textParts(node, frame) {
  const holder = node.parentElement;
  const style = getComputedStyle(holder);
  const room = endOfLine(holder);
  return linesOfText(node).map(({ text, left, right, top, height }) => {
    const { ascent, height: high } = ascentOf(style);
    const baseline = top - frame.top + (height - high) / 2 + ascent;
    const shown = casedText(style, text.replaceAll(/[ \t\r\n]+/g, " ").trimEnd());
    const cut = right > room + 1 ? shortenedText(style, shown, room - left) : shown;
    return textPart(style, { x: left - frame.left, baseline, width: cut === shown ? right - left : null }, cut);
  });
}

function casedText({ textTransform }, text) {
  if (textTransform === "uppercase") return text.toLocaleUpperCase(document.documentElement.lang);
  return textTransform === "lowercase" ? text.toLocaleLowerCase(document.documentElement.lang) : text;
}

// How far to the right words may reach where an ellipsis stands for the rest.
function endOfLine(element) {
  const isCut = getComputedStyle(element).textOverflow === "ellipsis" && element.scrollWidth > element.clientWidth;
  return isCut ? element.getBoundingClientRect().right : Infinity;
}

function shortenedText(style, text, room) {
  const characters = Array.from(text);
  while (characters.length > 0 && textWidth(style, `${characters.join("")}…`) > room) characters.pop();
  return `${characters.join("")}…`;
}

// Words that stand in a line; a word that is broken stands in several.
function linesOfText(node) {
  const lines = [];
  const range = document.createRange();
  const add = (start, end, after) => {
    range.setStart(node, start);
    range.setEnd(node, end);
    const boxes = range.getClientRects();
    if (boxes.length > 1 && end - start > 1) {
      for (let i = start; i < end; i++) add(i, i + 1, i === end - 1 ? after : "");
      return;
    }
    const [box] = boxes;
    if (!box || box.width === 0) return;
    const text = node.data.slice(start, end) + after;
    const last = lines.at(-1);
    if (last && Math.abs(last.top - box.top) < 3 && box.left >= last.right - 1) {
      last.text += text;
      last.right = box.right;
    } else lines.push({ text, left: box.left, right: box.right, top: box.top, height: box.height });
  };
  for (const match of node.data.matchAll(/(\S+)(\s*)/g)) add(match.index, match.index + match[1].length, match[2]);
  return lines;
}

/**
 * What a style sheet puts before or after the words of an element.
 * @param {"::before" | "::after"} which
 */
export function generatedParts(element, which, frame) {
  const style = getComputedStyle(element, which);
  if (style.content === "none" || style.content === "normal" || style.display === "none") return [];
  const text = generatedText(element, style.content);
  const outer = element.getBoundingClientRect();
  const { ascent, height } = ascentOf(style);
  if (style.position === "absolute") {
    const own = getComputedStyle(element);
    const place = {
      x: outer.left - frame.left + (parseFloat(own.borderLeftWidth) || 0) + (parseFloat(style.left) || 0),
      y: outer.top - frame.top + (parseFloat(own.borderTopWidth) || 0) + (parseFloat(style.top) || 0),
      width: parseFloat(style.width) || 0, height: parseFloat(style.height) || 0,
    };
    const baseline = place.y + (place.height - height) / 2 + ascent;
    return [...boxParts(style, place), text ? textPart(style, { x: place.x, baseline }, text) : null];
  }
  const line = firstLine(element);
  if (!text || !line) return [];
  const baseline = line.top - frame.top + (line.height - height) / 2 + ascent;
  const gap = (parseFloat(style.marginRight) || 0) + (parseFloat(style.paddingRight) || 0);
  const x = which === "::before" ? line.left - gap - textWidth(style, text) : line.right;
  return [textPart(style, { x: x - frame.left, baseline }, text)];
}

// `content` is strings and counters, which count how often the list was counted on until here.
function generatedText(element, content) {
  const parts = content.matchAll(/"((?:[^"\\]|\\.)*)"|counter\((\w+)\)/g);
  return Array.from(parts, ([, text, counter]) => (counter ? String(counterAt(element, counter)) : text)).join("");
}

function counterAt(element, counter) {
  let sum = 0;
  for (let each = element; each; each = each.previousElementSibling) {
    const step = getComputedStyle(each).counterIncrement.match(new RegExp(`\\b${counter} (-?\\d+)`));
    sum += Number(step?.[1] ?? 0);
  }
  return sum;
}

function firstLine(element) {
  const range = document.createRange();
  range.selectNodeContents(element);
  return range.getClientRects()[0] ?? null;
}

// The bullet or number of a list's item, which is no element: where the browser puts it.
export function markerParts(element, style, frame) {
  if (style.display !== "list-item" || style.listStyleType === "none") return [];
  const line = firstLine(element);
  if (!line) return [];
  const { ascent, height } = ascentOf(style);
  const top = line.top - frame.top + (line.height - height) / 2;
  if (style.listStyleType === "disc") {
    const size = Math.floor((Math.floor(ascent * 2 / 3) + 1) / 2);
    const left = element.getBoundingClientRect().left - frame.left - Math.floor(ascent * 2 / 3) - 9;
    const y = top + 3 * (ascent - Math.floor(ascent * 2 / 3)) / 2;
    return [makeSvg("circle", {
      cx: left + 1 + size / 2, cy: y + size / 2, r: size / 2, fill: plainColor(style.color),
    })];
  }
  if (style.listStyleType.startsWith("disclosure")) return [disclosureMark(element, style, frame, top + ascent)];
  const place = [...element.parentElement.children].indexOf(element) + 1;
  return [textPart(style, {
    x: element.getBoundingClientRect().left - frame.left - 6, baseline: top + ascent, anchor: "end",
  }, `${place}.`)];
}

// The triangle of what can be folded.
function disclosureMark(element, style, frame, baseline) {
  const [x, size] = [element.getBoundingClientRect().left - frame.left, parseFloat(style.fontSize) * 0.5];
  const isOpen = element.parentElement.open;
  const corners = isOpen ? [[0, -size], [size, -size], [size / 2, -size / 4]]
    : [[0, -size * 1.1], [size * 0.8, -size * 0.6], [0, -size * 0.1]];
  return makeSvg("polygon", {
    points: corners.map(([right, down]) => `${x + right},${baseline + down}`).join(" "), fill: plainColor(style.color),
  });
}
