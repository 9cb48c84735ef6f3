// Saves what is drawn: any view as SVG or PNG, a matrix as CSV.

import { captionOf } from "./caption.js";
import { pageColor } from "./color.js";
import { make } from "./dom.js";
import { pictureOf } from "./picture.js";
import { tableSwitch } from "./tables.js";

// A PNG has this many pixels for each one of the page in both directions, to be sharp in print.
const PNG_SCALE = 2;

/** @param {PageContext} context */
export function saveButtons(context, view, figure) {
  const { t } = context;
  const picture = () => pictureOf(figure, captionOf(context, view));
  const name = `${context.run.run.name}-${view.id}-${context.step ?? 0}`;
  const button = (kind, save) => make("button", {
    type: "button", class: "quiet-button", "data-key": `save-${kind}`,
    "aria-label": t("save.as", { kind: kind.toUpperCase() }), on: { click: save },
  }, kind.toUpperCase());
  return make("div", { class: "save", role: "group", "aria-label": t("save.label") },
    view.hasTable ? tableSwitch(context) : null,
    button("svg", () => saveBlob(new Blob([svgText(picture())], { type: "image/svg+xml" }), `${name}.svg`)),
    button("png", () => savePng(picture(), `${name}.png`)),
    view.csv ? button("csv",
      () => saveBlob(new Blob([csvText(view.csv(context))], { type: "text/csv;charset=utf-8" }),
        `${name}.csv`)) : null);
}

export function csvText(rows) {
  const quoted = (text) => (/[",\n\r]/.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text);
  const cell = (value) => quoted(String(value));
  return `${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}

function svgText(picture) {
  return new XMLSerializer().serializeToString(picture);
}

function savePng(picture, name) {
  const [width, height] = [Number(picture.getAttribute("width")), Number(picture.getAttribute("height"))];
  const image = new Image();
  image.addEventListener("load", () => {
    const canvas = make("canvas", { width: Math.ceil(width * PNG_SCALE), height: Math.ceil(height * PNG_SCALE) });
    const pen = canvas.getContext("2d");
    pen.fillStyle = pageColor("--paper");
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => saveBlob(blob, name), "image/png");
  });
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(picture))}`;
}

function saveBlob(blob, name) {
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
