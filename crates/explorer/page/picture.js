// What an element looks like, as one SVG: boxes, words where they stand, canvases as vectors where they can.

import { captionParts } from "./caption.js";
import { pageColor } from "./color.js";
import { make, makeSvg } from "./dom.js";
import { plainColor } from "./paint.js";
import { boxParts, contentBox, cornerOf, paddingBox } from "./picture-box.js";
import { FIELDS, fieldParts, OWN_LOOKS } from "./picture-field.js";
import { generatedParts, markerParts, textParts } from "./picture-text.js";

// What an SVG element looks like comes from the style sheet, which a file does not have.
const PAINT = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray", "stroke-linecap",
  "stroke-linejoin", "opacity", "font-family", "font-size", "font-weight", "font-style", "text-anchor",
  "dominant-baseline", "visibility", "display", "paint-order",
];

const CAPTION_GAP = 14;

/**
 * @param {Element} element
 * @param {string[]} caption lines that stand under the picture; the first is the sentence
 */
export function pictureOf(element, caption = []) {
  const frame = element.getBoundingClientRect();
  const width = Math.ceil(Math.max(element.scrollWidth, frame.width));
  const drawn = Math.ceil(Math.max(element.scrollHeight, frame.height));
  const { parts, height: below } = captionParts(caption, width, drawn + CAPTION_GAP);
  const height = below === 0 ? drawn : drawn + CAPTION_GAP + below;
  const picture = makeSvg("svg", {
    xmlns: "http://www.w3.org/2000/svg", width, height, viewBox: `0 0 ${width} ${height}`,
  },
    makeSvg("rect", { width, height, fill: plainColor(pageColor("--paper")) }));
  const copy = { frame, picture, clips: 0 };
  copyLayer(copy, picture, (layer) => copyNode(copy, element, layer));
  picture.append(...parts);
  return picture;
}

// Elements with a place of their own, as a table's head that stays, lie over the others of their layer.
function copyLayer(copy, group, draw) {
  const layer = { group, later: [] };
  draw(layer);
  for (const node of layer.later) copyLayer(copy, group, (own) => copyElement(copy, node, own));
}

function copyNode(copy, node, layer) {
  if (node.nodeType === Node.TEXT_NODE) return void layer.group.append(...textParts(node, copy.frame));
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  const style = getComputedStyle(node);
  // Words for screen readers alone are cut away to nothing.
  if (!node.checkVisibility({ visibilityProperty: true }) || style.clipPath === "inset(50%)") return;
  if (style.position === "static") copyElement(copy, node, layer);
  else layer.later.push(node);
}

function copyElement(copy, node, layer) {
  const style = getComputedStyle(node);
  const box = node.getBoundingClientRect();
  const place = { x: box.left - copy.frame.left, y: box.top - copy.frame.top, width: box.width, height: box.height };
  if (Number(style.opacity) >= 1) return copyInside(copy, node, style, place, layer);
  const group = makeSvg("g", { opacity: style.opacity });
  layer.group.append(group);
  copyLayer(copy, group, (inner) => copyInside(copy, node, style, place, inner));
}

function copyInside(copy, node, style, place, layer) {
  const { group } = layer;
  if (!node.matches(OWN_LOOKS)) putParts(group, boxParts(style, place));
  const content = contentBox(style, place);
  if (node instanceof SVGSVGElement) return putParts(group, copySvg(node, content));
  if (node instanceof HTMLCanvasElement) {
    return putParts(clippedGroup(copy, node, style, place, group), copyCanvas(node, content));
  }
  if (node.matches(FIELDS)) return putParts(group, fieldParts(node, style, place));
  putParts(group, markerParts(node, style, copy.frame));
  const inner = clippedGroup(copy, node, style, place, group);
  const children = (within) => {
    putParts(within.group, generatedParts(node, "::before", copy.frame));
    for (const child of node.childNodes) copyNode(copy, child, within);
    putParts(within.group, generatedParts(node, "::after", copy.frame));
  };
  if (inner === group) children(layer);
  else copyLayer(copy, inner, children);
}

function putParts(group, parts) {
  group.append(...[parts].flat(Infinity).filter((part) => part !== null && part !== undefined));
}

// A group that shows no more than the screen does of what is scrolled, or has round corners.
function clippedGroup(copy, node, style, place, group) {
  const isCanvas = node instanceof HTMLCanvasElement;
  const corner = cornerOf(style, place);
  const isCut = style.overflowX !== "visible" || style.overflowY !== "visible";
  const runsOut = node.scrollWidth > node.clientWidth || node.scrollHeight > node.clientHeight;
  if (isCanvas ? corner === 0 : !isCut || (!runsOut && corner === 0)) return group;
  const inner = paddingBox(style, place);
  copy.clips += 1;
  const id = `clip-${copy.clips}`;
  const radius = Math.max(corner - (inner.x - place.x), 0);
  const inside = makeSvg("g", { "clip-path": `url(#${id})` });
  group.append(makeSvg("clipPath", { id }, makeSvg("rect", { ...inner, rx: radius, ry: radius })), inside);
  return inside;
}

// Pixels that the browser enlarges without smoothing are enlarged here: not every program can be told to.
const SHARP_SCALE = 2;

function copyCanvas(canvas, place) {
  const vector = canvas.vector?.();
  if (vector) {
    vector.setAttribute("transform", `translate(${place.x} ${place.y})`);
    return vector;
  }
  const isSharp = getComputedStyle(canvas).imageRendering === "pixelated";
  const pixels = isSharp ? enlargedCanvas(canvas, place) : canvas;
  return makeSvg("image", {
    ...place, href: pixels.toDataURL("image/png"), preserveAspectRatio: "none",
    "image-rendering": isSharp ? "pixelated" : null,
  });
}

function enlargedCanvas(canvas, { width, height }) {
  const across = Math.max(Math.ceil(width * SHARP_SCALE / canvas.width), 1);
  const down = Math.max(Math.ceil(height * SHARP_SCALE / canvas.height), 1);
  const large = make("canvas", { width: canvas.width * across, height: canvas.height * down });
  const pen = large.getContext("2d");
  pen.imageSmoothingEnabled = false;
  pen.drawImage(canvas, 0, 0, large.width, large.height);
  return large;
}

function copySvg(svg, place) {
  const copy = svg.cloneNode(true);
  const originals = svg.querySelectorAll("*");
  copy.querySelectorAll("*").forEach((element, i) => {
    const style = getComputedStyle(originals[i]);
    for (const name of PAINT) {
      const value = style.getPropertyValue(name);
      element.setAttribute(name, name === "fill" || name === "stroke" ? plainColor(value) : value);
    }
    for (const name of ["class", "style", "tabindex", "role", "data-key"]) element.removeAttribute(name);
  });
  for (const [name, value] of Object.entries(place)) copy.setAttribute(name, value);
  for (const name of ["class", "style", "tabindex", "role"]) copy.removeAttribute(name);
  return copy;
}
