// What the page says where a change moves nothing, and which change it offers; the end of the lesson.

import assert from "node:assert/strict";
import { axe, key, overflow, settled, test, WIDTHS } from "./harness.mjs";

// Answers in which each word keeps its probability, but for the changes that `isMoving` names: there, the answer is
// another word and certain.
async function routeReads(page, isMoving) {
  await page.route("**/api/read", async (route) => {
    const asked = JSON.parse(route.request().postData());
    const isChanged = asked.ablated.length > 0 || asked.masked.length > 0;
    const response = await route.fetch({ postData: JSON.stringify({ ...asked, ablated: [], masked: [] }) });
    const json = await response.json();
    for (const reading of json.readings ?? []) {
      reading.phrases = [];
      const words = [...reading.words.keys()].filter((word) => word !== reading.pronoun_word);
      reading.answer = isChanged && isMoving(asked) ? words[0] : words[1];
      reading.probabilities = reading.probabilities.map((_, word) => (word === reading.answer ? 0.98 : 0));
      reading.probabilities[reading.words.length] = 0.02;
      reading.is_sure = true;
    }
    await route.fulfill({ response, json });
  });
  await page.reload();
  await page.waitForSelector("#answer-line:visible, .lesson:visible");
  await settled(page);
}
const isHead = ([layer, head]) => ({ ablated: [off] }) => off?.[0] === layer && off[1] === head;

test("moves: where a head changes nothing the page says so, and finds the head that does when asked", async ({ open }) => {
  const page = await open({ view: "heads", ablated: "[[0,0]]" });
  let asked = 0;
  await routeReads(page, (request) => { asked += 1; return isHead([1, 0])(request); });
  const hint = page.locator(".unmoved");
  assert.match(await hint.innerText(), /Nada ha cambiado/);
  assert.ok(asked <= 2, `${asked} changes were asked before anybody wanted to know`);
  await key(page, "find-change").click();
  await page.waitForFunction(() => document.querySelector("[data-key=find-change]")?.textContent.includes("2.1"));
  assert.match(await key(page, "find-change").innerText(), /apagar la cabeza 2\.1: la respuesta pasa a «/);
  await key(page, "find-change").click();
  await settled(page);
  assert.match(page.url(), /ablated=%5B%5B1%2C0%5D%5D/);
  await hint.waitFor({ state: "detached" });
  assert.match(await page.locator("#answer-line").innerText(), /antes del cambio/);
}, { widths: WIDTHS });

test("moves: where no head does, a word is offered", async ({ open }) => {
  const page = await open({ view: "heads", ablated: "[[0,0]]" });
  await routeReads(page, ({ masked }) => masked.includes(3));
  await key(page, "find-change").click();
  await page.waitForFunction(() => /tapar «/.test(document.querySelector("[data-key=find-change]")?.textContent ?? ""));
  await key(page, "find-change").click();
  await settled(page);
  assert.match(page.url(), /masked=/);
  assert.doesNotMatch(page.url(), /ablated=/);
});

test("moves: where nothing does, the page says that no head or word decides it alone", async ({ open }) => {
  const page = await open({ view: "heads", ablated: "[[0,0]]" });
  await routeReads(page, () => false);
  await key(page, "find-change").click();
  await page.waitForFunction(() => /Ninguna cabeza ni palabra/.test(document.querySelector(".unmoved")?.textContent ?? ""));
  assert.equal(await key(page, "find-change").count(), 0);
  assert.deepEqual(await axe(page), []);
});

test("moves: an exported page offers what is recorded, and no button that leads nowhere", async ({ openExported }) => {
  const page = await openExported({ view: "heads", ablated: "[[0,0]]" });
  const hint = page.locator(".unmoved");
  if (await hint.count() === 0) return; // this model's answer is moved by that head
  assert.doesNotMatch(await hint.innerText(), /Buscar el cambio/);
});

test("moves: an example whose answer a change moves comes first at the next opening of the list", async ({ open }) => {
  const page = await open({ view: "heads" });
  const ids = () => key(page, "probe").locator("optgroup").first().locator("option").evaluateAll((all) => all.map(({ value }) => value));
  const [, second] = await ids();
  await page.goto(`${page.url().split("#")[0]}#${new URLSearchParams({ view: "heads", probe: second, ablated: "[[0,0]]" })}`);
  await routeReads(page, isHead([1, 0]));
  await key(page, "find-change").click();
  await page.waitForFunction(() => document.querySelector("[data-key=find-change]")?.textContent.includes("2.1"));
  assert.notEqual((await ids())[0], second, "not while nobody opens it");
  await key(page, "probe").focus();
  assert.equal((await ids())[0], second);
});

const ROBOT_ID = /El robot dej/;
test("moves: station 9 takes a sentence that a head moves where the robot's is moved by none", async ({ open }) => {
  const page = await open({ view: "lesson", lesson: "8" }, { isReady: ".lesson" });
  await routeReads(page, (request) => !ROBOT_ID.test(request.text) && isHead([1, 1])(request));
  await page.waitForSelector(".station-note");
  assert.doesNotMatch(await page.locator("blockquote").innerText(), ROBOT_ID);
  await key(page, "lesson-look").click();
  await page.waitForSelector(".reveal");
  assert.match(await page.locator(".reveal").innerText(), /2\.2/);
  assert.deepEqual(await axe(page), []);
});

test("moves: station 9 keeps the robot's sentence where a head moves it, or where none moves any", async ({ open }) => {
  for (const isMoving of [isHead([0, 1]), () => false]) {
    const page = await open({ view: "lesson", lesson: "8" }, { isReady: ".lesson" });
    await routeReads(page, isMoving);
    await page.waitForSelector(".station-text");
    assert.match(await page.locator("blockquote").innerText(), ROBOT_ID);
    assert.equal(await page.locator(".station-note").count(), 0);
  }
});

test("moves: the lesson ends with the score, three sentences, ways on and a link for a class", async ({ open }) => {
  const page = await open({ view: "lesson", lesson: "9", bets: "[[0,1,1],[1,0,0]]" }, { isReady: ".lesson" });
  await page.waitForSelector(".bet");
  assert.equal(await page.locator(".lesson-end").count(), 0, "not before the last bet");
  await key(page, "lesson-look").click();
  await page.waitForSelector(".lesson-end");
  assert.match(await page.locator(".lesson-end-score").innerText(), /1 de 2/);
  assert.equal(await page.locator(".lesson-end li").count(), 3);
  assert.ok(await overflow(page) <= 0);
  assert.deepEqual(await axe(page), []);
  await key(page, "end-share").click();
  await page.waitForSelector("html.presents");
  assert.doesNotMatch(page.url(), /bets|lesson=/);
  await page.goBack();
  await page.waitForSelector(".lesson-end");
  await key(page, "end-decides").click();
  await page.waitForSelector(".decides");
}, { widths: WIDTHS });
