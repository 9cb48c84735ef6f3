// Curves on canvas, and the same as vectors for a file.

import { makeSvg } from "./dom.js";

// Sizes a canvas for the screen it is on; null where it has no width yet.
export function penFor(canvas, height) {
  const width = canvas.clientWidth;
  if (width === 0) return null;
  const scale = devicePixelRatio;
  const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
    canvas.style.height = `${height}px`;
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  return { pen, width };
}

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
  return makeSvg("g", { fill: "none" }, strokes.map(({ path, color, alpha, width }) => makeSvg("path", { d: path, stroke: color, "stroke-opacity": alpha.toFixed(3), "stroke-width": width.toFixed(2) })));
}

export function curve(x0, y0, x1, y1) {
  const [a, b] = [x0 + (x1 - x0) * 0.4, x0 + (x1 - x0) * 0.6];
  return `M${x0} ${y0}C${a} ${y0} ${b} ${y1} ${x1} ${y1}`;
}
