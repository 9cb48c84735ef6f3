// Backgrounds, borders, outlines and shadows of a box, as SVG.

import { makeSvg } from "./dom.js";
import { plainColor } from "./paint.js";

const SIDES = ["Top", "Right", "Bottom", "Left"];

/**
 * What a box looks like apart from what is in it. The shadows that have a meaning are those without blur: they are
 * rings and edges; blurred ones only lift a card, and are left out.
 * @param {CSSStyleDeclaration} style
 * @param {{ x: number, y: number, width: number, height: number }} place
 */
export function boxParts(style, place) {
  const radius = cornerOf(style, place);
  const shadows = sharpShadows(style.boxShadow);
  const fill = plainColor(style.backgroundColor);
  return [
    shadows.filter(({ isInset }) => !isInset).map((shadow) => outerShadow(shadow, place, radius)),
    fill === "none" ? null : makeSvg("rect", { ...place, rx: radius, ry: radius, fill }),
    shadows.filter(({ isInset }) => isInset).map((shadow) => innerShadow(shadow, style, place, radius)),
    borderParts(style, place, radius),
    outlinePart(style, place, radius),
  ];
}

// A radius is never more than half a side: otherwise a pill would be an ellipse.
export function cornerOf(style, { width, height }) {
  const text = style.borderTopLeftRadius;
  const radius = (parseFloat(text) || 0) * (text.includes("%") ? Math.min(width, height) / 100 : 1);
  return Math.min(radius, width / 2, height / 2);
}

function sideOfBorder(style, side) {
  const kind = style[`border${side}Style`];
  const isDrawn = kind !== "none" && kind !== "hidden";
  return {
    kind, width: isDrawn ? parseFloat(style[`border${side}Width`]) || 0 : 0,
    color: plainColor(style[`border${side}Color`]),
  };
}

// One frame where all sides are alike, else an edge for each side that there is.
function borderParts(style, place, radius) {
  const sides = SIDES.map((side) => sideOfBorder(style, side));
  const isSeen = ({ width, color }) => width > 0 && color !== "none";
  if (!sides.some(isSeen)) return null;
  const [first] = sides;
  if (sides.every((side) => side.width === first.width && side.color === first.color && side.kind === first.kind)) {
    return boxRing(place, -first.width / 2, radius, first);
  }
  const { x, y, width, height } = place;
  const edges = sides.map((side) => side.width / 2);
  const ends = [
    [x, y + edges[0], x + width, y + edges[0]],
    [x + width - edges[1], y, x + width - edges[1], y + height],
    [x, y + height - edges[2], x + width, y + height - edges[2]],
    [x + edges[3], y, x + edges[3], y + height],
  ];
  return sides.map((side, i) => (isSeen(side) ? makeSvg("line", {
    x1: ends[i][0], y1: ends[i][1], x2: ends[i][2], y2: ends[i][3], stroke: side.color, "stroke-width": side.width,
    "stroke-dasharray": dashesOf(side),
  }) : null));
}

function dashesOf({ kind, width }) {
  if (kind === "dashed") return `${Math.max(width * 2, 3)} ${Math.max(width * 2, 3)}`;
  return kind === "dotted" ? `${width} ${width}` : null;
}

// A line around a box, its middle so far outside the edge.
function boxRing({ x, y, width, height }, out, radius, line) {
  if (width + 2 * out < 0 || height + 2 * out < 0) return null;
  const corner = radius > 0 ? Math.max(radius + out, 0) : 0;
  return makeSvg("rect", {
    x: x - out, y: y - out, width: width + 2 * out, height: height + 2 * out, rx: corner, ry: corner, fill: "none",
    stroke: line.color, "stroke-width": line.width, "stroke-dasharray": dashesOf(line),
  });
}

function outlinePart(style, place, radius) {
  const width = parseFloat(style.outlineWidth) || 0;
  const color = plainColor(style.outlineColor);
  if (style.outlineStyle === "none" || width === 0 || color === "none") return null;
  return boxRing(place, (parseFloat(style.outlineOffset) || 0) + width / 2, radius,
    { color, width, kind: style.outlineStyle });
}

/**
 * Of a list of shadows as the browser computes it ("rgb(0, 0, 0) 0px 2px 0px 0px inset, …") those without blur.
 * @param {string} list
 */
function sharpShadows(list) {
  if (!list || list === "none") return [];
  return list.split(/,(?![^(]*\))/).flatMap((shadow) => {
    const color = plainColor(shadow.match(/[a-z]+\([^)]*\)|#[0-9a-f]+/i)?.[0] ?? "");
    const [x, y, blur, spread] = [...shadow.matchAll(/(-?[\d.]+(?:e-?\d+)?)px/g)].map(([, value]) => Number(value));
    const isSeen = color !== "none" && blur === 0 && (x !== 0 || y !== 0 || spread !== 0);
    return isSeen ? [{ color, x, y, spread, isInset: /\binset\b/.test(shadow) }] : [];
  }).reverse();
}

function outerShadow({ color, x, y, spread }, place, radius) {
  if (x === 0 && y === 0) return boxRing(place, spread / 2, radius, { color, width: spread, kind: "solid" });
  const corner = radius > 0 ? radius + spread : 0;
  return makeSvg("rect", {
    x: place.x + x - spread, y: place.y + y - spread, width: place.width + 2 * spread,
    height: place.height + 2 * spread, rx: corner, ry: corner, fill: color,
  });
}

// Within the border: a ring, or a strip along the edges from which the shadow is moved away.
function innerShadow({ color, x, y, spread }, style, place, radius) {
  const inner = paddingBox(style, place);
  if (x === 0 && y === 0) return boxRing(inner, -spread / 2, radius, { color, width: spread, kind: "solid" });
  const strip = (part) => makeSvg("rect", { ...inner, ...part, fill: color });
  return [
    y === 0 ? null : strip({ y: y > 0 ? inner.y : inner.y + inner.height + y, height: Math.abs(y) }),
    x === 0 ? null : strip({ x: x > 0 ? inner.x : inner.x + inner.width + x, width: Math.abs(x) }),
  ];
}

function withinBox(style, { x, y, width, height }, sizeOf) {
  const [top, right, bottom, left] = SIDES.map((side) => sizeOf(style, side));
  return {
    x: x + left, y: y + top, width: Math.max(width - left - right, 0), height: Math.max(height - top - bottom, 0),
  };
}

export function paddingBox(style, place) {
  return withinBox(style, place, (from, side) => sideOfBorder(from, side).width);
}

export function contentBox(style, place) {
  return withinBox(style, paddingBox(style, place), (from, side) => parseFloat(from[`padding${side}`]) || 0);
}
