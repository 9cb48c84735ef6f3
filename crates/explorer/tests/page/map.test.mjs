// The map of the whole model: its parts, their numbers, and that all of it fits.

import assert from "node:assert/strict";
import { axe, key, overflow, ROBOT, settled, test, WIDTHS } from "./harness.mjs";

const MAP = { view: "map" };
const details = (page) => page.locator(".map-details").innerText();
const ready = (page) => page.waitForSelector(".map-details .vector, .map-pieces");

// What the model answers, asked past the page.
function numbersOf(page) {
  return page.evaluate(async (text) => {
    const body = { checkpoint: null, text, pronoun: null, masked: [], ablated: [], ablation: "zero" };
    const ask = async (path, more) => (await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ ...body, ...more }) })).json();
    const { readings: [reading] } = await ask("/api/read", {});
    const answer = await ask("/api/activations", { token: reading.pronoun_token });
    const floats = (base64) => Array.from(new Float32Array(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)).buffer));
    return { ...answer, residual: floats(answer.residual), lens: floats(answer.lens), answer: reading.answer, words: reading.words.length };
  }, ROBOT);
}

const spanish = (value, digits) => value.toLocaleString("es-ES", { minimumFractionDigits: digits, maximumFractionDigits: digits });

test("map: one press or one key walks from part to part, and the address says which one is open", async ({ open }) => {
  const page = await open(MAP);
  await ready(page);
  const names = await page.locator(".map-part .map-name").allInnerTexts();
  await key(page, "map-next").click();
  assert.match(page.url(), /part=embedding/);
  await key(page, "part-embedding").focus();
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => document.activeElement?.getAttribute("data-key") === "part-positions");
  await page.keyboard.press("ArrowLeft");
  await page.waitForFunction(() => document.activeElement?.getAttribute("data-key") === "part-embedding");
  const opened = new Set();
  for (let i = 0; i < names.length; i++) {
    await page.locator(".map-part").nth(i).click();
    opened.add(await page.locator(".map-details h3").innerText());
    assert.ok(await page.locator(".map-numbers > *").count() > 0, names[i]);
  }
  assert.deepEqual([...opened].sort(), [...names].sort());
  assert.equal(await key(page, "map-next").isDisabled(), true);
});

test("map: the numbers are the model's", async ({ open }) => {
  const page = await open({ ...MAP, text: ROBOT, part: "stream" });
  await page.waitForSelector(".map-table");
  const { residual, lens, d_model, n_layers, words, answer, ids } = await numbersOf(page);
  const last = Math.hypot(...residual.slice(n_layers * d_model));
  assert.match(await page.locator(".map-table tbody tr").last().innerText(), new RegExp(spanish(last, 2).replace(".", "\\.")));
  await key(page, "part-answer").click();
  const row = page.locator(".map-table .is-answer .bar-number");
  const place = answer ?? words;
  const percent = (text) => Number(text.replace(/[^\d,]/g, "").replace(",", "."));
  (await row.allInnerTexts()).forEach((text, i) => assert.ok(Math.abs(percent(text) - 100 * lens[i * (words + 1) + place]) <= 0.51, text));
  assert.equal(await row.count(), n_layers + 1);
  await key(page, "part-tokens").click();
  assert.deepEqual((await page.locator(".map-pieces .number").allInnerTexts()).map(Number), ids);
  await key(page, "part-pointer").click();
  assert.ok(Number(await page.locator(".agreement").getAttribute("data-difference")) < 1e-4);
});

test("map: another token has other numbers, and a head opens in the view of its steps", async ({ open }) => {
  const page = await open({ ...MAP, part: "attention-2" });
  await ready(page);
  const before = await details(page);
  await key(page, "query").selectOption("2");
  await ready(page);
  await settled(page);
  assert.notEqual(await details(page), before);
  await key(page, "map-steps-1").click();
  await page.waitForSelector(".machine");
  assert.match(decodeURIComponent(page.url()), /selected=\[\[1,1\]\]/);
});

test("map: norms after the parts, and positions that are added", async ({ open }) => {
  const page = await open(MAP);
  await page.route("**/api/activations", async (route) => {
    const response = await route.fetch();
    const answer = await response.json();
    await route.fulfill({ json: { ...answer, norm: "after", positions: { kind: "learned", theta: null, d_head: null, added: answer.embedding } } });
  });
  await page.reload();
  await ready(page);
  await key(page, "part-positions").click();
  assert.match(await details(page), /Vector de la posición/);
  assert.equal(await page.locator(".map-clock").count(), 0);
  await key(page, "part-stream").click();
  const { n_layers } = await numbersOf(page);
  assert.equal(await page.locator(".map-table tbody tr").count(), n_layers + 1);
});

test("map: an exported page shows what it has, and says what needs a live model", async ({ openExported }) => {
  const page = await openExported({ ...MAP, part: "attention-1", token: 2 });
  await page.waitForSelector(".map-diagram");
  assert.ok(await page.locator(".map-table tbody tr").count() > 0);
  assert.match(await details(page), /exportada/);
});

test("map: of a recorded step there are no vectors, which it says", async ({ open }) => {
  const page = await open({ ...MAP, snapshot: 0 });
  await key(page, "nearest-checkpoint").click();
  await ready(page);
});

test("map: nothing is cut off, nothing is too wide, and axe finds nothing", async ({ open, width }) => {
  for (const state of [MAP, { ...MAP, part: "attention-1" }, { ...MAP, part: "answer", language: "en", present: true }]) {
    const page = await open(state);
    await page.waitForSelector(".map-part.is-embedding .vector");
    if (width > 600) await page.setViewportSize({ width: 1280, height: 720 });
    assert.equal(await overflow(page), 0);
    const cut = await page.locator(".map-part").evaluateAll((parts) => parts.filter((part) => part.scrollWidth > part.clientWidth || part.scrollHeight > part.clientHeight).map((part) => part.textContent));
    assert.deepEqual(cut, [], JSON.stringify(state));
    assert.deepEqual(await axe(page), []);
    if (width > 600 && !state.present) {
      const bottom = await page.locator(".map-details").evaluate((box) => box.getBoundingClientRect().bottom);
      assert.ok(bottom <= 720, `the details end at ${bottom}`);
    }
  }
}, { widths: WIDTHS });
