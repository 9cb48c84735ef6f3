// The film of the training, motion from one picture to the next, and what is fetched when.

import assert from "node:assert/strict";
import { axe, key, overflow, settled, test, WIDTHS } from "./harness.mjs";

const FILM = { view: "time", probe: "probe-es-01" };
const stepShown = async (page) => Number((await page.locator(".time-step").innerText()).replace(/\D/g, ""));
const numbers = (texts) => texts.map((text) => (text === "" ? 0 : Number(text.replace(/[^\d]/g, ""))));

// What was recorded of the first probe, asked past the page: [{ step, reading }].
const recorded = (page) => page.evaluate(async () => {
  const run = await (await fetch("/api/run")).json();
  const index = run.probes.findIndex(({ id }) => id === "probe-es-01");
  return Promise.all(run.snapshots.map(async ({ step }) => {
    const { readings } = await (await fetch("/api/snapshot", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ step }) })).json();
    const bytes = Uint8Array.fromBase64?.(readings[index].attention.weights) ?? Uint8Array.from(atob(readings[index].attention.weights), (c) => c.charCodeAt(0));
    return { step, reading: { ...readings[index], attention: { ...readings[index].attention, weights: [...new Uint16Array(bytes.buffer)] } } };
  }));
});

// Of a head, what the pronoun gives each word.
function wordWeights({ attention: { heads, seq, weights }, tokens, words, pronoun_token: query }, layer, head) {
  const from = ((layer * heads + head) * seq + query) * seq;
  return words.map((_, word) => tokens.reduce((sum, token, i) => sum + (token.word === word ? weights[from + i] / 65535 : 0), 0));
}

function firstFor(moments, holds) {
  const steps = moments.map(({ step }) => step);
  return steps[moments.map(holds).lastIndexOf(false) + 1] ?? null;
}

test("film: opened without a step, it plays once from the first step on and leaves no trace", async ({ open }) => {
  const page = await open({ view: "heads", probe: "probe-es-01" });
  const before = await page.evaluate(() => history.length);
  await page.locator("#tab-time").click();
  await page.waitForFunction(() => /Pausa/.test(document.querySelector("[data-key=play]")?.textContent));
  const first = await stepShown(page);
  assert.ok(first < 20, `step ${first}`);
  await page.waitForFunction((step) => Number(document.querySelector(".time-step").textContent.replace(/\D/g, "")) > step, first);
  await page.locator("#tab-matrix").click();
  await page.waitForFunction(() => !/snapshot|checkpoint|selected/.test(location.hash));
  assert.equal(await page.evaluate(() => history.length), before + 2, "an entry for each view");
});

test("film: with a step in the address, or with less motion, it waits", async ({ open }) => {
  for (const [state, options] of [[{ ...FILM, snapshot: 0 }, {}], [FILM, { reducedMotion: "reduce" }]]) {
    const page = await open(state, { isReady: ".film", ...options });
    await page.waitForSelector(".heat");
    await page.waitForTimeout(600);
    assert.match(await key(page, "play").innerText(), /Reproducir/);
  }
});

test("film: all steps of a film, and all of a drag, are one step back", async ({ open }) => {
  const page = await open({ ...FILM, snapshot: 0, checkpoint: 0 }, { isReady: ".film" });
  await page.waitForSelector(".heat");
  const length = () => page.evaluate(() => history.length);
  const before = await length();
  await key(page, "play").click();
  await page.waitForFunction(() => Number(document.querySelector(".time-step").textContent.replace(/\D/g, "")) >= 4);
  await key(page, "play").click();
  assert.equal(await length(), before + 1);
  const paused = await stepShown(page);
  await page.evaluate(() => {
    const range = document.querySelector("[data-key=time-range]");
    for (const value of [6, 7, 8, 9]) { range.value = value; range.dispatchEvent(new Event("input", { bubbles: true })); }
    range.dispatchEvent(new Event("change", { bubbles: true }));
  });
  assert.equal(await length(), before + 2);
  await page.goBack();
  await page.waitForFunction((step) => Number(document.querySelector(".time-step").textContent.replace(/\D/g, "")) === step, paused);
});

test("film: it shows what was recorded, and says when the head was born and the answer became right", async ({ open }) => {
  const page = await open({ ...FILM, snapshot: 0, selected: "[[1,0]]" }, { isReady: ".film" });
  await page.waitForSelector(".film-births");
  const moments = await recorded(page);
  const { reading } = moments[0];
  const target = reading.words.findIndex(([start, end]) => start < reading.candidates[reading.antecedent][1] && reading.candidates[reading.antecedent][0] < end);
  const head = firstFor(moments, ({ reading: read }) => {
    const weights = wordWeights(read, 1, 0).map((weight, word) => (word === read.pronoun_word ? -1 : weight));
    return weights.indexOf(Math.max(...weights)) === target;
  });
  const right = firstFor(moments, ({ reading: read }) => read.answer === target);
  const said = await page.locator(".film-births > span").allInnerTexts();
  const has = (text, step) => (step === null ? assert.match(text, /no llega/) : assert.ok(numbers([text.match(/paso(?: grabado,)? ([\d.\u2009\u00a0\u202f]+)/)[1]])[0] === step, `${step} in ${text}`));
  has(said[0], head);
  has(said[1], right);
  for (const { step, reading: read } of [moments[0], moments.at(-2)]) {
    await page.evaluate((snapshot) => { location.hash = location.hash.replace(/snapshot=\d+/, `snapshot=${snapshot}`); }, step);
    await page.waitForFunction((wanted) => Number(document.querySelector(".time-step").textContent.replace(/\D/g, "")) === wanted, step);
    await page.waitForTimeout(400);
    const weights = numbers(await page.locator(".film-read li:not([aria-hidden]) .film-weight").allInnerTexts());
    const wanted = wordWeights(read, 1, 0).map((weight) => Math.round(weight * 100));
    weights.slice(1, -1).forEach((weight, word) => assert.ok(Math.abs(weight - wanted[word]) <= 1, `${step}: ${weights}, expected ${wanted}`));
    const answers = numbers(await page.locator(".film-answers li:not(.is-special) .number").allInnerTexts());
    answers.forEach((share, word) => assert.ok(Math.abs(share - read.probabilities[word] * 100) <= 1, `${step}: ${answers}`));
  }
});

test("film: lines of all words, and nothing for axe or beyond the screen", async ({ open, width }) => {
  const page = await open({ ...FILM, snapshot: 0 }, { isReady: ".film" });
  const rows = await page.locator(".film-lines path").count();
  await key(page, "film-all").check();
  assert.equal(await page.locator(".film-lines path").count(), rows * rows);
  assert.match(page.url(), /allLines=true/);
  assert.ok(await overflow(page) <= 0);
  assert.deepEqual(await axe(page), []);
  if (width < 600) assert.ok(await page.locator(".film-read li").evaluateAll((items) => items.every((item) => item.scrollWidth <= item.clientWidth + 1)));
}, { widths: WIDTHS });

// What a canvas shows now, at the next frame, and when all has come to rest, after `act`.
const shotsOf = (page, where, act) => page.evaluate(async ([selector, clicked]) => {
  const frame = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const shot = () => document.querySelector(selector).toDataURL();
  document.querySelector(clicked).click();
  await frame();
  const soon = shot();
  await new Promise((resolve) => setTimeout(resolve, 500));
  return [soon, shot()];
}, [where, act]);

test("motion: the lines move to those of another head", async ({ open }) => {
  const page = await open({ selected: "[[0,0]]" });
  await page.waitForTimeout(400);
  const [soon, late] = await shotsOf(page, "canvas.lines", "[data-key=head-1-1]");
  assert.notEqual(soon, late);
  const still = await open({ selected: "[[0,0]]" }, { reducedMotion: "reduce" });
  const [soonStill, lateStill] = await shotsOf(still, "canvas.lines", "[data-key=head-1-1]");
  assert.equal(soonStill, lateStill);
  assert.equal(late, lateStill, "in the end it is the same picture");
});

test("motion: a matrix and all heads fade into the next ones, and do not for those who asked for less motion", async ({ open }) => {
  for (const reducedMotion of ["no-preference", "reduce"]) {
    const faded = async (state, act, count) => {
      const page = await open(state, { reducedMotion });
      const n = await page.evaluate(async (clicked) => {
        const seen = new Promise((resolve) => {
          const observer = new MutationObserver(() => {
            const found = document.querySelectorAll(".fading").length;
            if (found > 0) resolve(found);
          });
          observer.observe(document.querySelector("#stage"), { childList: true, subtree: true });
          setTimeout(() => resolve(0), 1500);
        });
        document.querySelector(clicked).click();
        return seen;
      }, act);
      assert.equal(n, reducedMotion === "reduce" ? 0 : count(await page.locator(".tile").count()));
      await page.waitForFunction(() => !document.querySelector(".fading"));
    };
    await faded({ view: "matrix", selected: "[[0,0]]" }, "[data-key=head-1-1]", () => 1);
    await faded({ view: "model" }, "[data-key=switch-0-0]", (tiles) => tiles);
  }
});

test("motion: what was drawn last is what is there, however fast one goes on", async ({ open }) => {
  const page = await open({ selected: "[[0,0]]" });
  await page.evaluate(async () => {
    for (const name of ["head-0-1", "head-1-0", "head-1-1", "head-0-0", "head-1-1"]) {
      document.querySelector(`[data-key=${name}]`).click();
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  });
  const direct = await open({ selected: "[[1,1]]" });
  await direct.waitForTimeout(300);
  const shot = (each) => each.evaluate(() => document.querySelector("canvas.lines").toDataURL());
  assert.equal(await shot(page), await shot(direct));
});

test("motion: nothing moves while one types", async ({ open }) => {
  const page = await open({ text: "Ana llamó a Luis porque él cantab" });
  await page.waitForTimeout(300);
  const [soon, late] = await page.evaluate(async () => {
    const field = document.querySelector("#text");
    const isDrawn = new Promise((resolve) => new MutationObserver((_, observer) => {
      if (!document.querySelector(".strip").textContent.includes("cantaba")) return;
      observer.disconnect();
      resolve();
    }).observe(document.querySelector("#answer"), { childList: true, subtree: true }));
    field.value += "a";
    field.dispatchEvent(new Event("input"));
    await isDrawn;
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    const shot = () => document.querySelector("canvas.lines").toDataURL();
    const first = shot();
    await new Promise((resolve) => setTimeout(resolve, 400));
    return [first, shot()];
  });
  assert.equal(soon, late);
});

test("speed: a text that is drawn again is not written again", async ({ open }) => {
  const page = await open({ text: "Ana llamó a Luis porque él cantab" });
  const written = await page.evaluate(async () => {
    const seen = [];
    const observer = new MutationObserver((changes) => seen.push(...changes.map(({ target, attributeName }) => attributeName ?? target.id ?? target.className)));
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["lang"] });
    for (const place of ["title", "label[for=text]", "#text-hint", ".skip"]) observer.observe(document.querySelector(place), { childList: true });
    const field = document.querySelector("#text");
    field.value += "a";
    field.dispatchEvent(new Event("input"));
    await new Promise((resolve) => setTimeout(resolve, 400));
    return seen;
  });
  assert.deepEqual(written, [], "each has the browser compute styles or layout anew");
});

test("speed: what was measured of the heads is fetched by the views that draw it", async ({ open }) => {
  const page = await open({ view: "heads" });
  const asked = () => page.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("/api/heads")).length);
  assert.equal(await asked(), 0);
  await page.locator("#tab-causal").click();
  await page.waitForSelector(".causal");
  assert.equal(await asked(), 1);
  await settled(page);
});

test("film: an exported file has it too", async ({ openExported }) => {
  const page = await openExported({ ...FILM, snapshot: 0 }, { isReady: ".film" });
  await page.waitForSelector(".film-births");
  assert.ok(await page.locator(".film-lines path").count() > 5);
});
