// The moving pictures of the lesson, and what stands beside them.

import assert from "node:assert/strict";
import { axe, key, overflow, readingOf, ROBOT, settled, test, WIDTHS } from "./harness.mjs";

const openStation = (open, lesson, more = {}, options = {}) => open({ view: "lesson", lesson, ...more }, { isReady: ".station-lead", ...options });
const moving = (page, selector) => page.evaluate((where) => document.querySelector(where).getAnimations({ subtree: true })
  .map(({ effect }) => effect.getComputedTiming().delay), selector);

test("scenes: the words of the sentence light up one after the other, and all at once", async ({ open }) => {
  const page = await openStation(open, 1);
  const { words } = await readingOf(page, ROBOT);
  const wanted = words.map(([from, to]) => ROBOT.slice(from, to)).filter((word) => /\p{L}/u.test(word));
  assert.deepEqual(await page.locator(".race-row.is-serial .race-text").allInnerTexts(), wanted);
  assert.deepEqual(await page.locator(".race-row.is-parallel .race-text").allInnerTexts(), wanted);
  const steps = (row) => page.locator(`.race-row.is-${row} .race-step [aria-hidden]`).allInnerTexts();
  assert.deepEqual(await steps("serial"), wanted.map((_, i) => String(i + 1)));
  assert.deepEqual(await steps("parallel"), wanted.map(() => "1"));
  await key(page, "race-again").click();
  const serial = await moving(page, ".race-row.is-serial");
  assert.equal(new Set(serial).size, wanted.length);
  assert.equal(new Set(await moving(page, ".race-row.is-parallel")).size, 1);
});

test("scenes: with less motion they are stills", async ({ open }) => {
  const page = await openStation(open, 1, {}, { reducedMotion: "reduce" });
  assert.deepEqual(await moving(page, ".race"), []);
  assert.equal(await key(page, "race-again").count(), 0);
  const swap = await openStation(open, 2, { bets: "[[2,1,1]]" }, { reducedMotion: "reduce", isReady: ".swap" });
  assert.deepEqual(await moving(swap, ".swap"), []);
});

test("scenes: a word has three cards in their hues, and two words change their keys", async ({ open }) => {
  const page = await openStation(open, 2);
  const hues = await page.evaluate(() => ["query", "key", "value"].map((role) => getComputedStyle(document.querySelector(`.cards .is-${role}`)).color));
  assert.equal(new Set(hues).size, 3);
  assert.equal(await page.locator(".cards canvas").count(), 3);
  assert.ok(await page.locator(".station-text .role").count() >= 3);
  await page.evaluate(() => { location.hash += "&bets=[[2,1,1]]"; });
  await page.waitForSelector(".swap");
  await settled(page);
  const moves = await page.evaluate(() => {
    document.getAnimations().forEach((each) => each.finish());
    document.querySelector("[data-key=swap-again]").click();
    return document.querySelector(".swap").getAnimations({ subtree: true }).map(({ effect }) => [effect.target.className, effect.getComputedTiming().endTime]);
  });
  assert.deepEqual(moves, [["vector-card of-key", 560], ["vector-card of-key", 560]]);
  const rows = await page.locator(".swap-row").evaluateAll((all) => all.map((row) => [row.querySelector("strong").textContent, ...[...row.querySelectorAll(".card-text")].map((text) => text.textContent)]));
  const [[a, keyOfA, valueOfA], [b, keyOfB, valueOfB]] = rows;
  assert.ok(keyOfA.includes(`«${b}»`) && keyOfB.includes(`«${a}»`) && valueOfA.includes(`«${a}»`) && valueOfB.includes(`«${b}»`));
});

test("scenes: from 1200 px the picture stands right of the text, below that under it", async ({ open }) => {
  const page = await openStation(open, 1, { bets: "[[1,1,1]]" });
  for (const [width, isBeside] of [[390, false], [1024, false], [1100, false], [1200, true], [1280, true], [1366, true], [1440, true], [1920, true]]) {
    await page.setViewportSize({ width, height: 800 });
    await settled(page);
    for (const [text, picture] of [[".station-words", ".race"], [".reveal-words", ".reveal-pictures"]]) {
      const [a, b] = [await page.locator(text).boundingBox(), await page.locator(picture).boundingBox()];
      assert.equal(b.x >= a.x + a.width && b.y < a.y + a.height, isBeside, `${picture} at ${width}`);
      if (!isBeside) assert.ok(b.y >= a.y + a.height, `${picture} is under the text at ${width}`);
    }
    assert.ok(await overflow(page) <= 0);
    const [wanted, room] = await page.locator(".reveal-pictures .bars-box").evaluate(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth]);
    assert.ok(wanted <= room, `the table wants ${wanted} of ${room} at ${width}`);
  }
});

test("scenes: fit the screen, and axe finds nothing, in class too", async ({ open }) => {
  for (const [lesson, present, colorScheme] of [[1, false, "light"], [2, false, "dark"], [2, true, "light"], [1, true, "dark"]]) {
    const page = await openStation(open, lesson, { bets: `[[${lesson},1,1]]`, present }, { colorScheme });
    assert.ok(await overflow(page) <= 0);
    assert.deepEqual(await axe(page), []);
  }
}, { widths: WIDTHS });

test("scenes: in the dimensions, query and key have their hues", async ({ open }) => {
  const page = await open({ view: "neuron" });
  assert.ok(await page.locator(".neurons .role.is-query").count() > 0);
  assert.ok(await page.locator(".neurons .role.is-key").count() > 0);
});
