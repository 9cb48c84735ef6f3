// The lesson: every station, with a bet that the model bears out and one that it does not, in both languages.

import assert from "node:assert/strict";
import { axe, key, overflow, readingOf, settled, test, WIDTHS } from "./harness.mjs";

const STATIONS = ["asks", "parallel", "vectors", "four", "twins", "rows", "distance", "growth", "cause", "explains"];
// What each reveals: at least a table with numbers.
const PICTURES = { distance: ".plot polyline", growth: ".plot polyline", four: ".steps" };

async function station(open, lesson, options = {}) {
  const page = await open({ view: "lesson", lesson, ...options }, { isReady: ".bet" });
  return page;
}

// Bets on the choice at `place` among those that can be chosen; whether it was right.
async function bet(page, place) {
  const choices = page.locator(".bet input:enabled");
  await choices.nth(place).check();
  await key(page, "lesson-check").click();
  await page.waitForSelector("#station-result");
  const isRight = await page.locator("#station-result.is-right").count() === 1;
  assert.equal(await page.locator("#station-result.is-wrong").count(), isRight ? 0 : 1);
  assert.equal(await page.evaluate(() => document.activeElement.id), "station-result");
  return isRight;
}

for (const language of ["es", "en"]) {
  STATIONS.forEach((name, lesson) => {
    test(`lesson in ${language}, ${name}: exactly one bet is right, and what the model does is shown with numbers`, async ({ open }) => {
      const page = await station(open, lesson, { language });
      assert.equal(await page.locator(".station-part").getAttribute("data-station"), name);
      const n = await page.locator(".bet input:enabled").count();
      let right = 0;
      for (let place = 0; place < n; place++) {
        if (await bet(page, place)) right += 1;
        const text = await page.locator(".reveal").innerText();
        assert.match(text, /\d/);
        assert.doesNotMatch(await page.locator(".lesson").innerText(), /\{\w+\}|undefined|NaN|null/);
        await page.waitForSelector(PICTURES[name] ?? ".reveal table");
        await key(page, "lesson-again").click();
        await page.waitForSelector(".bet");
      }
      assert.equal(right, 1);
    });
  });
}

test("lesson: the first station's right word is the answer that the model gives elsewhere", async ({ open }) => {
  const page = await station(open, 0);
  const { text, pronoun } = await page.evaluate(async () => (await (await fetch("/api/run")).json()).probes.find(({ id }) => id === "probe-es-01"));
  const answer = (await readingOf(page, text, pronoun)).answer ?? -1;
  await page.locator(`.bet input[value="${answer}"]`).check();
  await key(page, "lesson-check").click();
  await page.waitForSelector("#station-result.is-right");
  await page.waitForSelector(".reveal tr.is-answer");
});

test("lesson: the answer is not on the page before the bet", async ({ open }) => {
  const page = await station(open, 0);
  assert.equal(await page.locator("#answer").isVisible(), false);
  assert.equal(await page.locator(".reveal").count(), 0);
});

test("lesson: bets stay in the address, and starting again forgets them", async ({ open }) => {
  const page = await station(open, 0);
  await bet(page, 0);
  await key(page, "lesson-next").click();
  await page.waitForFunction(() => document.querySelector("[data-station=parallel]"));
  assert.equal(await page.evaluate(() => document.activeElement.id), "station-title");
  await page.reload();
  await page.waitForSelector("[data-station=parallel]");
  assert.match(await key(page, "station-0").innerText(), /[✓✗]/);
  await page.goBack();
  await page.waitForSelector("[data-station=asks] #station-result");
  await key(page, "lesson-restart").click();
  await page.waitForSelector(".bet");
  assert.doesNotMatch(page.url(), /bets/);
});

test("lesson: a station can be done with the keyboard alone, and opens in its view", async ({ open }) => {
  const page = await station(open, 3);
  await page.locator(".bet input").first().focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#station-result.is-right");
  await key(page, "lesson-open").focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector(".agreement:not(.is-wrong)");
  assert.match(page.url(), /view=steps/);
});

test("lesson: switching off asks the model with that head off, one by one", async ({ open }) => {
  const asked = [];
  const page = await open({ view: "lesson", lesson: 0 }, { isReady: ".bet" });
  page.on("request", (request) => { if (request.url().endsWith("/api/read")) asked.push(request.postDataJSON().ablated); });
  await key(page, "station-8").click();
  await page.waitForSelector("[data-station=cause] .bet");
  const heads = asked.filter((ablated) => ablated.length === 1).map(String);
  assert.equal(new Set(heads).size, heads.length);
  await bet(page, 0);
  assert.equal(await page.locator(".reveal table.bars tbody tr").count(), heads.length);
});

test("lesson: a model that errs is said to err", async ({ open }) => {
  const page = await station(open, 0);
  await page.route("**/api/read", async (route) => {
    const response = await route.fetch();
    const json = await response.json();
    json.readings[0].answer = json.readings[0].words.length - 2;
    await route.fulfill({ response, json });
  });
  await page.reload();
  await page.waitForSelector(".bet");
  await key(page, "lesson-look").click();
  await page.waitForSelector("#station-result");
  assert.match(await page.locator(".reveal").innerText(), /se equivoca/);
});

test("lesson: every station, asked and revealed, fits the screen and passes axe", async ({ open }) => {
  for (const colorScheme of ["light", "dark"]) {
    const page = await open({ view: "lesson" }, { isReady: ".bet", colorScheme });
    for (let lesson = 0; lesson < STATIONS.length; lesson++) {
      await key(page, `station-${lesson}`).click();
      await page.waitForSelector(`[data-station=${STATIONS[lesson]}] .bet`);
      if (lesson === 0) assert.deepEqual(await axe(page), []);
      await key(page, "lesson-look").click();
      await page.waitForSelector(".reveal");
      await settled(page);
      assert.ok(await overflow(page) <= 0, `${STATIONS[lesson]} is ${await overflow(page)} px too wide`);
      assert.deepEqual(await axe(page), [], STATIONS[lesson]);
    }
  }
}, { widths: WIDTHS });

for (const language of ["es", "en"]) {
  test(`lesson in ${language}, exported: every station is answered from the file, without a network`, async ({ openExported }) => {
    const page = await openExported({ view: "lesson", language }, { isReady: ".bet" });
    assert.match(page.url(), /^file:/);
    for (let lesson = 0; lesson < STATIONS.length; lesson++) {
      await key(page, `station-${lesson}`).click();
      await page.waitForSelector(`[data-station=${STATIONS[lesson]}] .bet`);
      await bet(page, 0);
      await page.waitForSelector(PICTURES[STATIONS[lesson]] ?? ".reveal table");
    }
    assert.equal(await page.locator(".station-number").filter({ hasText: /[✓✗]/ }).count(), STATIONS.length);
  });
}
