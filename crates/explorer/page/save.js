// Saves what is drawn: matrices as CSV.

import { make } from "./dom.js";

export function saveButtons(context, view) {
  const { t } = context;
  if (!view.csv) return null;
  return make("div", { class: "save", role: "group", "aria-label": t("save.label") },
    make("button", { type: "button", class: "quiet-button", "data-key": "save-csv", on: { click: () => saveCsv(view.csv(context), fileName(context, view, "csv")) } }, "CSV"));
}

function fileName({ run, step }, view, ending) {
  return `${run.run.name}-${view.id}-${step ?? "step"}.${ending}`;
}

export function csvText(rows) {
  const cell = (value) => (/[",\n\r]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value));
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

function saveCsv(rows, name) {
  saveBlob(new Blob([csvText(rows)], { type: "text/csv;charset=utf-8" }), name);
}

export function saveBlob(blob, name) {
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
