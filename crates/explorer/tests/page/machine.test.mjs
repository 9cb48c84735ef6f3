// The four steps as scenes, the colours of query, key and value, and that nothing lies over anything else.

import assert from "node:assert/strict";
import { STATION_ORDER } from "../../page/lesson/station-order.js";
import { VIEW_ORDER } from "../../page/view-order.js";
import { axe, key, overflow, ROBOT, settled, test, WIDTHS } from "./harness.mjs";

const LAPTOPS = [1024, 1100, 1280, 1366, 1440, 1536, 1680, 1920];
const NUMBER = /[-−]?\d[\d\s]*(?:,\d+)?/;

function numberIn(text) {
  return Number(text.match(NUMBER)[0].replace(/\s/g, "").replace("−", "-").replace(",", "."));
}

// The vectors of the head that is shown, asked past the page, and what the four steps make of them.
function stepsOf(page) {
  return page.evaluate(async (text) => {
    const body = { checkpoint: null, text, pronoun: null, masked: [], ablated: [], ablation: "zero" };
    const ask = async (path, more) => (await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ ...body, ...more }) })).json();
    const { readings: [{ pronoun_token: query, pronoun }] } = await ask("/api/read", {});
    const [, layer, head] = document.querySelector(".picker-head[aria-pressed=true]").dataset.key.match(/head-(\d+)-(\d+)/).map(Number);
    const { d_head, queries, keys, seq } = await ask("/api/vectors", { pronoun, layer, head });
    const floats = (base64) => new Float32Array(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)).buffer);
    const [q, k] = [floats(queries), floats(keys)];
    const dots = Array.from({ length: seq }, (_, at) => { let sum = 0; for (let i = 0; i < d_head; i++) sum += q[query * d_head + i] * k[at * d_head + i]; return sum; });
    const powers = dots.map((dot) => Math.exp(dot / Math.sqrt(d_head)));
    const total = powers.reduce((sum, power) => sum + power, 0);
    return { d_head, dots, scores: dots.map((dot) => dot / Math.sqrt(d_head)), weights: powers.map((power) => power / total) };
  }, ROBOT);
}

test("machine: each scene shows the numbers of its step, and those of later steps are hidden", async ({ open }) => {
  const page = await open({ view: "steps" });
  await page.waitForSelector(".machine");
  const { dots, scores, weights, d_head } = await stepsOf(page);
  const column = async (n) => (await page.locator(`.machine-table tbody tr td:nth-child(${n})`).allInnerTexts()).map((text) => text.split("→").at(-1));
  const isSeen = (n) => page.locator(`.machine-table tbody tr:first-child td:nth-child(${n})`).evaluate((cell) => getComputedStyle(cell.firstElementChild ?? cell).visibility === "visible");
  assert.match(await page.locator(".scene-text").innerText(), new RegExp(`${d_head} números`));
  assert.deepEqual(await Promise.all([2, 3, 4, 5, 6].map(isSeen)), [true, false, false, false, false]);
  await key(page, "scene-next").click();
  await settled(page);
  assert.deepEqual(await Promise.all([2, 3, 4, 5, 6].map(isSeen)), [true, true, true, false, false]);
  for (const [i, text] of (await column(4)).entries()) assert.ok(Math.abs(numberIn(text) - dots[i]) < 0.006, `${text}, and it is ${dots[i]}`);
  await page.keyboard.press("ArrowRight");
  await settled(page);
  for (const [i, text] of (await column(4)).entries()) assert.ok(Math.abs(numberIn(text) - scores[i]) < 0.006, `${text}, and it is ${scores[i]}`);
  await page.keyboard.press("ArrowRight");
  await settled(page);
  for (const [i, text] of (await column(5)).entries()) assert.ok(Math.abs(numberIn(text) / 100 - weights[i]) < 0.0006, `${text}, and it is ${weights[i]}`);
  await key(page, "scene-5").click();
  await settled(page);
  assert.deepEqual(await Promise.all([2, 3, 4, 5, 6].map(isSeen)), [true, true, true, true, true]);
  assert.equal(await key(page, "scene-next").getAttribute("aria-disabled"), "true");
  assert.match(page.url(), /scene=5/);
});

test("machine: at the first and the last scene the focus stays on the button that led there", async ({ open }) => {
  const page = await open({ view: "steps", scene: 4 });
  for (const [name, last, after] of [["next", 5, "previous"], ["previous", 1, "next"]]) {
    await key(page, `scene-${name}`).focus();
    for (let i = 0; i < 6; i++) {
      await page.keyboard.press("Enter");
      await settled(page);
      assert.equal(await page.evaluate(() => document.activeElement.dataset.key), `scene-${name}`);
    }
    assert.equal(await page.locator(".machine").getAttribute("data-scene"), String(last));
    assert.equal(await key(page, `scene-${name}`).getAttribute("aria-disabled"), "true");
    assert.equal(await key(page, `scene-${after}`).getAttribute("aria-disabled"), null);
  }
});

test("machine: a word that is chosen is the one that the sentence speaks of", async ({ open }) => {
  const page = await open({ view: "steps", scene: 2 });
  await key(page, "machine-3").click();
  await settled(page);
  const word = await key(page, "machine-3").innerText();
  assert.ok((await page.locator(".scene-text").innerText()).includes(`«${word}»`));
});

test("machine: what is new moves, and nothing does where less motion is wanted", async ({ open }) => {
  for (const [reducedMotion, moves] of [["no-preference", true], ["reduce", false]]) {
    const page = await open({ view: "steps" }, { reducedMotion });
    await key(page, "scene-next").click();
    await page.waitForFunction(() => document.querySelector(".machine").dataset.scene === "2");
    const running = await page.evaluate(() => document.getAnimations().filter((each) => document.querySelector(".machine").contains(each.effect.target)).length);
    assert.equal(running > 0, moves, `${running} animations with ${reducedMotion}`);
  }
});

test("machine: what moves is over in 0.6 seconds, and bars grow", async ({ open }) => {
  const page = await open({ view: "steps" });
  const grows = { 2: /scaleY\(0\)/, 4: /scaleX\(0\)/, 5: /scaleY\(0\)/ };
  for (let scene = 2; scene <= 5; scene++) {
    const found = await page.evaluate(async () => {
      document.querySelector("[data-key=scene-next]").click();
      await new Promise((resolve) => setTimeout(resolve, 20));
      return document.querySelector(".machine").getAnimations({ subtree: true }).map(({ effect }) => ({
        end: effect.getComputedTiming().endTime, frames: JSON.stringify(effect.getKeyframes()),
      }));
    });
    assert.equal(await sceneNow(page), scene);
    assert.ok(found.length > 3, `${found.length} animations in scene ${scene}`);
    assert.ok(Math.max(...found.map(({ end }) => end)) <= 600);
    if (grows[scene]) assert.ok(found.filter(({ frames }) => grows[scene].test(frames)).length > 3, `bars of scene ${scene}`);
    if (scene === 2) assert.equal(found.filter(({ frames }) => frames.includes("translateY")).length, 1);
  }
});

test("machine: query, key and value have their own colours, in prose too", async ({ open }) => {
  for (const colorScheme of ["light", "dark"]) {
    const page = await open({ view: "steps" }, { colorScheme });
    const colors = await page.evaluate(() => ["query", "key", "value", "pronoun", "answer"].map((name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`)));
    assert.equal(new Set(colors).size, 5, colors.join());
    const shown = await page.locator(".scene-text .role").evaluateAll((words) => words.map((word) => [word.textContent, word.className]));
    assert.deepEqual(shown, [["consulta", "role is-query"], ["clave", "role is-key"]]);
  }
  const english = await open({ view: "steps", language: "en", scene: 5 });
  assert.deepEqual(await english.locator(".scene-text .role").allInnerTexts(), ["value"]);
});

test("machine: fits the screen, and axe finds nothing, in light and dark", async ({ open }) => {
  for (const colorScheme of ["light", "dark"]) {
    for (const scene of [1, 5]) {
      const page = await open({ view: "steps", scene }, { colorScheme });
      await page.waitForSelector(".machine");
      assert.ok(await overflow(page) <= 0);
      assert.deepEqual(await axe(page), []);
    }
  }
}, { widths: WIDTHS });

// A finger from one place to another, as the browser gets it from a screen.
async function drag(page, locator, by) {
  const box = await locator.boundingBox();
  const [x, y] = [box.x + Math.min(box.width, 390) / 2, box.y + box.height / 2];
  const screen = await page.context().newCDPSession(page);
  const touch = (type, at) => screen.send("Input.dispatchTouchEvent", { type, touchPoints: at === null ? [] : [{ x: x + at, y }] });
  await touch("touchStart", 0);
  for (let i = 1; i <= 10; i++) await touch("touchMove", by * i / 10);
  await touch("touchEnd", null);
  await settled(page);
}

async function sceneNow(page) {
  return Number(await page.locator(".machine").getAttribute("data-scene"));
}

test("machine: arrows scroll a table that is too wide, and a finger does; elsewhere both change the scene", async ({ open, width }) => {
  const page = await open({ view: "steps", scene: 2 });
  const box = key(page, "machine-box");
  const isWide = width < 600;
  const scrolled = () => box.evaluate(({ scrollLeft }) => scrollLeft);
  await page.waitForFunction((wide) => document.querySelector(".machine-box").matches(".scrolls") === wide, isWide);
  await box.focus();
  await page.keyboard.press("ArrowRight");
  if (isWide) await page.waitForFunction(() => document.querySelector(".machine-box").scrollLeft > 0);
  await settled(page);
  assert.equal(await sceneNow(page), isWide ? 2 : 3);
  assert.equal(await page.evaluate(() => document.activeElement.dataset.key), "machine-box");
  await key(page, "scene-next").focus();
  await page.keyboard.press("ArrowLeft");
  await settled(page);
  assert.equal(await sceneNow(page), isWide ? 1 : 2);
  await key(page, "scene-2").click();
  await box.evaluate((element) => { element.scrollLeft = 0; element.scrollIntoView({ block: "center" }); });
  await settled(page);
  await drag(page, box, -120);
  assert.equal(await sceneNow(page), isWide ? 2 : 3);
  if (isWide) assert.ok(await scrolled() > 40, `scrolled by ${await scrolled()}`);
  await page.locator(".scene-text").evaluate((text) => text.scrollIntoView({ block: "center" }));
  await drag(page, page.locator(".scene-text"), 120);
  assert.equal(await sceneNow(page), isWide ? 1 : 2);
}, { widths: WIDTHS });

test("machine: in class, arrows on a table that scrolls do not lead to another station", async ({ open }) => {
  const page = await open({ view: "lesson", lesson: 3, bets: "[[3,1,1]]", present: true }, { isReady: ".machine" });
  await page.setViewportSize({ width: 700, height: 800 });
  await page.waitForSelector(".machine-box.scrolls");
  await key(page, "machine-box").focus();
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => document.querySelector(".machine-box").scrollLeft > 0);
  assert.match(page.url(), /lesson=3/);
  assert.equal(await sceneNow(page), 1);
});

test("machine: in the lesson the table has the room that it needs on a laptop of 1280, in class too", async ({ open }) => {
  for (const language of ["es", "en"]) {
    for (const [scene, present] of [[1, false], [5, false], [5, true]]) {
      const page = await open({ view: "lesson", lesson: 3, bets: "[[3,1,1]]", language, scene, present }, { isReady: ".machine", viewport: { width: 1280, height: 720 } });
      const [wanted, room] = await key(page, "machine-box").evaluate(({ scrollWidth, clientWidth }) => [scrollWidth, clientWidth]);
      assert.ok(wanted <= room, `${language}, scene ${scene}${present ? " in class" : ""}: ${wanted} of ${room}`);
    }
  }
});

test("machine: in the lesson the sum has the letters that it has in its view", async ({ open }) => {
  const view = await open({ view: "steps" });
  const lesson = await open({ view: "lesson", lesson: 3, bets: "[[3,1,1]]" }, { isReady: ".unfolded h3" });
  const [there, here] = await Promise.all([view, lesson].map((page) => page.locator(".unfolded h3").evaluate((title) => {
    const { fontSize, fontFamily } = getComputedStyle(title);
    return { fontSize, fontFamily };
  })));
  assert.equal(here.fontSize, "16px");
  assert.deepEqual(here, there);
  assert.equal(await lesson.locator("#station-title").evaluate((title) => getComputedStyle(title).fontSize), "25.6px");
});

test("layout: no part lies over another or runs out of its card, on laptops and projectors", async ({ open }) => {
  const stations = STATION_ORDER.map((_, i) => ["lesson", `view=lesson&lesson=${i}&bets=[[${i},1,1]]`]);
  // Every view there is: one that is added is tested too.
  const views = ["start", ...Object.values(VIEW_ORDER).flat().filter((view) => view !== "lesson")].map((view) => [view, `view=${view}`]);
  const page = await open({ view: "steps" });
  for (const [view, hash] of [...views, ...stations]) {
    await page.evaluate((to) => { location.hash = to; }, hash);
    await page.waitForSelector(view === "start" ? "#page.is-start" : `#tab-${view}[aria-selected=true]`);
    await settled(page);
    for (const width of LAPTOPS) {
      await page.setViewportSize({ width, height: 800 });
      await settled(page);
      assert.deepEqual(await page.evaluate(faultsOfLayout), [], `${hash} at ${width}`);
    }
  }
});

// Runs in the page: cards and tables that lie over one another, and parts that are cut off or stick out.
function faultsOfLayout() {
  const faults = [];
  const boxes = [...document.querySelectorAll("#stage .card, #stage .unfolded, #stage .steps-box, #stage .machine, #stage table")].filter((each) => each.offsetParent);
  const nameOf = (each) => each.className || each.tagName;
  const visible = (each) => {
    const { left, right, top, bottom } = each.getBoundingClientRect();
    // What scrolls within a box is seen only as far as the box goes.
    const box = each.parentElement.closest(".scroll-x, .scroll")?.getBoundingClientRect();
    return box ? { left: Math.max(left, box.left), right: Math.min(right, box.right), top: Math.max(top, box.top), bottom: Math.min(bottom, box.bottom) } : { left, right, top, bottom };
  };
  for (const [i, one] of boxes.entries()) {
    const a = visible(one);
    if (a.right > innerWidth + 1) faults.push(`${nameOf(one)} ends at ${a.right} of ${innerWidth}`);
    const card = one.parentElement.closest(".card")?.getBoundingClientRect();
    if (card && a.right > card.right + 1) faults.push(`${nameOf(one)} sticks out of its card by ${a.right - card.right}`);
    for (const other of boxes.slice(i + 1)) {
      if (one.contains(other) || other.contains(one)) continue;
      const b = visible(other);
      const [x, y] = [Math.min(a.right, b.right) - Math.max(a.left, b.left), Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)];
      if (x > 1 && y > 1) faults.push(`${nameOf(one)} and ${nameOf(other)} share ${x} × ${y} px`);
    }
  }
  return faults;
}
