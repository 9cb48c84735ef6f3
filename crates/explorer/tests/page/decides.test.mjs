// The head that looks and the head that decides, and what is said of a change that changes nothing.

import assert from "node:assert/strict";
import { answer, axe, key, overflow, settled, test, WIDTHS } from "./harness.mjs";

const LOOKING = [0, 0];
const DECIDING = [1, 0];
const isHead = ([layer, head], [l, h]) => layer === l && head === h;

// Two words of the reading that are not its pronoun: what the invented model answers, and what else it may.
function wordsOf({ words, pronoun_word: pronoun }) {
  return [...words.keys()].filter((word) => word !== pronoun);
}

// The head LOOKING has 90 % of the pronoun's row on the answer, every other head has all of it on the pronoun.
function attentionOf({ tokens, pronoun_token: query, attention: { layers, heads, seq } }, word) {
  const weights = new Uint16Array(layers * heads * seq * seq);
  const target = tokens.findIndex((token) => token.word === word);
  for (let place = 0; place < layers * heads; place++) {
    const row = (place * seq + query) * seq;
    if (place === LOOKING[0] * heads + LOOKING[1]) [weights[row + target], weights[row + query]] = [58981, 6554];
    else weights[row + query] = 65535;
  }
  return { layers, heads, seq, weights: Buffer.from(weights.buffer).toString("base64") };
}

// Answers of an invented model: `likely(text, body)` is the probability of its first word, and all of the rest is
// that of its second. What was asked with a head off is noted in `asked`.
async function invent(page, likely) {
  const asked = [];
  await page.route("**/api/read", async (route) => {
    const body = JSON.parse(route.request().postData());
    if (body.ablated.length > 0) asked.push(body);
    const postData = JSON.stringify({ ...body, masked: [], ablated: [] });
    const said = await route.fetch({ postData }).then((plain) => plain.json()).catch(() => null);
    if (said === null) return; // the test is over
    for (const reading of said.readings) {
      const [first, second] = wordsOf(reading);
      const p = likely(reading.text, body);
      reading.probabilities = reading.probabilities.map((_, word) => (word === first ? p : word === second ? 1 - p : 0));
      Object.assign(reading, { answer: p >= 0.5 ? first : second, phrases: [], is_sure: true, attention: attentionOf(reading, first) });
    }
    await route.fulfill({ json: said }).catch(() => {});
  });
  return asked;
}

// The invented model has to answer before the page asks.
async function openDecides(open, likely, state = {}) {
  const page = await open({ view: "causal", ...state }, { isReady: "#stage" });
  const run = await page.evaluate(async () => (await fetch("/api/run")).json());
  const probes = run.probes.filter(({ lang }) => lang === (state.language ?? "es"));
  const asked = await invent(page, (text, body) => likely(probes, text, body));
  await page.evaluate((to) => { location.hash = to; }, `${new URLSearchParams({ ...state, view: "decides" })}`);
  await page.reload();
  await page.waitForSelector(".decides-card");
  await settled(page);
  return { page, run, probes, asked };
}

const part = (page, name) => page.locator(`.decides-card[data-part=${name}]`);
const sentence = (page) => page.locator(".decides blockquote").innerText();
const shares = (texts) => texts.map((text) => Number(text.replace(/[^\d,.]/g, "").replace(",", ".")));

test("decides: the least certain sentence in which one head looks and another turns the answer", async ({ open }) => {
  const certainty = (probes, text) => ({ [probes[4].text]: 0.6, [probes[2].text]: 0.7 })[text] ?? 0.99;
  const { page, run, probes, asked } = await openDecides(open, (list, text, { ablated: [off] }) => (
    off && isHead(off, DECIDING) && text !== list[4].text ? 0.03 : certainty(list, text)));
  assert.equal(await sentence(page), probes[2].text, "the least certain has no head that turns it: the next one is shown");
  const texts = [...new Set(asked.map(({ text }) => text))];
  assert.deepEqual(texts, [probes[4].text, probes[2].text], "no sentence is tried after it");
  assert.equal(asked.length, 2 * run.run.n_layers * run.run.n_heads);
  assert.equal(await page.locator(".decides-lead").getAttribute("data-pair"), "most");
  assert.match(await part(page, "looks").innerText(), /^Mira\s+cabeza 1\.1/);
  assert.match(await part(page, "counts").innerText(), /^Decide\s+cabeza 2\.1/);
  const changes = await page.locator(".decides-change .number").allInnerTexts();
  assert.deepEqual(shares(changes), [70, 70, 70, 97]);
  const [was, now] = await part(page, "counts").locator(".decides-change strong").allInnerTexts();
  assert.notEqual(was, now);
  const heads = await page.locator(".decides-heads tbody tr").allInnerTexts();
  assert.equal(heads.length, run.run.n_layers * run.run.n_heads);
  assert.deepEqual(shares((await page.locator(".decides-heads tbody tr:first-child .bar-number").allInnerTexts())), [90, 70]);
  assert.match(heads[0], /1\.1 · Mira/);
  assert.equal(heads.filter((row) => /Decide/.test(row) && /2\.1/.test(row)).length, 1);
});

test("decides: where no head turns an answer, it says so and shows the nearest thing", async ({ open }) => {
  const { page, run, asked } = await openDecides(open, (list, text, { ablated: [off] }) => (off && isHead(off, DECIDING) ? 0.85 : 0.9));
  assert.equal(await page.locator(".decides-lead").getAttribute("data-pair"), "none");
  assert.match(await page.locator(".decides-lead").innerText(), /En ninguna de las frases probadas \(6\) basta apagar una cabeza/);
  assert.equal(asked.length, 6 * run.run.n_layers * run.run.n_heads);
  assert.match(await part(page, "costs_most").innerText(), /cabeza 2\.1[^]*la misma, con otra probabilidad/);
  assert.equal(await part(page, "counts").count(), 0);
  assert.doesNotMatch(await page.locator(".decides-heads").innerText(), /Decide/);
});

test("decides: a head that looks and is needed is one card, and not called one that only looks", async ({ open }) => {
  const { page } = await openDecides(open, (list, text, { ablated: [off] }) => (off && isHead(off, LOOKING) ? 0.1 : 0.9));
  assert.equal(await page.locator(".decides-card").count(), 1);
  assert.match(await part(page, "both").innerText(), /cabeza 1\.1[^]*la respuesta es otra/);
  assert.match(await page.locator(".decides-lead").innerText(), /lo más parecido/);
});

test("decides: its buttons open the model without that head, and the causes; the address restores each", async ({ open }) => {
  const { page, probes } = await openDecides(open, (list, text, { ablated: [off] }) => (off && isHead(off, DECIDING) ? 0.2 : 0.9));
  const shown = await sentence(page);
  await key(page, "decides-open-counts").click();
  await page.waitForSelector("#tab-model[aria-selected=true]");
  const state = new URLSearchParams(new URL(page.url()).hash.slice(1));
  assert.equal(state.get("ablated"), JSON.stringify([DECIDING]));
  assert.equal(probes.find(({ id }) => id === state.get("probe")).text, shown);
  await page.reload();
  await page.waitForSelector(".tile.is-off");
  assert.equal(await page.locator(".tile.is-off").count(), 1);
  await page.goBack();
  await page.waitForSelector(".decides-card");
  assert.equal(await sentence(page), shown);
  await page.reload();
  await page.waitForSelector(".decides-card");
  assert.equal(await sentence(page), shown);
  await key(page, "decides-causal").click();
  await page.waitForSelector("#tab-causal[aria-selected=true]");
});

test("decides: what this model says, in both languages and colours, is drawn without a fault", async ({ open, width }) => {
  for (const language of ["es", "en"]) {
    for (const colorScheme of ["light", "dark"]) {
      const page = await open({ view: "decides", language }, { colorScheme, isReady: ".decides-card" });
      assert.ok(await overflow(page) <= 0);
      assert.deepEqual(await axe(page), [], `${language}, ${colorScheme}`);
      await page.close();
    }
  }
}, { widths: WIDTHS });

test("decides: an exported page has the answers that it needs, and says it where it lacks them", async ({ open, openExported }) => {
  const exported = await openExported({ view: "decides" }, { isReady: ".decides-card" });
  assert.ok(await exported.locator(".decides-heads tbody tr").count() > 1);
  const page = await open({ view: "causal" }, { isReady: "#stage" });
  await page.route("**/api/read", async (route) => (JSON.parse(route.request().postData()).ablated.length === 0 ? route.continue()
    : route.fulfill({ status: 404, json: { format: "anafora-explorer", version: 1, error: { code: "not_recorded", message: "–" } } })));
  await page.locator("#tab-decides").click();
  await page.waitForSelector(".decides .message:not(.quiet)");
  assert.match(await page.locator(".decides .message").innerText(), /solo las que se grabaron. Abre tu modelo/);
  await key(page, "decides-heads").click();
  await page.waitForSelector("#tab-heads[aria-selected=true]");
});

test("unmoved: a change that does not move the answer is said to be none, and leads to one that does", async ({ open, width }) => {
  const page = await open({ view: "heads", probe: "probe-es-01" });
  let p = 0.9;
  await invent(page, (text, { masked, ablated }) => (masked.length + ablated.length > 0 ? p : 0.9));
  await page.reload();
  await page.waitForSelector("#answer-line");
  await settled(page);
  const hint = page.locator(".unmoved");
  const change = async (state) => {
    await page.evaluate((to) => { location.hash = to; }, `${new URLSearchParams({ view: "heads", probe: "probe-es-01", ...state })}`);
    await page.waitForFunction(() => /antes del cambio/.test(document.querySelector("#answer-line")?.textContent));
    await settled(page);
  };
  assert.equal(await hint.count(), 0, "nothing is changed");
  await change({ masked: "[5]" });
  assert.match(await hint.innerText(), /Nada ha cambiado: la respuesta no necesita lo tapado/);
  await change({ ablated: "[[0,0]]" });
  assert.match(await hint.innerText(), /la cabeza 1\.1 mira la respuesta, pero no decide/);
  await change({ ablated: "[[1,0]]" });
  assert.match(await hint.innerText(), /sin la cabeza 2\.1 sale lo mismo/);
  assert.ok(await hint.isVisible());
  const box = await key(page, "to-decides").boundingBox();
  assert.ok(box.x >= 0 && box.x + box.width <= width, "the button is on the screen");
  p = 0.88;
  await change({ ablated: "[[1,1]]" });
  assert.equal(await hint.count(), 0, "two points are a change");
  p = 0.2;
  await change({ masked: "[6]" });
  assert.equal(await hint.count(), 0, await answer(page));
  p = 0.9;
  await change({ masked: "[7]", ablated: "[[1,0]]" });
  assert.match(await hint.innerText(), /sin todo eso/);
  assert.deepEqual(await axe(page), []);
  await key(page, "to-decides").click();
  await page.waitForSelector("#tab-decides[aria-selected=true]");
}, { widths: WIDTHS });
