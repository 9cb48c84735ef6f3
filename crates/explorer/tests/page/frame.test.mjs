// The frame: languages, address, keyboard, typed text, errors, colours.

import assert from "node:assert/strict";
import { answer, axe, key, overflow, readingOf, ROBOT, robotsWord, settled, test, WIDTHS } from "./harness.mjs";

const VIEWS = ["heads", "matrix", "model", "rollout", "time", "compare"];

test("the page opens with the lecture's sentence and its answer", async ({ open }) => {
  const page = await open();
  assert.equal(await page.inputValue("#text"), ROBOT);
  assert.match(await answer(page), new RegExp(`^él\\s*→\\s*(no es seguro:\\s*)?${await robotsWord(page)}\\s+\\d`));
  const words = await page.locator(".strip > li").allInnerTexts();
  assert.equal(words.length, 12);
  const numbers = words.map((word) => Number(word.match(/([\d,]+)\s%/)?.[1].replace(",", ".") ?? 0));
  const { probabilities } = await readingOf(page, ROBOT);
  for (const [i, p] of probabilities.entries()) {
    if (p < 0.0099) assert.equal(numbers[i], 0, `${words[i]} has a number, for ${p}`);
    else if (p > 0.0101) assert.ok(Math.abs(numbers[i] - p * 100) < 0.1, `${words[i]}, and it is ${p}`);
  }
}, { widths: WIDTHS });

test("the interface follows the browser's language and can be switched", async ({ open }) => {
  const english = await open({}, { locale: "en-GB" });
  assert.equal(await english.getAttribute("html", "lang"), "en");
  assert.match(await english.inputValue("#text"), /^Tom/);
  await key(english, "language-es").click();
  await settled(english);
  assert.equal(await english.getAttribute("html", "lang"), "es");
  assert.equal(await english.locator("#tab-heads").innerText(), "Cabezas");
  assert.match(english.url(), /language=es/);
});

test("every view is drawn, in both languages, within the width of the screen", async ({ open }) => {
  for (const language of ["es", "en"]) {
    for (const view of VIEWS) {
      const page = await open({ view, language });
      assert.equal(await page.locator(`#tab-${view}`).getAttribute("aria-selected"), "true");
      assert.ok(await page.locator("#stage .figure > *").count() > 0, `${view} is empty`);
      assert.equal(await page.locator("#stage [role=alert]").count(), 0, view);
      assert.ok(await overflow(page) <= 0, `${view} is ${await overflow(page)} px too wide`);
    }
  }
}, { widths: WIDTHS });

test("axe finds nothing serious, in light and in dark", async ({ open }) => {
  for (const colorScheme of ["light", "dark"]) {
    for (const view of VIEWS) {
      const page = await open({ view }, { colorScheme });
      assert.deepEqual(await axe(page), [], `${view}, ${colorScheme}`);
      await page.close();
    }
    const page = await open({ view: "matrix", table: "true", ablated: "[[0,0]]", masked: "[2]" }, { colorScheme });
    assert.deepEqual(await axe(page), [], `table, ${colorScheme}`);
  }
}, { widths: WIDTHS });

test("the theme can be chosen against the system", async ({ open }) => {
  const page = await open({}, { colorScheme: "light" });
  const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await paper();
  await key(page, "theme-dark").click();
  assert.notEqual(await paper(), light);
  await key(page, "theme-").click();
  assert.equal(await paper(), light);
});

test("a sentence is read while it is typed, and markup in it is text", async ({ open }) => {
  const page = await open();
  const evil = "<script>window.evil = 1</script><img src=x onerror=\"window.evil = 1\"> Ana saludó a Luis porque él cantaba.";
  await page.fill("#text", evil);
  await page.waitForFunction(() => document.querySelector(".strip")?.textContent.includes("cantaba"));
  await settled(page);
  assert.match(await answer(page), /^él\s*→/);
  assert.equal(await page.evaluate(() => window.evil), undefined);
  assert.equal(await page.locator("#page img, #page script").count(), 0);
  assert.match(await page.locator(".strip").textContent(), /script/);
  for (const view of VIEWS) {
    await page.locator(`#tab-${view}`).click();
    await settled(page);
    assert.equal(await page.evaluate(() => window.evil), undefined, view);
  }
});

test("of several pronouns one is chosen, and braces choose another word", async ({ open }) => {
  const page = await open({ text: "Ana llamó a Luis porque él quería hablar con ella." });
  const chips = page.locator("[data-key^=pronoun-]");
  assert.ok(await chips.count() >= 2, "fewer than two pronouns were found");
  const first = await answer(page);
  await chips.last().click();
  await settled(page);
  assert.notEqual(await answer(page), first);
  await page.fill("#text", "Ana llamó a Luis porque {él} quería hablar con ella.");
  await page.waitForFunction(() => document.querySelector("[data-key=pronoun-0]")?.getAttribute("aria-pressed") === "true");
  assert.match(await answer(page), /^él/);
});

test("what cannot be read is said in words, and typing on repairs it", async ({ open }) => {
  const page = await open();
  await page.fill("#text", "Hola");
  await page.waitForSelector("#answer [role=alert]");
  assert.match(await page.locator("#answer").innerText(), /pronombre/);
  await page.fill("#text", "");
  await page.waitForFunction(() => /escribe una frase/.test(document.querySelector("#answer").textContent));
  await page.fill("#text", ROBOT);
  await page.waitForSelector("#answer-line");
  assert.ok((await answer(page)).includes(await robotsWord(page)));
});

test("when the program is gone the page says so and can try again", async ({ open }) => {
  const page = await open();
  await page.context().setOffline(true);
  await page.route("**/api/read", (route) => route.abort());
  await page.fill("#text", "Ana saludó a Luis porque él cantaba.");
  await page.waitForSelector("#answer [role=alert]");
  await page.context().setOffline(false);
  await page.unroute("**/api/read");
  await key(page, "retry").click();
  await page.waitForSelector("#answer-line");
}, {});

test("a minimal pair is one click away", async ({ open }) => {
  const page = await open();
  const other = { kind: "gender", text: "El robot dejó caer la pelota porque ella estaba dañada.", pronoun: [36, 40], changed: [[36, 40], [48, 54]] };
  // Which variants there are is the program's affair; here it is what becomes of one.
  await page.route("**/api/variants", (route) => route.fulfill({ json: { format: "anafora-explorer", version: 1, variants: [other] } }));
  await page.reload();
  await page.waitForSelector("[data-key=variant-0]");
  assert.match(await key(page, "variant-0").innerText(), /género: ella … dañada/);
  await key(page, "variant-0").click();
  await page.waitForFunction((text) => document.querySelector("#text").value === text, other.text);
  await settled(page);
  assert.match(await answer(page), /^ella\s*→/);
});

test("a link restores the whole state", async ({ open }) => {
  const state = { view: "matrix", text: "Ana llamó a Luis porque él cantaba.", selected: "[[1,2]]", top: "60", special: "hide", fold: "false", language: "en", theme: "dark" };
  const page = await open(state);
  assert.equal(await page.inputValue("#text"), state.text);
  assert.equal(await key(page, "head-1-2").getAttribute("aria-pressed"), "true");
  assert.equal(await key(page, "top").inputValue(), "60");
  assert.equal(await key(page, "special").inputValue(), "hide");
  assert.equal(await key(page, "fold").isChecked(), false);
  const written = new URLSearchParams(new URL(page.url()).hash.slice(1));
  assert.deepEqual(Object.fromEntries(written), state);
});

// Of its two pronouns the model would take the first.
const TWO = "Ana llamó a Luis porque él quería hablar con ella.";
const ELLA = [45, 49];

test("a link and the back button restore which of two pronouns a changed sentence asks about", async ({ open }) => {
  const page = await open();
  const variants = [{ kind: "gender", text: TWO, pronoun: ELLA, changed: [ELLA] }];
  await page.route("**/api/variants", (route) => route.fulfill({ json: { format: "anafora-explorer", version: 1, variants } }));
  await page.reload();
  await key(page, "variant-0").click();
  const isElla = async (what) => {
    await page.waitForFunction((text) => document.querySelector("#text")?.value === text, TWO);
    await settled(page);
    assert.match(await answer(page), /^ella\s*→/, what);
    await page.waitForFunction(() => document.querySelector("[data-key^=pronoun-][aria-pressed=true]")?.textContent === "ella");
  };
  await isElla("chosen");
  const link = page.url();
  await page.locator("#tab-matrix").click();
  await page.goBack();
  await isElla("with the back button");
  const state = Object.fromEntries(new URLSearchParams(new URL(link).hash.slice(1)));
  assert.deepEqual(JSON.parse(state.pronoun), ELLA);
  const linked = await open(state);
  assert.match(await answer(linked), /^ella\s*→/);
});

test("a link and the back button restore which of two pronouns that were found is shown", async ({ open }) => {
  const page = await open({ text: TWO });
  await page.locator("[data-key^=pronoun-]").last().click();
  await settled(page);
  const shown = await answer(page);
  assert.match(shown, /^ella\s*→/);
  await page.locator("#tab-matrix").click();
  await page.goBack();
  await settled(page);
  assert.equal(await answer(page), shown);
  const linked = await open(Object.fromEntries(new URLSearchParams(new URL(page.url()).hash.slice(1))));
  assert.equal(await answer(linked), shown);
});

test("a pronoun beyond the end of the text is ignored", async ({ open }) => {
  const page = await open({ text: TWO, pronoun: "[45,99]" });
  assert.match(await answer(page), /^él\s*→/);
});

test("nonsense in the address is ignored", async ({ open }) => {
  const page = await open({ view: "<b>", language: "constructor", selected: "[[99,99],\"x\"]", top: "\"a\"", masked: "{}", which: "-7", pronoun: "[9,3]", snapshot: "123456789", ablated: "[1]", token: "9999", checkpoint: "0.5" });
  assert.ok((await answer(page)).includes(await robotsWord(page)));
});

test("the back button goes to the view before", async ({ open }) => {
  const page = await open();
  await page.locator("#tab-matrix").click();
  await page.locator("#tab-model").click();
  await page.goBack();
  assert.equal(await page.locator("#tab-matrix").getAttribute("aria-selected"), "true");
  await page.goBack();
  assert.equal(await page.locator("#tab-heads").getAttribute("aria-selected"), "true");
});

test("everything can be reached by keys", async ({ open }) => {
  const page = await open();
  await page.keyboard.press("?");
  assert.equal(await page.locator("dialog[open]").count(), 1);
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "detached" });
  await page.keyboard.press("3");
  assert.equal(await page.locator("#tab-matrix").getAttribute("aria-selected"), "true");
  const before = await page.locator(".picker-head[aria-pressed=true]").getAttribute("data-key");
  await page.keyboard.press("]");
  assert.notEqual(await page.locator(".picker-head[aria-pressed=true]").getAttribute("data-key"), before);
  await page.locator("#tab-matrix").focus();
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.evaluate(() => document.activeElement.id), "tab-model");
  await page.keyboard.press("e");
  assert.equal(await page.evaluate(() => document.activeElement.id), "text");
  await page.keyboard.type("2");
  assert.equal(await page.locator("#tab-model").getAttribute("aria-selected"), "true", "a key in a field is text");
});

test("the focus can be seen, and survives a drawing", async ({ open }) => {
  const page = await open();
  await key(page, "fold").focus();
  await page.keyboard.press("Space");
  await settled(page);
  assert.equal(await page.evaluate(() => document.activeElement.dataset.key), "fold");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Shift+Tab");
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineWidth);
  assert.ok(parseFloat(outline) >= 2, `the outline is ${outline}`);
});
