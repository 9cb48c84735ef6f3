// Views that look into one head: the four steps, the neurons; similar contexts; causes.

import assert from "node:assert/strict";
import { axe, key, overflow, settled, test, WIDTHS } from "./harness.mjs";

const number = (text) => Number(text.replace("−", "-").replace(/\./g, "").replace(",", ".").replace(/[^\d.-]/g, ""));

// The rows of a CSV file that the view saves, without quotes in them.
async function savedCsv(page) {
  const [download] = await Promise.all([page.waitForEvent("download"), key(page, "save-csv").click()]);
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  return Buffer.concat(chunks).toString().trim().split("\r\n").map((line) => line.split(","));
}

test("steps: the weights computed on the page are the model's, for every head, within a step of 16 bits", async ({ open }) => {
  const page = await open({ view: "steps" });
  const heads = await page.locator(".picker-head").count();
  assert.ok(heads >= 2);
  for (let i = 0; i < heads; i++) {
    await page.keyboard.press("]");
    const line = page.locator(".agreement");
    await line.waitFor();
    const difference = Number(await line.getAttribute("data-difference"));
    assert.ok(difference < 2e-5, `head ${i}: ${difference}`);
  }
});

test("steps: softmax of the scores that are shown is the weight that is shown, and they sum to one", async ({ open }) => {
  const page = await open({ view: "steps" });
  await page.waitForSelector(".steps");
  const rows = (await savedCsv(page)).slice(1, -1);
  const powers = rows.map((row) => Math.exp(Number(row[2])));
  const total = powers.reduce((sum, power) => sum + power, 0);
  rows.forEach((row, i) => assert.ok(Math.abs(Number(row[3]) - powers[i] / total) < 1e-6, row[0]));
  const shown = await page.locator(".steps tbody .bar-number").allInnerTexts();
  shown.forEach((text, i) => assert.equal(number(text), Number(Number(rows[i][3]).toFixed(3)), text));
});

test("steps: the fourth step is the sum of the values by their weights", async ({ open }) => {
  const page = await open({ view: "steps" });
  await page.waitForSelector(".steps");
  const rows = await savedCsv(page);
  const sums = rows.slice(1, -1).reduce((sum, row) => sum.map((value, i) => value + Number(row[4 + i])), rows[0].slice(4).map(() => 0));
  sums.forEach((value, i) => assert.ok(Math.abs(value - Number(rows.at(-1)[4 + i])) < 1e-4));
});

test("steps: a word unfolds its dot product by keyboard, and its terms add up to it", async ({ open }) => {
  const page = await open({ view: "steps" });
  await key(page, "unfold-1").focus();
  await page.keyboard.press("Enter");
  await settled(page);
  assert.match(await page.locator(".unfolded h3").innerText(), /«el»/i);
  assert.equal(await page.evaluate(() => document.activeElement.dataset.key), "unfold-1");
  const terms = (await page.locator(".terms tbody td:last-child").allInnerTexts()).map(number);
  const dot = number(await page.locator(".steps tbody tr").nth(1).locator("td").first().innerText());
  assert.ok(Math.abs(terms.reduce((sum, term) => sum + term, 0) - dot) < 0.03, `${terms} is not ${dot}`);
  assert.match(page.url(), /key=1/);
});

test("steps: a masked token weighs nothing", async ({ open }) => {
  const page = await open({ view: "steps", masked: "[2]" });
  await page.waitForSelector(".agreement:not(.is-wrong)");
  assert.equal(number(await page.locator(".steps tbody .bar-number").nth(2).innerText()), 0);
});

test("neurons: slider, chooser and click choose a cell, whose product is written out", async ({ open }) => {
  const page = await open({ view: "neuron" });
  await page.waitForSelector(".neurons");
  await key(page, "key").selectOption("2");
  await key(page, "dimension").fill("5");
  await settled(page);
  const text = await page.locator(".readout p").first().innerText();
  const [, q, k, product] = text.match(/q = ([-−]?[\d,]+), k = ([-−]?[\d,]+), q × k = ([-−]?[\d,]+)/).map(number);
  assert.match(text, /Dimensión 5 de «robot»/);
  assert.ok(Math.abs(q * k - product) < 0.01, text);
  const rows = await savedCsv(page);
  const product5 = rows.find((row) => row[0] === "robot" && row[1] === "q*k")[2 + 4];
  assert.ok(Math.abs(Number(product5) - product) < 0.001);
  await page.locator(".strip-target").nth(6).click({ position: { x: 2, y: 5 } });
  await settled(page);
  assert.match(await page.locator(".readout p").first().innerText(), /Dimensión 1 de/);
}, { widths: WIDTHS });

test("search: by state and by head, contexts and three histograms; a context opens", async ({ open }) => {
  const page = await open({ view: "search" });
  await page.waitForSelector(".matches", { timeout: 60_000 });
  for (const by of ["by-hidden", "by-attention"]) {
    await key(page, by).click();
    await settled(page);
    await page.waitForSelector(".matches");
    assert.ok(await page.locator(".match").count() >= 5);
    assert.equal(await page.locator(".histogram").count(), 3);
    const similar = (await page.locator(".match .quiet").allInnerTexts()).map((text) => number(text.match(/[-−]?\d,\d+/)[0]));
    assert.deepEqual([...similar].sort((a, b) => b - a), similar);
    const counted = (await page.locator(".histogram").last().locator(".bar-number").allInnerTexts()).map(number).reduce((sum, n) => sum + n, 0);
    assert.equal(counted, (await savedCsv(page)).length - 1);
  }
  const text = await page.locator(".match-text").first().innerText();
  await key(page, "match-0").click();
  await page.waitForFunction((expected) => document.getElementById("text").value === expected, text);
});

test("search: while the index is made, the page says so and asks again", async ({ open }) => {
  const page = await open({ view: "heads" });
  let refused = 0;
  await page.route("**/api/search", (route) => {
    if (refused++ >= 1) return route.continue();
    return route.fulfill({ status: 503, contentType: "application/json", body: JSON.stringify({ format: "anafora-explorer", version: 1, error: { code: "not_ready", message: "soon" } }) });
  });
  await key(page, "tab-search").click();
  await page.waitForSelector("[data-key=search-retry]");
  await page.waitForSelector(".matches", { timeout: 60_000 }); // by itself
  assert.ok(refused >= 2);
});

// A report with a head that looks best and does nothing, and one that matters.
const HEADS = {
  split: "in-distribution", n: 2000, step: 6300, accuracy: 0.998, baselines: { random: 0.44, nearest: 0.45, offset: -5, at_offset: 0.31 },
  scores: [[null, 0], ["gender", 0.6]].flatMap(([phenomenon, less]) => [0.97, 0.5, 0.2].map((hit, head) => ({
    layer: 1, head, lang: null, phenomenon, distance: null, n: 2000, hit: Math.abs(hit - less), margin: 0, entropy: 1, mean_distance: 4, special: 0,
  }))),
  ablations: [[null, 0], ["gender", 0.2]].flatMap(([phenomenon, more]) => [0.002, 0.31, 0.1].flatMap((drop, head) => ["zero", "mean"].map((by) => ({
    layer: 1, head, by, lang: null, phenomenon, n: phenomenon ? 400 : 2000, accuracy: 0.998 - drop - more, drop: drop + more,
  })))),
  patches: [{ layer: 1, head: 0, n: 400, flipped: 0.01 }, { layer: null, head: null, n: 400, flipped: 0.9 }],
  pairs: [{ heads: [[1, 0], [1, 1]], by: "zero", n: 2000, accuracy: 0.4, drop: 0.598 }],
  resolvers: { single: { layer: 1, head: 0, accuracy: 0.97 }, all: { accuracy: 0.98 } },
  methods: [{ name: "attention", n: 200, rank_correlation: 0.42, top: 0.7 }, { name: "integrated_gradients", n: 200, rank_correlation: 0.6, top: 0.8 }], growth: [],
};

async function withHeads(page, heads) {
  await page.route("**/api/heads", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), heads } });
  });
  await page.reload();
  await page.waitForSelector(".causal");
}

test("causes: a head that looks and costs nothing is called a witness; columns sort; dots are heads", async ({ open }) => {
  const page = await open({ view: "causal" }, { isReady: ".causal" });
  await withHeads(page, HEADS);
  assert.equal(await page.locator(".verdict").getAttribute("data-verdict"), "is_witness");
  assert.match(await page.locator(".verdict").innerText(), /testigo/);
  assert.match(await page.locator(".causes tbody tr").first().innerText(), /2\.1.*97/s);
  await key(page, "order-zero").click();
  await settled(page);
  assert.match(await page.locator(".causes tbody tr").first().innerText(), /2\.2.*31,0 puntos/s);
  assert.equal(await page.locator(".plot .dot").count(), 3);
  assert.match(await page.locator(".causal").innerText(), /gradientes integrados/);
  assert.deepEqual(await axe(page), []);
  assert.ok(await overflow(page) <= 0);
}, { widths: WIDTHS });

test("causes: of one phenomenon the table has its own numbers, and a link brings them back", async ({ open }) => {
  const page = await open({ view: "causal" }, { isReady: ".causal" });
  await withHeads(page, HEADS);
  await key(page, "slice").selectOption("gender");
  await settled(page);
  assert.match(page.url(), /slice=gender/);
  assert.match(await page.locator(".verdict").innerText(), /40,0\s%.*30,0 puntos.*400 ejemplos/s);
  assert.match(await page.locator(".causes tbody tr").nth(1).innerText(), /2\.1.*37,0\s%.*20,2 puntos/s);
  assert.doesNotMatch(await page.locator(".causes").innerText(), /90,0/); // of all pairs, not of these
  await page.reload();
  await page.waitForSelector(".causal");
  assert.equal(await key(page, "slice").inputValue(), "gender");
});

test("causes: without measurements, the page says which command makes them", async ({ open }) => {
  const page = await open({ view: "causal", language: "en" }, { isReady: ".causal" });
  await withHeads(page, null);
  assert.match(await page.locator(".causal pre").innerText(), /cargo run --bin evaluate -- \S+ --heads/);
});

for (const view of ["steps", "neuron", "search"]) {
  test(`${view}: fits the screen, and axe finds nothing, in light and dark`, async ({ open }) => {
    for (const colorScheme of ["light", "dark"]) {
      const page = await open({ view }, { colorScheme });
      await page.waitForSelector(".one-head, .matches", { timeout: 60_000 });
      assert.ok(await overflow(page) <= 0);
      assert.deepEqual(await axe(page), []);
    }
  }, { widths: WIDTHS });
}

test("exported: the four steps agree there too, and what was not recorded is said, not drawn", async ({ openExported }) => {
  const page = await openExported({ view: "steps" });
  await page.waitForSelector(".agreement:not(.is-wrong)");
  const other = await openExported({ view: "steps", masked: "[2]" }, { isReady: "#stage .message" });
  await key(other, "tab-search").click();
  await other.waitForSelector("#stage .message");
  assert.match(await other.locator("#stage .message").innerText(), /grab/);
});
