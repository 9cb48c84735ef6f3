// The map of the whole model: its parts, their numbers, and that these are the model's.

import assert from "node:assert/strict";
import { axe, key, overflow, settled, test, WIDTHS } from "./harness.mjs";

const PARTS = [
  "tokens", "embedding", "positions", "attention-1", "feed_forward-1", "attention-2", "feed_forward-2", "attention-3",
  "feed_forward-3", "stream", "pointer", "answer",
];

async function openMap(open, hash = {}) {
  const page = await open({ view: "map", ...hash });
  await page.waitForSelector(".map-detail");
  return page;
}

const numbersIn = (text) => [...text.matchAll(/−?\d+(,\d+)?/g)].map(([found]) => Number(found.replace("−", "-").replace(",", ".")));

test("map: every part opens in place, one after the other, and a link brings it back", async ({ open }) => {
  const page = await openMap(open);
  assert.deepEqual(await page.locator(".map-part").evaluateAll((parts) => parts.map((part) => part.dataset.key.slice(5)).sort()), PARTS.toSorted());
  for (const [i, part] of PARTS.entries()) {
    assert.equal(await page.locator(".map-detail").getAttribute("data-part"), part);
    assert.equal(await key(page, `part-${part}`).getAttribute("aria-pressed"), "true");
    assert.ok((await page.locator(".map-detail").innerText()).length > 100, part);
    assert.deepEqual(await axe(page), [], part);
    assert.ok(await overflow(page) <= 0, `${part} is ${await overflow(page)} px too wide`);
    if (i < PARTS.length - 1) await key(page, "map-next").click();
    await settled(page);
  }
  await key(page, "map-next").focus();
  await page.keyboard.press("Enter"); // there is none after the last
  assert.equal(await page.evaluate(() => document.activeElement.dataset.key), "map-next");
  await page.reload();
  await page.waitForSelector("[data-part=answer]");
  await key(page, "part-stream").click();
  await page.waitForSelector("[data-part=stream]");
  await page.keyboard.press("ArrowRight");
  await page.waitForSelector("[data-part=pointer]");
}, { widths: WIDTHS });

test("map: the pointer's scores give the answer of the model, and the last block's lens too", async ({ open }) => {
  const page = await openMap(open, { part: "pointer" });
  assert.ok(Number(await page.locator(".map-detail .agreement").getAttribute("data-difference")) < 1e-4);
  const row = (await page.locator(".map-detail .is-answer").innerText()).replaceAll("\n", " ");
  const shown = await page.locator("#answer-line").innerText();
  const [percent] = numbersIn(shown.slice(shown.indexOf("→")));
  assert.ok(Math.abs(numbersIn(row).at(-1) - percent) < 0.06, `${row} and ${shown}`);
  await key(page, "map-next").click();
  await page.waitForSelector("[data-part=answer]");
  const lens = numbersIn(await page.locator(".map-detail .is-answer").innerText());
  assert.equal(lens.length, 4, "before the blocks, and after each of three");
  assert.ok(Math.abs(lens.at(-1) - percent) < 0.6, `${lens} and ${percent}`);
});

test("map: the residual stream is the sum of what its parts add", async ({ open }) => {
  const page = await openMap(open, { part: "stream" });
  const rows = await page.locator(".map-detail tbody tr").allInnerTexts();
  assert.equal(rows.length, 7, "the embedding, and two parts of three blocks");
  const cosines = rows.map((row) => numbersIn(row).slice(-2));
  assert.deepEqual([cosines[0][0], cosines.at(-1)[1]], [1, 1]);
  const difference = await page.evaluate(async () => {
    const { probes } = await (await fetch("/api/run")).json();
    const { text, pronoun } = probes[0];
    const body = { checkpoint: null, text, pronoun, masked: [], ablated: [], ablation: "zero", token: 3 };
    const answer = await (await fetch("/api/activations", { method: "POST", body: JSON.stringify(body) })).json();
    const floats = (name) => new Float32Array(Uint8Array.from(atob(answer[name]), (c) => c.charCodeAt(0)).buffer);
    const [residual, attention, added] = ["residual", "attention", "feed_forward"].map(floats);
    const { d_model } = answer;
    return Math.max(...attention.map((value, i) => Math.abs(residual[i] + value + added[i] - residual[i + d_model])));
  });
  assert.ok(difference < 1e-4, `${difference}`);
});

test("map: a token is followed through the map, and a change of the model is seen in it", async ({ open }) => {
  const page = await openMap(open);
  await key(page, "map-token-2").click();
  await settled(page);
  assert.match(await page.locator(".map-detail").innerText(), /ahora es «robot»/);
  assert.match(await page.locator(".map-token.is-pronoun").innerText(), /robot/);
  await key(page, "part-attention-3").click();
  await page.waitForSelector("[data-part=attention-3]");
  const before = await page.locator(".map-detail").innerText();
  await page.evaluate(() => { location.hash = `${location.hash}&ablated=[[2,0],[2,1],[2,2],[2,3]]`; });
  await page.waitForFunction((text) => document.querySelector(".map-detail")?.innerText !== text, before);
  assert.match(await page.locator(".map-detail").innerText(), /longitud 0,00/, "without its heads, attention adds nothing");
});

test("map: of a recorded step it says that only checkpoints have the numbers", async ({ open }) => {
  const page = await open({ view: "map", snapshot: "16" });
  await key(page, "nearest-checkpoint").click();
  await page.waitForSelector(".map-detail");
});

test("map: whole at 1280 × 720", async ({ open }) => {
  const page = await openMap(open);
  await page.setViewportSize({ width: 1280, height: 720 });
  const { bottom, right } = await page.locator(".map").evaluate((map) => map.getBoundingClientRect().toJSON());
  assert.ok(bottom <= 720 && right <= 1280, `down to ${bottom}, right to ${right}`);
});

test("map: exported, it has the numbers of the probes", async ({ openExported }) => {
  const page = await openExported({ view: "map" });
  await page.waitForSelector(".map-detail");
  assert.equal(await page.locator(".map-part").count(), PARTS.length);
});
