// From one state to the next: typing, errors, what was not recorded, the browser's history.

import assert from "node:assert/strict";
import { answer, key, readingOf, ROBOT, settled, test } from "./harness.mjs";

const NOTHING = "Las tortugas nadan despacio";
const TWO = "Ana saludó a Luis porque ella estaba contenta y él estaba triste.";

test("typing: no letter brings back the answer of another text, and nothing below moves", async ({ open }) => {
  const page = await open({ view: "heads" });
  await page.evaluate(() => {
    globalThis.seen = [];
    const note = () => {
      const text = document.querySelector(".answer-line")?.textContent ?? "";
      if (globalThis.seen.at(-1)?.text !== text) globalThis.seen.push({ text, top: Math.round(document.querySelector(".tabs").getBoundingClientRect().top) });
    };
    new MutationObserver(note).observe(document.querySelector("#answer"), { childList: true, subtree: true, characterData: true });
  });
  await page.locator("#text").focus();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type(NOTHING, { delay: 30 });
  await settled(page);
  const seen = await page.evaluate(() => globalThis.seen);
  const first = seen.findIndex(({ text }) => text.startsWith("No se encontró"));
  assert.ok(first >= 0, JSON.stringify(seen));
  assert.ok(seen.slice(first).every(({ text }) => !text.includes("robot")), JSON.stringify(seen));
  assert.equal(new Set(seen.map(({ top }) => top)).size, 1, `the tabs move: ${JSON.stringify(seen)}`);
});

test("an error stands once, in the page's language, and offers to ask again only where that may help", async ({ open }) => {
  const page = await open({ view: "heads", text: NOTHING }, { isReady: ".answer-line.is-error" });
  assert.equal(await page.locator("[role=alert]").count(), 1);
  assert.doesNotMatch(await page.locator("#page").innerText(), /pronoun found|no pronoun/);
  assert.equal(await key(page, "retry").count(), 0);
  await page.route("**/api/read", (route) => route.abort());
  await page.fill("#text", "Eva vino porque ella quiso.");
  await key(page, "retry").waitFor();
  assert.match(await page.locator("[role=alert]").innerText(), /El programa no responde/);
  await page.unroute("**/api/read");
  await key(page, "retry").click();
  await page.waitForSelector("#answer-line");
});

test("a text that is too long says how long it may be, and is not cut", async ({ open }) => {
  const page = await open({ view: "heads" });
  const long = `Eva vio la casa y ella ${"la vio y ".repeat(600)}`;
  await page.fill("#text", long);
  await page.waitForSelector(".answer-line.is-error");
  assert.equal(await page.inputValue("#text"), long);
  assert.match(await page.locator("[role=alert]").innerText(), /hasta \d[\d.\s ]* tokens y 4\D?000 caracteres/);
});

test("every reason for which nothing is answered has words in both languages", async ({ open }) => {
  const page = await open({ view: "heads" });
  const codes = ["bad_json", "bad_request", "empty", "no_pronoun", "bad_mark", "too_long", "too_many_pronouns", "too_large", "no_such_checkpoint", "no_such_snapshot", "no_such_token", "no_such_head", "no_attention", "forbidden", "not_found", "method", "not_ready", "not_recorded", "internal"];
  for (const language of ["es", "en"]) {
    await page.goto(`${page.url().split("#")[0]}#language=${language}&view=heads`);
    const said = new Set();
    for (const code of codes) {
      await page.route("**/api/read", (route) => route.fulfill({ status: 400, json: { format: "anafora-explorer", version: 1, error: { code, message: "English, and not for the page" } } }));
      await page.fill("#text", `${code} ${language} ella`);
      await page.waitForFunction((code) => document.querySelector(".answer-line.is-error") && document.querySelector(".strip-text")?.textContent === code && !document.querySelector("[aria-busy=true]"), code);
      const text = await page.locator(".answer-line.is-error").innerText();
      assert.doesNotMatch(text, /not for the page|\{tokens|\{characters/, code);
      said.add(text);
      await page.unroute("**/api/read");
    }
    assert.ok(said.size >= codes.length - 1, `${said.size} different texts for ${codes.length} codes`);
  }
});

test("Back undoes one deliberate act: a variant, a word that is masked, a text that was typed", async ({ open }) => {
  const page = await open({ view: "heads" });
  await key(page, "variant-0").click();
  await settled(page);
  assert.notEqual(await page.inputValue("#text"), ROBOT);
  await page.goBack();
  await settled(page);
  assert.equal(await page.inputValue("#text"), ROBOT);
  await page.locator("#stage").focus();
  await page.keyboard.press("m");
  await page.waitForFunction(() => location.hash.includes("masked"));
  await page.goBack();
  await page.waitForFunction(() => !location.hash.includes("masked"));
  const before = await page.evaluate(() => history.length);
  await page.locator("#text").focus();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("Eva vino y ella cantó.", { delay: 20 });
  await settled(page);
  const entries = await page.evaluate(() => history.length) - before;
  assert.ok(entries <= 1, `${entries} entries for one text that was typed`);
  await page.goBack();
  await settled(page);
  assert.equal(await page.inputValue("#text"), ROBOT);
});

test("dragging a slider through the training is one entry in the history", async ({ open }) => {
  const page = await open({ view: "heads" });
  const before = await page.evaluate(() => history.length);
  const places = await page.locator("[data-key=step]").evaluate((range) => {
    for (let place = 0; place < Number(range.max); place++) {
      range.value = String(place);
      range.dispatchEvent(new Event("input", { bubbles: true }));
    }
    range.dispatchEvent(new Event("change", { bubbles: true }));
    return Number(range.max);
  });
  await settled(page);
  assert.ok(places > 3);
  assert.equal(await page.evaluate(() => history.length) - before, 1);
});

test("a link to a variant's pronoun asks about that pronoun, and the others can still be asked about", async ({ open, url }) => {
  const page = await open({ view: "heads", text: TWO, which: 1 });
  await key(page, "variant-0").click();
  await settled(page);
  const line = await answer(page);
  const copy = await open(Object.fromEntries(new URLSearchParams(new URL(page.url()).hash.slice(1))));
  assert.equal(await answer(copy), line);
  await page.waitForFunction(() => document.querySelectorAll("[data-key^=pronoun-]").length > 1);
  await page.locator("[data-key^=pronoun-][aria-pressed=false]").first().click();
  await settled(page);
  assert.notEqual(await answer(page), line);
});

test("masking the answer leaves the head that is shown", async ({ open }) => {
  const page = await open({ view: "heads" });
  const { answer: word, tokens, pronoun_word } = await readingOf(page, ROBOT);
  const masked = tokens.findIndex((token) => token.word === (word ?? pronoun_word - 1));
  const shown = () => page.locator(".picker-head[aria-pressed=true]").evaluateAll((heads) => heads.map(({ dataset }) => dataset.key));
  const before = await shown();
  assert.equal(before.length, 1);
  await page.evaluate((token) => { location.hash = `#view=heads&masked=[${token}]`; }, masked);
  await page.waitForSelector(".before");
  await settled(page);
  assert.deepEqual(await shown(), before);
});

test("exported: a head that is off or a word that is masked leaves picture, tools and the way back", async ({ openExported }) => {
  for (const change of [{ ablated: "[[0,0]]" }, { ablated: "[[0,0],[0,1],[1,1]]" }, { masked: "[3]" }, { masked: "[3,5]" }]) {
    const page = await openExported({ view: "heads", ...change });
    assert.equal(await page.locator("#stage canvas, #stage svg").count() > 0, true, JSON.stringify(change));
    assert.match(await page.locator("#stage").innerText(), /antes del cambio/);
    await key(page, "undo").click();
    await settled(page);
    assert.doesNotMatch(await page.locator("#stage").innerText(), /antes del cambio/);
    await page.goBack();
    await page.waitForSelector("[data-key=undo]");
  }
});

test("a head that is off can be switched on, and says so", async ({ open }) => {
  const page = await open({ view: "model", ablated: "[[0,0]]" });
  assert.equal(await key(page, "switch-0-0").innerText(), "Encender");
  assert.equal(await key(page, "switch-0-1").innerText(), "Apagar");
});

test("a step without vectors offers the nearest one that has them", async ({ open }) => {
  for (const view of ["steps", "neuron"]) {
    const page = await open({ view, snapshot: 0 });
    await key(page, "nearest-checkpoint").click();
    await settled(page);
    assert.equal(await key(page, "nearest-checkpoint").count(), 0);
    assert.ok(await page.locator("#stage table, #stage canvas").count() > 0, view);
  }
});

test("joiners inside of emoji are no words of the strip", async ({ open }) => {
  const page = await open({ view: "heads", text: "Ana 👩‍👧 llamó a Luis porque ella quiso." });
  for (const word of await page.locator(".strip .strip-text").allInnerTexts()) assert.notEqual(word.trim().replace(/\p{Cf}/gu, ""), "", JSON.stringify(word));
});
