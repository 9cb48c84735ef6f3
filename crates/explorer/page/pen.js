// Curves on canvas, and the same as vectors for a file.

import { make, makeSvg } from "./dom.js";

// Painted beyond the edges of the screen, so that scrolling a little needs no painting.
const MARGIN = 200;
// A column that is no higher is painted whole: that is quick, and it can be printed.
const MAX_WHOLE = 1600;

// Sizes a canvas for the part of a column of `height` that is on the screen, and puts it there:
// { pen, width, from, to } with the pen in the column's coordinates; null where the canvas has no width yet.
export function penFor(canvas, height) {
  const frame = canvas.parentElement;
  const width = frame?.clientWidth ?? 0;
  if (width === 0) return null;
  const top = frame.getBoundingClientRect().top;
  const isWhole = height <= MAX_WHOLE;
  const from = isWhole ? 0 : Math.max(0, Math.min(Math.floor(-top - MARGIN), height));
  const to = isWhole ? height : Math.max(from, Math.min(height, Math.ceil(innerHeight - top + MARGIN)));
  const scale = devicePixelRatio;
  const [across, down] = [Math.round(width * scale), Math.max(Math.round((to - from) * scale), 1)];
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${to - from}px`;
  }
  canvas.style.transform = `translateY(${from}px)`;
  frame.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, -from * scale);
  pen.clearRect(0, from, width, to - from);
  return { pen, width, from, to };
}

// A canvas in a frame that is painted when it gets a size or other parts of it are scrolled to.
export function linesFrame(attributes, paint) {
  const canvas = make("canvas", { ...attributes, class: "lines" });
  const frame = make("div", { class: "lines-frame" }, canvas);
  new ResizeObserver(() => { painted.set(frame, paint); paint(); }).observe(frame);
  return { canvas, frame };
}

// Frames on the page and what paints them; one that has left is dropped, and comes back when it has a size again.
const painted = new Map();
let isScrolled = false;

addEventListener("scroll", () => {
  if (isScrolled) return;
  isScrolled = true;
  requestAnimationFrame(() => {
    isScrolled = false;
    for (const [frame, paint] of painted) {
      if (frame.isConnected) paint();
      else painted.delete(frame);
    }
  });
}, { passive: true });

// A list of { path, color, alpha, width }, `path` in the language of SVG.
export function strokeAll(pen, strokes) {
  for (const { path, color, alpha, width } of strokes) {
    pen.strokeStyle = color;
    pen.globalAlpha = alpha;
    pen.lineWidth = width;
    pen.stroke(new Path2D(path));
  }
  pen.globalAlpha = 1;
}

export function vectorStrokes(strokes) {
  return makeSvg("g", { fill: "none" },
    strokes.map(({ path, color, alpha, width }) => makeSvg("path", {
      d: path, stroke: color, "stroke-opacity": alpha.toFixed(3), "stroke-width": width.toFixed(2),
    })));
}

export function curve(x0, y0, x1, y1) {
  const [a, b] = [x0 + (x1 - x0) * 0.4, x0 + (x1 - x0) * 0.6];
  return `M${x0} ${y0}C${a} ${y0} ${b} ${y1} ${x1} ${y1}`;
}
