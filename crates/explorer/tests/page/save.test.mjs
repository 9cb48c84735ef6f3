// Any view as SVG and PNG, any matrix as CSV, and one view for a notebook or slides.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { key, test } from "./harness.mjs";

async function saved(page, kind) {
  const [download] = await Promise.all([page.waitForEvent("download"), key(page, `save-${kind}`).click()]);
  assert.match(download.suggestedFilename(), new RegExp(`\\.${kind}$`));
  return readFileSync(await download.path());
}

test("every view is saved as SVG with its words, and as PNG with colours in it", async ({ open }) => {
  for (const view of ["heads", "matrix", "model", "rollout", "time", "compare"]) {
    const page = await open({ view });
    if (view === "time") await page.waitForSelector(".curves");
    const svg = (await saved(page, "svg")).toString();
    assert.match(svg, /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/, view);
    assert.doesNotMatch(svg, / style=| class=|color-mix|var\(/, `${view}: what only a style sheet explains`);
    const faults = await page.evaluate((text) => new DOMParser().parseFromString(text, "image/svg+xml").querySelectorAll("parsererror").length, svg);
    assert.equal(faults, 0, view);
    if (view !== "model") assert.match(svg, />robot/, view);
    const png = await saved(page, "png");
    assert.equal(png.subarray(1, 4).toString(), "PNG");
    const colors = await page.evaluate(async (bytes) => {
      const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const pen = canvas.getContext("2d");
      pen.drawImage(bitmap, 0, 0);
      return new Set(new Uint32Array(pen.getImageData(0, 0, bitmap.width, bitmap.height).data.buffer)).size;
    }, [...png]);
    assert.ok(colors > 20, `${view}: ${colors} colours`);
  }
});

test("a matrix is saved as CSV whose rows are distributions", async ({ open }) => {
  const page = await open({ view: "matrix" });
  const rows = (await saved(page, "csv")).toString().trim().split("\r\n").map((line) => line.split(","));
  assert.equal(rows.length, rows[0].length);
  assert.equal(rows[0][3], "robot");
  for (const [name, ...cells] of rows.slice(1)) {
    const sum = cells.map(Number).reduce((total, value) => total + value);
    assert.ok(Math.abs(sum - 1) < 0.002, `${name}: ${sum}`);
  }
});

// A notebook shows a file in a frame that may run scripts and nothing else, or puts its text into one.
const FRAMES = {
  "a notebook's frame": ({ url }) => `<!doctype html><iframe sandbox="allow-scripts" width="1000" height="700" src="${url}"></iframe>`,
  "the text of a frame": ({ file }) => `<!doctype html><iframe sandbox="allow-scripts" width="1000" height="700" srcdoc="${readFileSync(file, "utf8").replaceAll("&", "&amp;").replaceAll('"', "&quot;")}"></iframe>`,
};
for (const [place, around] of Object.entries(FRAMES)) {
  test(`one view alone, in ${place}`, async ({ exportView, openFrame }) => {
    const exported = exportView("--view", "view=matrix&probe=probe-es-02", "--probes", "3", "--snapshots", "1");
    try {
      const frame = await openFrame(around(exported));
      await frame.waitForSelector("#stage svg, #stage canvas");
      assert.match(await frame.locator("#stage h2").innerText(), /^Matri[xz]$/);
      assert.match(await frame.locator("#answer-line").innerText(), /^ella /);
      for (const part of [".header", ".tabs", ".toolbar", "#text-panel"]) {
        assert.equal(await frame.locator(part).count(), 1, part);
        assert.equal(await frame.locator(part).isVisible(), false, part);
      }
    } finally {
      exported.remove();
    }
  });
}
