// A table whose numbers have a bar beside them: to be seen, read aloud and copied.

import { make, setStyle } from "./dom.js";

// `headings`: the first is that of the rows. `rows`: { head, cells: [text or { text, share }], mark }.
// `share` from 0 to 1 is the length of the bar; `mark` a class for the row ("is-answer", "is-pronoun").
export function barTable(caption, headings, rows, className = "") {
  const table = make("table", { class: `bars ${className}`.trim() },
    make("caption", null, caption),
    make("thead", null, make("tr", null, headings.map((heading) => make("th", { scope: "col" }, heading)))),
    make("tbody", null, rows.map((row) => make("tr", { class: row.mark },
      make("th", { scope: "row" }, row.head),
      row.cells.map(barCell)))));
  // Where there is no room for it, it scrolls by itself, by keyboard too.
  return make("div", { class: "scroll-x bars-box", tabindex: "0", role: "region", "aria-label": caption }, table);
}

/** A number, or { text, share } with a bar as long as the share. */
export function barCell(cell) {
  if (cell === null || typeof cell !== "object") return make("td", { class: "number" }, cell ?? "–");
  return make("td", { class: "number with-bar" }, make("span", { class: "bar-number" }, cell.text),
    shareBar(cell.share));
}

export function shareBar(share) {
  const filled = make("span", { class: "bar-fill" });
  setStyle(filled, { width: `${Math.round(Math.min(Math.max(share, 0), 1) * 1000) / 10}%` });
  return make("span", { class: "bar", "aria-hidden": "true" }, filled);
}

// Rows of a bar table as rows of a CSV file.
export function barRowsAsCsv(headings, rows) {
  return [headings, ...rows.map(({ head, cells }) => [head, ...cells.map((cell) => cell?.text ?? cell ?? "")])];
}
