// What causes an answer: numbers with their intervals, heads compared, the head that looks and the head that decides.

import assert from "node:assert/strict";
import { axe, key, overflow, settled, test, WIDTHS } from "./harness.mjs";

const PLACES = [[1, 0], [1, 1], [1, 2], [1, 3], [2, 0], [2, 1]].map(([layer, head]) => ({ layer, head }));

// A report in which the head that looks best does nothing.
const REPORT = {
  split: "in-distribution", n: 1008, step: 6300, accuracy: 1, baselines: { random: 0.44, nearest: 0.45 },
  scores: [0.97, 0.5, 0.2, 0.1, 0.05, 0.02].map((hit, i) => ({ ...PLACES[i], lang: null, phenomenon: null, distance: null, n: 969, hit })),
  ablations: [0, 0.02, 0.11, 0.31, 0.32, 0.33].flatMap((drop, i) => ["zero", "mean"].map((by) => ({
    ...PLACES[i], by, lang: null, phenomenon: null, n: 1008, accuracy: 1 - drop, drop,
  }))),
  groups: [{ heads: [[1, 0], [1, 1], [1, 2]], by: "zero", lang: null, phenomenon: null, n: 1008, accuracy: 0.8, drop: 0.2 }],
  patches: [{ layer: 1, head: 0, n: 400, flipped: 0.01 }, { layer: null, head: null, n: 400, flipped: 0.9 }],
  pairs: [{ heads: [[1, 0], [1, 3]], by: "zero", n: 1008, accuracy: 0.4, drop: 0.6 }],
  resolvers: { single: { layer: 1, head: 0, accuracy: 0.97 }, all: { accuracy: 0.98 } }, methods: [], growth: [],
};

async function openCauses(open, hash = {}, heads = REPORT) {
  const page = await open({ view: "causal", ...hash }, { isReady: ".causal" });
  await page.route("**/api/heads", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), heads } });
  });
  await page.reload();
  await page.waitForSelector(heads ? ".causes" : ".causal pre");
  return page;
}

test("causes: every proportion has its n and its interval, also where nothing was lost", async ({ open }) => {
  const page = await openCauses(open);
  // Nothing lost of 1,008 still leaves 0.4 points open.
  assert.match(await page.locator(".causes tbody tr").first().innerText(), /97,0\s%\s*95,\d – 9\d,\d\s*0,0 puntos\s*0,0 – 0,4/);
  const heads = await page.locator(".causes thead th small").allInnerTexts();
  assert.deepEqual(heads.map((text) => text.replace(/\D/g, "")), ["969", "1008", "1008", "400"]);
  assert.match(await page.locator(".verdict").innerText(), /100,0\s%\s\(99,6 – 100,0\)/);
  assert.match(await page.locator(".causes tfoot").innerText(), /todas\s*98,0\s%.*90,0\s%.*2\.1 \+ 2\.2 \+ 2\.3.*20,0 puntos/s);
  assert.deepEqual(await axe(page), []);
  assert.ok(await overflow(page) <= 0);
}, { widths: WIDTHS });

test("causes: the picture says in words that looking and mattering go against each other", async ({ open }) => {
  const page = await openCauses(open);
  assert.equal(await page.locator(".finding").getAttribute("data-correlation"), "negative");
  assert.match(await page.locator(".finding").innerText(), /al revés \(ρ = −1,00, 6 cabezas\)/);
});

test("causes: two heads are compared, by clicks in the picture or by keyboard in the table", async ({ open }) => {
  const page = await openCauses(open);
  const dots = page.locator(".plot .dot");
  await dots.nth(0).click();
  await page.waitForSelector(".compared");
  await dots.nth(3).click({ modifiers: ["Shift"] });
  await settled(page);
  assert.equal(await page.locator(".compared thead th").count(), 2);
  assert.match(await page.locator(".compared").innerText(), /60,0 puntos \(n = 1008\).*31,0 puntos/s);
  assert.equal(await page.locator(".plot .dot.is-picked").count(), 2);
  await page.reload(); // a link brings it back
  await page.waitForSelector(".compared");
  await key(page, "compare-1-3").focus();
  await page.keyboard.press("Enter");
  await settled(page);
  assert.equal(await page.locator(".compared thead th").count(), 1);
  assert.equal(await page.evaluate(() => /** @type {any} */ (document.activeElement).dataset.key), "compare-1-3");
  await page.keyboard.press("Space");
  await settled(page);
  assert.equal(await page.locator(".compared thead th").count(), 2);
  assert.deepEqual(await axe(page), []);
  assert.ok(await overflow(page) <= 0);
}, { widths: WIDTHS });

test("causes: the numbers are copied as JSON, or shown to be copied by hand", async ({ open }) => {
  const page = await openCauses(open);
  await page.evaluate(() => {
    Object.defineProperty(navigator, "clipboard", { configurable: true, value: { writeText: async (text) => { globalThis.copied = text; } } });
  });
  await key(page, "copy-json").click();
  await page.getByText("Copiado.").first().waitFor();
  const { heads } = JSON.parse(await page.evaluate(() => globalThis.copied));
  assert.deepEqual([heads.length, heads[0].layer, heads[0].head, heads[0].n.zero], [6, 2, 1, 1008]);
  await page.evaluate(() => Object.defineProperty(navigator, "clipboard", { configurable: true, value: undefined }));
  await key(page, "copy-json").click();
  assert.equal(JSON.parse(await page.locator(".copy-json textarea").inputValue()).heads.length, 6);
});

test("causes: the command names the run by its path", async ({ open }) => {
  const page = await openCauses(open, { language: "en" }, null);
  const { run } = await page.evaluate(async () => (await fetch("/api/run")).json());
  assert.equal(await page.locator(".causal pre").innerText(), `cargo run --bin evaluate -- ${run.path} --heads`);
  assert.ok(run.path.includes("/"), run.path);
});
