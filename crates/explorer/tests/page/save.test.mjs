// Any view as SVG and PNG, any matrix as CSV, and one view for a notebook or slides.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { key, settled, test } from "./harness.mjs";

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

// How much a saved picture and the screen differ: the share of squares of 8 pixels whose mean colour is another, with
// where they are. Letters may stand a hair apart; a bar, a frame or an outline that is missing is more than that.
function differenceOf(page, svg, screen) {
  return page.evaluate(async ([text, png]) => {
    const SIDE = 8;
    const TOLERANCE = 36;
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    const shot = await createImageBitmap(new Blob([Uint8Array.from(atob(png), (each) => each.charCodeAt(0))]));
    const [width, height] = [Math.min(shot.width, image.width), Math.min(shot.height, image.height)];
    const pixels = (source) => {
      const pen = new OffscreenCanvas(width, height).getContext("2d");
      pen.drawImage(source, 0, 0);
      return pen.getImageData(0, 0, width, height).data;
    };
    const [a, b] = [pixels(image), pixels(shot)];
    const bad = [];
    let squares = 0;
    for (let top = 0; top + SIDE <= height; top += SIDE) {
      for (let left = 0; left + SIDE <= width; left += SIDE) {
        squares += 1;
        const sums = [0, 0, 0];
        for (let y = top; y < top + SIDE; y++) for (let x = left; x < left + SIDE; x++) {
          for (let c = 0; c < 3; c++) sums[c] += a[(y * width + x) * 4 + c] - b[(y * width + x) * 4 + c];
        }
        if (Math.max(...sums.map(Math.abs)) / SIDE ** 2 > TOLERANCE) bad.push([left, top]);
      }
    }
    return { share: bad.length / squares, bad: bad.slice(0, 12), height: image.height, screen: shot.height };
  }, [svg, screen.toString("base64")]);
}

const PICTURES = {
  heads: {}, matrix: {}, "the model, a head off": { view: "model", ablated: "[[0,1]]" }, rollout: {},
  // At a step: without one the film plays.
  time: { snapshot: "16" },
  compare: {}, steps: {}, neuron: {}, search: {}, causal: {}, decides: {},
  "the lesson before a bet": { view: "lesson" }, "the lesson after one": { view: "lesson", bets: "[[0,1,1]]" },
  "the four steps of the lesson": { view: "lesson", lesson: "3", bets: "[[3,1,1]]" },
  "a masked word": { view: "heads", masked: "[2]", token: "4" },
  "a table": { view: "matrix", table: "true" },
};
for (const colorScheme of ["light", "dark"]) {
  for (const [name, state] of Object.entries(PICTURES)) {
    test(`a saved picture is what is on the screen, with a caption: ${name}, ${colorScheme}`, async ({ open }) => {
      const view = state.view ?? name;
      const isAlone = ["lesson", "causal", "decides"].includes(view);
      const page = await open({ ...state, view }, { colorScheme, isReady: isAlone ? "#stage" : "#answer-line" });
      const ready = { time: ".curves", search: ".matches", steps: ".agreement", neuron: ".neurons", decides: ".decides-card", lesson: "[data-station] .bet, .reveal" };
      if (ready[view]) await page.waitForSelector(ready[view], { timeout: 60_000 });
      await settled(page);
      await page.mouse.move(2, 2);
      // What is saved is a picture of the moment, and the screenshot one of the end of what moves.
      await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState === "finished"));
      const svg = (await saved(page, "svg")).toString();
      await page.evaluate(() => document.activeElement.blur());
      const screen = await page.locator("#stage .figure").screenshot({ scale: "css", animations: "disabled" });
      const { share, bad, height, screen: shown } = await differenceOf(page, svg, screen);
      if (process.env.PICTURES) {
        writeFileSync(`${process.env.PICTURES}/${name}-${colorScheme}.svg`, svg);
        writeFileSync(`${process.env.PICTURES}/${name}-${colorScheme}-screen.png`, screen);
      }
      assert.ok(share < 0.004, `${(share * 100).toFixed(2)} % of the squares differ, at ${JSON.stringify(bad)}`);
      const caption = [...svg.matchAll(/data-caption="">([^<]*)</g)].map(([, text]) => text).join(" ");
      assert.ok(height > shown + 20, "no room for a caption");
      assert.match(caption, /page-run|base|[\w-]+ · /);
      assert.ok(caption.includes(await page.locator("#stage h2").innerText()), `no view in «${caption}»`);
      if (!isAlone) {
        assert.ok(caption.includes("El robot dejó caer la pelota porque él estaba dañado."), caption);
        assert.match(caption, /paso [\d\u202f]+/);
      }
      if (["heads", "matrix", "steps", "neuron"].includes(view)) assert.match(caption, /cabeza \d+\.\d+/);
    });
  }
}
