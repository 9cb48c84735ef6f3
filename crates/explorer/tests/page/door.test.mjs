// How the page is entered and laid out: start, groups of tabs, glossary, the sentence and its menu, class mode.

import assert from "node:assert/strict";
import { answer, axe, key, overflow, readingOf, ROBOT, robotsWord, settled, test, WIDTHS } from "./harness.mjs";

const TWO = "Ana llamó a Luis porque él quería hablar con ella.";
const LONG = `${"Aquella mañana el mercado estaba lleno de gente que compraba pan, fruta, queso y flores para la fiesta del barrio, y entre los puestos corrían los niños con sus perros mientras los mayores hablaban del tiempo. "}${ROBOT}`;

const focused = (page) => page.evaluate(() => document.activeElement.id || document.activeElement.dataset.key || document.activeElement.tagName);

async function box(page, selector) {
  return page.locator(selector).first().evaluate((element) => {
    const { top, bottom, left, right, height } = element.getBoundingClientRect();
    return { top, bottom, left, right, height };
  });
}

test("start: without a view the page says what it is, answers, and has three doors", async ({ open }) => {
  const page = await open({});
  assert.match(await page.locator("#start-title").innerText(), /\d.*pronombre/s);
  assert.ok((await answer(page)).includes(await robotsWord(page)));
  assert.equal(await page.locator(".door").count(), 3);
  assert.match(await key(page, "door-lesson").innerText(), /\d+\sminutos/);
  assert.equal(await page.locator(".toolbar").isVisible(), false);
  assert.doesNotMatch(await page.locator(".header").innerText(), /parámetros/);
  assert.match(await page.locator("footer").innerText(), /3 capas × 4 cabezas, [\d\s]+ parámetros/);
  assert.ok(await overflow(page) <= 0);
  assert.deepEqual(await axe(page), []);
}, { widths: [1440, 390, 320] });

test("start: each door leads where it says, and the page's name leads back", async ({ open }) => {
  const page = await open({});
  await key(page, "door-explore").click();
  assert.equal(await page.locator("#tab-heads").getAttribute("aria-selected"), "true");
  await key(page, "home").click();
  await key(page, "door-lesson").click();
  await page.waitForSelector(".bet");
  await page.goBack();
  await key(page, "door-decides").click();
  assert.equal(await page.locator("#tab-decides").getAttribute("aria-selected"), "true");
  await page.goBack();
  await key(page, "door-own").click();
  assert.equal(await focused(page), "text");
  await page.keyboard.type("Ana vio a Luis y él cantaba.");
  await page.waitForFunction(() => document.querySelector(".strip")?.textContent.includes("cantaba"));
  assert.equal(await page.locator(".door").count(), 3, "who types stays at the start");
  await page.reload();
  await page.waitForSelector(".door");
  assert.equal(await page.inputValue("#text"), "Ana vio a Luis y él cantaba.");
}, { widths: WIDTHS });

test("start: a link of before without a view opens the heads", async ({ open }) => {
  for (const old of [{ text: TWO }, { probe: "probe-en-01" }, { selected: "[[0,1]]" }]) {
    const page = await open(old);
    assert.equal(await page.locator("#tab-heads").getAttribute("aria-selected"), "true", JSON.stringify(old));
    assert.equal(await page.locator(".door").count(), 0);
  }
});

test("start: in an exported page the door of the own sentence leads to the examples", async ({ openExported }) => {
  const page = await openExported({});
  await key(page, "door-own").click();
  assert.equal(await focused(page), "probe");
});

test("tabs stand in groups, the lesson first; arrow keys go through all of them", async ({ open }) => {
  const page = await open({ view: "lesson" }, { isReady: ".bet" });
  assert.deepEqual(await page.locator(".tab-group").evaluateAll((groups) => groups.map((group) => group.dataset.group)), ["lesson", "look", "calculate", "learn", "prove"]);
  const tabs = await page.locator("[role=tab]").evaluateAll((all) => all.map(({ id }) => id));
  assert.equal(tabs[0], "tab-lesson");
  assert.equal(await page.locator(".tab-group:has([role=tab])").count(), 5);
  await page.locator("#tab-lesson").focus();
  for (const tab of [...tabs.slice(1), tabs[0]]) {
    await page.keyboard.press("ArrowRight");
    assert.equal(await focused(page), tab);
  }
  await page.keyboard.press("End");
  assert.equal(await focused(page), tabs.at(-1));
});

test("tabs on a phone: that there are more is seen, and the chosen one is in sight", async ({ open }) => {
  const page = await open({ view: "causal" }, { isReady: null });
  await page.waitForSelector("[role=tab]");
  const list = page.locator("[role=tablist]");
  await page.waitForFunction(() => document.querySelector("[role=tablist]").classList.contains("has-before"));
  const { left, right } = await box(page, "#tab-causal");
  assert.ok(left >= 0 && right <= 390, `the tab is at ${left} to ${right}`);
  await page.locator("#tab-lesson").click();
  await page.waitForFunction(() => document.querySelector("[role=tablist]").classList.contains("has-after"));
  assert.notEqual(await list.evaluate((element) => getComputedStyle(element).maskImage), "none");
}, { widths: [390] });

test("glossary: a term explains itself to mouse, keys and screen readers; Escape closes", async ({ open }) => {
  const page = await open({ view: "heads", token: "2" });
  const tip = page.locator("#glossary-tip");
  const term = page.locator(".stage-head .term[data-term=token]").first();
  await term.hover();
  assert.match(await tip.innerText(), /^Token/);
  const spoken = await term.evaluate((element) => document.getElementById(element.getAttribute("aria-describedby")).textContent);
  assert.match(spoken, /^Token: .{20}/);
  await page.mouse.move(700, 500);
  await tip.waitFor({ state: "hidden" });
  await page.locator("#tab-heads .term").hover();
  assert.match(await tip.innerText(), /^Cabeza/);
  await page.mouse.move(700, 500);
  await page.locator("#tab-heads").focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Shift+Tab");
  assert.match(await tip.innerText(), /^Cabeza/);
  await page.keyboard.press("Escape");
  await tip.waitFor({ state: "hidden" });
  assert.match(page.url(), /token=2/, "Escape has closed the tip, and done nothing else");
  await term.focus();
  await page.keyboard.press("Enter");
  assert.ok(await tip.isVisible());
});

test("glossary: on a phone a tap explains a term", async ({ open }) => {
  const page = await open({ view: "heads" });
  await page.locator(".stage-head p .term").first().click();
  assert.ok((await page.locator("#glossary-tip").innerText()).length > 20);
  const { left, right } = await box(page, "#glossary-tip");
  assert.ok(left >= 0 && right <= 390);
  await page.mouse.click(200, 780);
  await page.locator("#glossary-tip").waitFor({ state: "hidden" });
}, { widths: [390] });

test("glossary: every definition is there, in both languages", async ({ open }) => {
  for (const language of ["es", "en"]) {
    const page = await open({ view: "heads", language });
    const all = await page.locator("[data-definition]").evaluateAll((list) => list.map(({ textContent }) => textContent));
    assert.ok(all.length >= 15);
    for (const text of all) assert.match(text, /^[^:]+: .{15}/);
  }
});

test("layout: at 1280 × 720 little stands above the figure of the heads, and it is seen whole", async ({ open }) => {
  const page = await open({ view: "heads" });
  await page.setViewportSize({ width: 1280, height: 720 });
  await settled(page);
  const { top, bottom } = await box(page, ".headview");
  assert.ok(top <= 200, `the figure begins at ${top}`);
  assert.ok(bottom <= 720, `the figure ends at ${bottom}`);
});

test("layout: of a long text two lines are seen, and the rest scrolls", async ({ open }) => {
  const page = await open({ view: "heads", text: LONG });
  const { height } = await box(page, ".sentence");
  assert.ok(height <= 170, `the sentence is ${height} high`);
  assert.ok(await page.locator(".strip-box").evaluate((element) => element.scrollHeight > element.clientHeight));
  const [strip, pronoun] = [await box(page, ".strip-box"), await box(page, ".strip-word.is-pronoun")];
  assert.ok(pronoun.top >= strip.top - 1 && pronoun.bottom <= strip.bottom + 1, "the pronoun is among them");
});

test("layout: on a phone the figure comes first, and the sentence stays in sight and opens on a tap", async ({ open }) => {
  const page = await open({ view: "heads" });
  assert.ok((await box(page, ".headview")).top < 400, `the figure begins at ${(await box(page, ".headview")).top}`);
  assert.ok((await box(page, ".sentence")).height < 60);
  assert.equal(await page.locator(".strip").isVisible(), false);
  await page.setViewportSize({ width: 390, height: 500 });
  await page.evaluate(() => scrollTo(0, 200));
  await page.waitForFunction(() => scrollY > 50);
  const { top, bottom } = await box(page, "#answer-line");
  assert.ok(top >= 0 && bottom < 60, `the answer is at ${top}`);
  await key(page, "sentence-unfold").click();
  assert.ok(await page.locator(".strip").isVisible());
  assert.deepEqual(await axe(page), []);
  await key(page, "sentence-unfold").click();
  assert.equal(await page.locator(".strip").isVisible(), false);
}, { widths: [390] });

test("layout: nothing moves while the page fills", async ({ open }) => {
  for (const view of ["", "heads", "matrix", "lesson"]) {
    const page = await open(view ? { view } : {}, { isReady: view === "lesson" ? ".bet" : "#answer-line" });
    await page.waitForTimeout(300);
    const shift = await page.evaluate(() => new Promise((resolve) => {
      let sum = 0;
      new PerformanceObserver((list) => { for (const entry of list.getEntries()) sum += entry.value; }).observe({ type: "layout-shift", buffered: true });
      setTimeout(() => resolve(sum), 200);
    }));
    assert.ok(shift < 0.02, `${view || "start"} shifts by ${shift}`);
  }
}, { widths: WIDTHS });

test("sentence: the field lies over its words, and gives way to them", async ({ open }) => {
  const page = await open();
  const opacity = (selector) => page.locator(selector).evaluate((element) => getComputedStyle(element).opacity);
  assert.equal(await opacity("#text"), "0");
  const before = (await box(page, ".tabs")).top;
  await key(page, "write").click();
  assert.equal(await focused(page), "text");
  assert.deepEqual([await opacity("#text"), await opacity(".strip-box")], ["1", "0"]);
  assert.equal((await box(page, ".tabs")).top, before, "the page does not move");
  await page.keyboard.press("Enter");
  assert.equal(await opacity("#text"), "0");
  assert.equal(await page.inputValue("#text"), ROBOT);
});

// The menu of a word.
async function choose(page, word, name) {
  await key(page, `word-${word}`).click();
  await key(page, `word-${name}`).click();
  await settled(page);
}

test("menu: a word is masked and unmasked, fixed and let go", async ({ open }) => {
  const page = await open();
  await choose(page, 1, "mask");
  await page.waitForSelector("[data-key=word-1].is-masked");
  assert.match(page.url(), /masked=/);
  await choose(page, 1, "mask");
  await page.waitForSelector("[data-key=word-1]:not(.is-masked)");
  assert.doesNotMatch(page.url(), /masked=/);
  await choose(page, 4, "fix");
  await page.waitForSelector("[data-key=word-4].is-fixed");
  const token = Number(new URLSearchParams(new URL(page.url()).hash.slice(1)).get("token"));
  const { tokens } = await readingOf(page, ROBOT);
  assert.equal(tokens[token].word, 4);
  await choose(page, 4, "fix");
  assert.doesNotMatch(page.url(), /token=/);
});

test("menu: by keys alone, and a screen reader is told", async ({ open }) => {
  const page = await open();
  const word = key(page, "word-1");
  assert.equal(await word.getAttribute("aria-haspopup"), "menu");
  await word.focus();
  await page.keyboard.press("Enter");
  assert.equal(await focused(page), "word-mask");
  assert.equal(await word.getAttribute("aria-expanded"), "true");
  assert.deepEqual(await axe(page), []);
  await page.keyboard.press("ArrowDown");
  assert.equal(await focused(page), "word-fix");
  await page.keyboard.press("Escape");
  await page.waitForSelector("#word-menu", { state: "detached" });
  assert.equal(await focused(page), "word-1");
  assert.equal(await word.getAttribute("aria-expanded"), "false");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[data-key=word-1].is-masked");
  assert.equal(await focused(page), "word-1");
});

test("menu: a word is asked about without braces", async ({ open }) => {
  const page = await open({ view: "heads", text: "Marta vio {su} coche y lo compró." });
  const asked = (word) => page.waitForFunction((text) => document.querySelector("#answer-line")?.textContent.startsWith(text), word);
  await asked("su");
  const place = await page.locator(".strip-text").evaluateAll((all) => all.findIndex(({ textContent }) => textContent === "lo"));
  await choose(page, place, "ask");
  await asked("lo");
  await key(page, "word-0").click();
  assert.equal(await key(page, "word-ask").count(), 0, "a name is not asked about");
});

test("a sentence in which the model finds no pronoun offers the words that may be one", async ({ open }) => {
  const text = "Marta vio el coche y lo compró.";
  const page = await open();
  await page.route("**/api/read", (route) => (JSON.parse(route.request().postData()).pronoun === null
    ? route.fulfill({ status: 400, json: { format: "anafora-explorer", version: 1, error: { code: "no_pronoun", message: "none" } } })
    : route.continue()));
  await page.fill("#text", text);
  await key(page, `offer-${text.indexOf("lo ")}`).click();
  await page.waitForFunction(() => document.querySelector("#answer-line")?.textContent.startsWith("lo"));
});

test("anaphors: all are underlined, and buttons, a key and the menu lead from one to the next", async ({ open }) => {
  const page = await open({ view: "heads", text: TWO });
  const found = await page.evaluate(async (text) => {
    const body = JSON.stringify({ checkpoint: null, text, pronoun: null, masked: [], ablated: [], ablation: "zero" });
    return (await (await fetch("/api/read", { method: "POST", headers: { "content-type": "application/json" }, body })).json()).readings.map(({ pronoun_word }) => pronoun_word);
  }, TWO);
  assert.ok(found.length >= 2);
  for (const word of found) await page.waitForSelector(`[data-key=word-${word}].is-anaphor`);
  assert.equal(await page.locator(".strip-word.is-anaphor").count(), found.length);
  const shown = async () => page.locator(".strip-word.is-pronoun").getAttribute("data-key");
  const isShown = (word) => page.waitForSelector(`[data-key=word-${word}].is-pronoun`);
  assert.equal(await shown(), `word-${found[0]}`);
  await key(page, "anaphor-next").click();
  await isShown(found[1]);
  await page.keyboard.press("n");
  await isShown(found[2 % found.length]);
  await page.keyboard.press("N");
  await isShown(found[1]);
  await choose(page, found[0], "ask");
  await isShown(found[0]);
});

test("anaphors: those that stand for the same are of one colour", async ({ open }) => {
  const page = await open({ view: "heads", text: "Ana saludó a Eva porque ella la quería y ella cantaba." });
  await page.route("**/api/read", async (route) => {
    const response = await route.fetch();
    const json = await response.json();
    for (const reading of json.readings) reading.answer = 0;
    await route.fulfill({ response, json });
  });
  await page.reload();
  await page.waitForSelector(".strip-word.is-anaphor");
  await settled(page);
  const anaphors = await page.locator(".strip-word.is-anaphor").count();
  assert.ok(anaphors >= 2, `${anaphors} anaphors`);
  assert.equal(await page.locator(".strip-word.chain-0").count(), anaphors + 1);
  const colors = await page.locator(".chain-0 .strip-text").evaluateAll((all) => new Set(all.map((element) => getComputedStyle(element).color)).size);
  assert.equal(colors, 1);
  assert.deepEqual(await axe(page), []);
});

test("class mode: large, without tools, arrow keys through the stations, Escape leaves", async ({ open }) => {
  const page = await open({ present: "" }, { isReady: ".bet" });
  assert.equal(await page.locator(".station-part").getAttribute("data-station"), "asks");
  const sizes = await page.evaluate(() => ["body", ".station-text", ".hand-up", "legend", ".station-part > .quiet"].map((selector) => parseFloat(getComputedStyle(document.querySelector(selector)).fontSize)));
  for (const size of sizes) assert.ok(size >= 24, `${sizes}`);
  for (const part of [".toolbar", ".stations", "[data-key=theme-dark]", ".save"]) assert.equal(await page.locator(part).first().isVisible(), false, part);
  assert.ok(await overflow(page) <= 0);
  assert.deepEqual(await axe(page), []);
  await page.keyboard.press("ArrowRight");
  await page.waitForSelector("[data-station=parallel] .bet");
  await page.keyboard.press("ArrowLeft");
  await page.waitForSelector("[data-station=asks] .bet");
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => !document.documentElement.classList.contains("presents"));
  assert.ok(await page.locator(".stations").isVisible());
  await key(page, "present").click();
  assert.match(page.url(), /present=true/);
});

test("class mode: hands are counted, and what most say is compared with the model", async ({ open }) => {
  const page = await open({ present: "" }, { isReady: ".bet" });
  const { probes } = await page.evaluate(async () => (await fetch("/api/run")).json());
  const { text, pronoun } = probes.find(({ id }) => id === "probe-es-01");
  const right = (await readingOf(page, text, pronoun)).answer ?? -1;
  const wrong = right === 1 ? 5 : 1;
  assert.equal(await key(page, "lesson-check").isEnabled(), false);
  for (let i = 0; i < 3; i++) await key(page, `hand-${right}`).click();
  for (let i = 0; i < 2; i++) await key(page, `hand-${wrong}`).click();
  await key(page, `hand-down-${wrong}`).click();
  assert.equal(await key(page, `hand-${right}`).locator(".hand-count").innerText(), "3");
  assert.equal(await key(page, `hand-${wrong}`).locator(".hand-count").innerText(), "1");
  await page.reload();
  await page.waitForSelector(".bet");
  assert.equal(await key(page, `hand-${right}`).locator(".hand-count").innerText(), "3", "the address keeps the hands");
  await key(page, "lesson-check").click();
  await page.waitForSelector("#station-result.is-right");
  assert.match(await page.locator(".class-verdict").innerText(), /3 de 4 \(75\s%\)/);
  await key(page, "lesson-again").click();
  await page.waitForSelector(".bet");
  assert.equal(await key(page, `hand-${right}`).locator(".hand-count").innerText(), "0");
  for (let i = 0; i < 2; i++) await key(page, `hand-${wrong}`).click();
  await key(page, "lesson-check").click();
  await page.waitForSelector("#station-result.is-wrong");
});

test("class mode: any view can be shown large", async ({ open }) => {
  const page = await open({ view: "heads", present: "true" });
  assert.equal(await page.locator(".toolbar").isVisible(), false);
  assert.ok(await page.locator(".headview").isVisible());
  assert.ok(await overflow(page) <= 0);
  assert.deepEqual(await axe(page), []);
});

test("lesson: on an English page it is about an English sentence", async ({ open }) => {
  const page = await open({ view: "lesson", language: "en" }, { isReady: ".bet" });
  const stations = await page.locator(".station").count();
  for (let lesson = 0; lesson < stations; lesson++) {
    await key(page, `station-${lesson}`).click();
    await page.waitForSelector(".bet");
    await settled(page);
    const quote = page.locator("blockquote");
    if (await quote.count() > 0) assert.equal(await quote.first().getAttribute("lang"), "en", `station ${lesson + 1}`);
    await key(page, "lesson-look").click();
    await page.waitForSelector(".reveal");
    assert.doesNotMatch(await page.locator(".station-part").innerText(), /“(él|ella|robot|pelota|dañado)”|\{\w+\}/, `station ${lesson + 1}`);
  }
  await key(page, "station-4").click();
  await key(page, "lesson-open").click();
  await page.waitForSelector("#answer-line");
  assert.match(page.url(), /probe=probe-en-02/);
});
