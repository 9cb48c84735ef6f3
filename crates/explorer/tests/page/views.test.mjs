// The views: heads, matrix, model, rollout, training, side by side; masking and switching off.

import assert from "node:assert/strict";
import { answer, key, openTools, ROBOT, robotsWord, settled, test, WIDTHS } from "./harness.mjs";

const number = (text) => Number(text.replace(",", ".").replace(/[^\d.]/g, ""));

// Pixels of a canvas that are not empty.
const inked = (page, selector) => page.evaluate((where) => {
  const canvas = document.querySelector(where);
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i] > 0) count += 1;
  return count;
}, selector);

test("heads: hovering a token shows what it reads, in lines and in numbers", async ({ open }) => {
  const page = await open({ view: "heads" });
  assert.ok(await inked(page, "canvas.lines") > 500);
  const weights = async () => (await page.locator(".keys .token-weight").allInnerTexts()).join(" ");
  const atRest = await weights();
  await page.locator(".queries button").nth(2).hover();
  assert.notEqual(await weights(), atRest);
  assert.match(await page.locator("canvas.lines").getAttribute("aria-label"), /«robot» lee sobre todo/);
  await page.mouse.move(5, 5);
  assert.equal(await weights(), atRest);
  await page.locator(".queries button").nth(2).click();
  await page.mouse.move(5, 5);
  assert.match(page.url(), /token=2/);
  assert.match(await page.locator("canvas.lines").getAttribute("aria-label"), /«robot»/);
});

test("heads: arrow keys move in the columns", async ({ open }) => {
  const page = await open({ view: "heads" });
  await key(page, "queries-3").focus();
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.key), "queries-4");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.key), "keys-4");
  assert.match(await page.locator("canvas.lines").getAttribute("aria-label"), /lo leen sobre todo/);
}, { widths: WIDTHS });

test("masking by double click and by key: the model reads anew, and nobody reads the token", async ({ open }) => {
  const page = await open({ view: "heads" });
  const before = await answer(page);
  const [request] = await Promise.all([
    page.waitForRequest((each) => each.url().endsWith("/api/read") && each.postDataJSON().masked.length > 0),
    page.locator(".keys button").nth(2).dblclick(),
  ]);
  assert.deepEqual(request.postDataJSON().masked, [2]);
  await page.waitForSelector(".before");
  await settled(page);
  assert.notEqual(await answer(page), before);
  assert.ok((await page.locator(".before").innerText()).includes(await robotsWord(page)));
  await page.locator(".queries button").nth(5).hover();
  assert.equal(await page.locator(".keys button").nth(2).locator(".token-weight").innerText(), "");
  await page.keyboard.press("u");
  await page.waitForSelector(".before", { state: "detached" });
  assert.equal(await answer(page), before);
  await key(page, "queries-3").focus();
  await page.keyboard.press("m");
  await page.waitForSelector(".token.is-masked");
  assert.match(page.url(), /masked=/);
});

test("threshold, special tokens and sub-words change what is drawn", async ({ open }) => {
  const page = await open({ view: "heads", fold: "false" });
  const tokens = () => page.locator(".queries button").count();
  const apart = await tokens();
  const ink = await inked(page, "canvas.lines");
  await key(page, "top").fill("30");
  await settled(page);
  assert.ok(await inked(page, "canvas.lines") < ink);
  await key(page, "special").selectOption("hide");
  await settled(page);
  assert.equal(await tokens(), apart - 2);
  await key(page, "fold").check();
  await settled(page);
  assert.ok(await tokens() <= apart - 2);
});

test("several heads are summed, averaged, or drawn each in its colour", async ({ open }) => {
  const page = await open({ view: "heads", selected: "[[0,0]]" });
  await key(page, "head-1-1").click({ modifiers: ["Shift"] });
  assert.match(decodeURIComponent(page.url()), /selected=\[\[0,0\],\[1,1\]\]/);
  const first = async () => number((await page.locator(".keys .token-weight").allInnerTexts()).find((text) => text !== ""));
  const mean = await first();
  await key(page, "combine").selectOption("sum");
  await settled(page);
  assert.ok(Math.abs(await first() - 2 * mean) <= 1, `the sum is ${await first()}, the mean ${mean}`);
  await key(page, "combine").selectOption("each");
  await settled(page);
  assert.ok(await inked(page, "canvas.lines") > 500);
});

test("matrix: values on hover and by keyboard, and the same in the table", async ({ open }) => {
  const page = await open({ view: "matrix", selected: "[[1,1]]" });
  await page.locator(".heat").focus();
  await page.keyboard.press("Home");
  const text = () => page.locator(".readout").innerText();
  const first = await text();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  assert.notEqual(await text(), first);
  const cursor = number((await text()).match(/: (.*)$/)[1]);
  assert.match(await text(), /^él → robot: /);
  await key(page, "table").click();
  const row = page.locator("tbody tr", { has: page.locator("th", { hasText: /^él$/ }) });
  assert.ok(Math.abs(number(await row.locator("td").nth(2).innerText()) - cursor) <= 0.06);
  const sums = await page.locator("tbody tr").evaluateAll((rows) => rows.map((each) => [...each.querySelectorAll("td")].reduce((sum, cell) => sum + Number(cell.textContent.replace(",", ".")), 0)));
  for (const sum of sums) assert.ok(Math.abs(sum - 100) < 1.5, `a row has ${sum} %`);
}, { widths: WIDTHS });

test("model: all heads, sorted on demand; one opens; one switched off changes the answer's numbers", async ({ open }) => {
  const page = await open({ view: "model" });
  const tiles = await page.locator(".tile").count();
  assert.equal(tiles, await page.locator(".picker-head").count());
  assert.ok(await inked(page, ".tile .thumbnail") > 0);
  await key(page, "sort").selectOption("sentence");
  await settled(page);
  const weights = (await page.locator(".tile-facts span:first-child").allInnerTexts()).map(number);
  assert.deepEqual(weights, [...weights].sort((a, b) => b - a));
  const best = page.locator(".tile").first();
  await best.locator(".tile-switch").click();
  await page.waitForSelector(".before");
  assert.equal(await best.locator(".tile-switch").getAttribute("aria-pressed"), "true");
  await openTools(page);
  await key(page, "ablation").selectOption("mean");
  await settled(page);
  await best.locator(".tile-open").click();
  assert.equal(await page.locator("#tab-heads").getAttribute("aria-selected"), "true");
  await page.keyboard.press("x");
  await page.waitForSelector(".before", { state: "detached" });
}, { widths: WIDTHS });

test("without any head the answer is another, and every word says what it was", async ({ open }) => {
  const page = await open();
  const [layers, heads] = await page.evaluate(() => [document.querySelectorAll(".picker-row").length, document.querySelectorAll(".picker-row:first-child .picker-head").length]);
  const all = Array.from({ length: layers * heads }, (_, i) => [Math.floor(i / heads), i % heads]);
  const without = await open({ ablated: JSON.stringify(all) });
  await without.waitForSelector(".before");
  assert.ok(await without.locator(".was").count() > 0, "no word's probability changed");
  const whole = new RegExp(`${await robotsWord(page)}.*$`);
  assert.equal((await without.locator(".before").innerText()).match(whole)[0], (await answer(page)).match(whole)[0]);
});

test("rollout: what reaches the pronoun sums to one, from any token", async ({ open }) => {
  const page = await open({ view: "rollout" });
  const sum = async () => (await page.locator(".inputs .token-weight").allInnerTexts()).map(number).reduce((total, value) => total + value);
  assert.ok(Math.abs(await sum() - 100) < 1.5, `${await sum()} %`);
  assert.ok(await inked(page, "canvas.lines") > 200);
  const before = await page.locator(".inputs").innerText();
  await key(page, "output-1").click();
  await settled(page);
  assert.notEqual(await page.locator(".inputs").innerText(), before);
});

test("training: from step 0 on, by slider, keys, curve and play", async ({ open }) => {
  const page = await open({ view: "time" }, { isReady: ".curves", reducedMotion: "reduce" });
  await page.waitForSelector(".heat");
  assert.ok(await page.locator(".curves polyline").count() > 3);
  const at = async () => (await page.locator(".curve-now").getAttribute("x1"));
  const last = await at();
  await key(page, "time-range").fill("0");
  await settled(page);
  assert.match(await page.locator(".time-step").innerText(), /Paso 0$/);
  assert.notEqual(await at(), last);
  const answerAtStart = await answer(page);
  await key(page, "time-range").press("End");
  await settled(page);
  assert.notEqual(await answer(page), answerAtStart);
  await page.keyboard.press("Escape");
  await page.locator(".curves").click({ position: { x: 60, y: 60 } });
  await settled(page);
  assert.match(page.url(), /snapshot=\d/);
  await key(page, "play").click();
  const stepNow = await page.locator(".time-step").innerText();
  await page.waitForFunction((text) => document.querySelector(".time-step").textContent !== text, stepNow);
  await key(page, "play").click();
  assert.match(await key(page, "play").innerText(), /Reproducir/);
  await key(page, "table").click();
  assert.ok(await page.locator("tbody tr").count() > 5);
});

test("training: typed sentences are told what to do instead", async ({ open }) => {
  const page = await open({ view: "time", text: "Ana llamó a Luis porque él cantaba." });
  assert.match(await page.locator("#stage").innerText(), /elige uno arriba/);
});

test("compare: two steps, two sentences, and a change, with the difference", async ({ open }) => {
  const page = await open({ view: "compare" });
  await page.waitForSelector("[data-key=heat-difference]");
  assert.equal(await page.locator(".side").count(), 2);
  await page.locator("[data-key=heat-difference]").focus();
  await page.keyboard.press("ArrowRight");
  assert.match(await page.locator("#heat-difference").innerText(), /→ .*: [+-]?\d/);
  await key(page, "compare-text").click();
  await page.waitForFunction(() => document.querySelectorAll(".side-text").length === 2);
  const [left, right] = await page.locator(".side-text").allInnerTexts();
  assert.equal(left, ROBOT);
  assert.notEqual(right, left);
  await key(page, "compare-change").click();
  assert.match(await page.locator("#stage").innerText(), /Aún no hay ningún cambio/);
  // A head of the first layer changes what the last layer reads.
  const last = (await page.locator(".picker-row").count()) - 1;
  await key(page, "head-0-0").dispatchEvent("click");
  await page.keyboard.press("x");
  await page.waitForFunction(() => /sigue atendiendo/.test(document.querySelector("#stage").textContent) || document.querySelector("[data-key=heat-difference]"));
  await key(page, `head-${last}-0`).dispatchEvent("click");
  await page.waitForSelector("[data-key=heat-difference]");
}, { widths: WIDTHS });

test("with less motion wanted, nothing moves by itself", async ({ open }) => {
  const page = await open({}, { reducedMotion: "reduce" });
  const durations = await page.evaluate(() => [...document.querySelectorAll("*")].map((element) => getComputedStyle(element)).filter((style) => parseFloat(style.transitionDuration) > 0 || style.animationName !== "none").length);
  assert.equal(durations, 0);
});
