// What is seen: keys on any keyboard, colours of weights, long and turned words, names of heads, numbers, phones.

import assert from "node:assert/strict";
import { axe, key, overflow, readingOf, ROBOT, settled, test } from "./harness.mjs";

// Every view of the page, whatever views there are.
const viewsOf = (page) => page.locator("[role=tab]").evaluateAll((tabs) => tabs.map(({ id }) => id.replace("tab-", "")));
const viewNow = (page) => page.locator("[role=tab][aria-selected=true]").getAttribute("id").then((id) => id.replace("tab-", ""));
// A key as a keyboard of another country and system sends it.
const press = (page, name, options = {}) => page.evaluate(([each, how]) => document.activeElement.dispatchEvent(
  new KeyboardEvent("keydown", { key: each, bubbles: true, cancelable: true, ...how })), [name, options]);
const headNow = (page) => page.locator(".picker-head[aria-pressed=true]").getAttribute("data-key");

for (const language of ["es", "en"]) {
  test(`keys: g and a letter go to every view, and the help names them (${language})`, async ({ open }) => {
    const page = await open({ language });
    await page.keyboard.press("?");
    const names = await page.locator("dialog kbd").allInnerTexts();
    const letters = names.filter((name) => /^g [a-z]$/.test(name)).map((name) => name.at(-1));
    const help = await page.locator("dialog").boundingBox();
    assert.ok(help.width <= 1440);
    await page.keyboard.press("Escape");
    const views = await viewsOf(page);
    assert.equal(new Set(letters).size, views.length, names.join(" "));
    const reached = new Set();
    for (const letter of letters) {
      await page.keyboard.press("g");
      await page.keyboard.press(letter);
      reached.add(await viewNow(page));
    }
    assert.deepEqual([...reached].sort(), [...views].sort());
  });
}

test("keys: heads and layers are walked with plain letters, and with brackets as Windows and macOS send AltGr", async ({ open }) => {
  const page = await open({ view: "heads", selected: "[[0,0]]" });
  const { n_heads: heads } = await page.evaluate(async () => (await (await fetch("/api/run")).json()).run);
  const steps = [
    ["j", {}, `head-0-${1 % heads}`], ["k", {}, "head-0-0"], ["J", { shiftKey: true }, "head-1-0"], ["K", { shiftKey: true }, "head-0-0"],
    ["]", { ctrlKey: true, altKey: true }, `head-0-${1 % heads}`], ["[", { altKey: true }, "head-0-0"],
    ["}", { altKey: true, shiftKey: true }, "head-1-0"], ["{", { ctrlKey: true, altKey: true }, "head-0-0"], ["]", {}, `head-0-${1 % heads}`],
  ];
  for (const [name, how, expected] of steps) {
    await press(page, name, how);
    assert.equal(await headNow(page), expected, `${name} ${JSON.stringify(how)}`);
  }
  await press(page, "]", { ctrlKey: true });
  await press(page, "j", { metaKey: true });
  await press(page, "g", { ctrlKey: true });
  assert.equal(await headNow(page), `head-0-${1 % heads}`, "commands of the browser are left to it");
});

test("keys: no key of the help needs AltGr on a Spanish keyboard", async ({ open }) => {
  const page = await open();
  await page.keyboard.press("?");
  const keys = await page.locator("dialog kbd").allInnerTexts();
  assert.doesNotMatch(keys.join(" "), /[[\]{}@#~|\\⇧]/);
  assert.deepEqual(await axe(page), []);
});

// L* of CIELAB, and hue of OKLab in degrees.
function lightness([red, green, blue]) {
  const [r, g, b] = [red, green, blue].map((value) => { const c = value / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
  const y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
}
function hue([red, green, blue]) {
  const [r, g, b] = [red, green, blue].map((value) => { const c = value / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
  const [l, m, s] = [[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.63]].map((w) => Math.cbrt(w[0] * r + w[1] * g + w[2] * b));
  const [a, c] = [1.978 * l - 2.4286 * m + 0.4506 * s, 0.0259 * l + 0.7828 * m - 0.8087 * s];
  return Math.atan2(c, a) * 180 / Math.PI;
}

for (const colorScheme of ["light", "dark"]) {
  test(`colours: weights have one hue, and twice the weight is twice as far from the page, ${colorScheme}`, async ({ open }) => {
    const page = await open({ view: "matrix" }, { colorScheme });
    const legend = await page.locator(".legend-step").evaluateAll((steps) => steps.map((step) => ({
      weight: parseFloat(step.textContent.replace(",", ".")) / 100,
      color: getComputedStyle(step.querySelector(".legend-color")).backgroundColor.match(/\d+/g).map(Number),
    })));
    assert.ok(legend.length >= 4);
    const [first, last] = [lightness(legend[0].color), lightness(legend.at(-1).color)];
    assert.ok(colorScheme === "light" ? first > last + 60 : last > first + 60, `from ${first} to ${last}`);
    const shares = legend.map(({ color }) => (lightness(color) - first) / (last - first));
    shares.forEach((share, i) => {
      if (i > 0) assert.ok(share > shares[i - 1], `not monotonic: ${shares}`);
      assert.ok(Math.abs(share - legend[i].weight) < 0.11, `${legend[i].weight} looks like ${share.toFixed(2)}`);
    });
    const hues = legend.slice(1).map(({ color }) => hue(color));
    assert.ok(Math.max(...hues) - Math.min(...hues) < 25, `hues ${hues}`);
    const about = await page.locator(".stage-head").innerText();
    assert.match(about, colorScheme === "light" ? /más oscuro, más/ : /más claro, más/);
  });
}

test("colours: the matrix and the pictures of all heads paint with the colours of the legend", async ({ open }) => {
  for (const [view, canvas] of [["matrix", "canvas.heat"], ["model", "canvas.thumbnail"]]) {
    const page = await open({ view });
    const worst = await page.evaluate(([where]) => {
      const element = document.querySelector(where);
      const { data } = element.getContext("2d").getImageData(0, 0, element.width, element.height);
      let yellow = 0;
      for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 200 && data[i] > data[i + 2] + 40) yellow += 1;
      return yellow / (data.length / 4);
    }, [canvas]);
    assert.ok(worst < 0.01, `${view}: ${worst} of the pixels are yellow`);
  }
});

test("lesson: a word that ties with the right one, as far as the numbers show, is right", async ({ open }) => {
  const page = await open({ view: "lesson", lesson: "5" }, { isReady: ".bet" });
  await key(page, "lesson-look").click();
  await page.waitForSelector("#station-result");
  const shares = (row) => row.locator("td").last().innerText().then((text) => parseFloat(text.replace(",", ".")));
  const rows = await page.locator(".reveal tbody tr").all();
  const numbers = await Promise.all(rows.map(shares));
  const names = await Promise.all(rows.map((row) => row.locator("th").innerText()));
  // "sick" is to read another word just as much as the right one: the weights are changed on their way.
  const sick = names.indexOf("sick");
  const best = numbers.reduce((most, value, i) => (i !== sick && (most < 0 || value > numbers[most]) ? i : most), -1);
  const tied = names.findIndex((_, i) => i !== sick && i !== best);
  const fresh = await page.context().newPage();
  await fresh.route("**/api/read", async (route) => {
    const answer = await (await route.fetch()).json();
    for (const reading of answer.readings) {
      if (!reading.attention || !reading.text.includes("sick")) continue;
      const { layers, heads, seq } = reading.attention;
      const weights = new Uint16Array(Uint8Array.from(atob(reading.attention.weights), (each) => each.charCodeAt(0)).buffer);
      const of = (word) => reading.tokens.findIndex((token) => token.word === word);
      for (let i = 0; i < layers * heads; i++) {
        const row = (i * seq + of(sick)) * seq;
        const most = weights[row + of(best)];
        // A hair less, and so much more than all others that the two are the greatest.
        weights[row + of(tied)] = Math.max(most - 1, 0);
      }
      reading.attention.weights = Buffer.from(weights.buffer).toString("base64");
    }
    await route.fulfill({ json: answer });
  });
  await fresh.goto(`${page.url().split("#")[0]}#view=lesson&lesson=5&language=es`);
  await fresh.locator(`.bet input[value="${tied}"]`).check();
  await key(fresh, "lesson-check").click();
  await fresh.waitForSelector("#station-result");
  const cells = await fresh.locator(".reveal tbody tr").evaluateAll((all) => all.map((row) => row.lastChild.innerText));
  assert.equal(cells[tied], cells[best], "the test made no tie");
  assert.equal(await fresh.locator("#station-result.is-right").count(), 1, await fresh.locator("#station-result").innerText());
  assert.match(await fresh.locator("#station-result").innerText(), /empata/);
  const text = await fresh.locator(".reveal").innerText();
  assert.doesNotMatch(text, /mira es \w/);
});

test("search: one hit for each sentence, and whole words are marked", async ({ open }) => {
  const page = await open({ view: "search" });
  await page.route("**/api/search", async (route) => {
    const match = (text, token, similarity) => ({ text, lang: "es", phenomenon: "gender", token, similarity, reads: [3, 5], reads_weight: 0.5 });
    const bars = [{ label: "noun", n: 3 }];
    await route.fulfill({ json: {
      format: "anafora-explorer", version: 1, n_tokens: 1000, milliseconds: 1,
      matches: [match("El robot cayó.", [9, 10], 0.9), match("El robot cayó.", [3, 4], 0.8), match("La mesa cayó.", [3, 4], 0.7)],
      histograms: { word_class: bars, distance: bars, kind: bars },
    } });
  });
  await page.reload();
  await page.waitForSelector(".matches");
  assert.deepEqual(await page.locator(".match-text").allInnerTexts(), ["El robot cayó.", "La mesa cayó."]);
  assert.deepEqual(await page.locator(".match mark").allInnerTexts(), ["robot", "cayó", "mesa"]);
  assert.match(await page.locator(".search [role=status]").innerText(), /3 contextos en 2 frases/);
  await page.goto(`${page.url()}&fold=false`);
  await settled(page);
  assert.equal(await page.locator(".match mark.is-found").first().innerText(), "c");
});

test("search: until the index is ready the page says so without interruption, and then shows the hits", async ({ open }) => {
  const page = await open({ view: "heads" });
  let asked = 0;
  await page.route("**/api/search", async (route) => {
    asked += 1;
    if (asked > 2) return route.continue();
    await new Promise((resolve) => setTimeout(resolve, 300));
    return route.fulfill({ status: 503, contentType: "application/json", body: JSON.stringify({ format: "anafora-explorer", version: 1, error: { code: "not_ready", message: "soon" } }) });
  });
  await page.evaluate(() => {
    globalThis.said = [];
    new MutationObserver(() => globalThis.said.push(document.querySelector("#stage .figure")?.innerText ?? "")).observe(document.getElementById("stage"), { childList: true, subtree: true });
  });
  await key(page, "tab-search").click();
  await page.waitForSelector("[data-key=search-retry]");
  await page.evaluate(() => { globalThis.said.length = 0; });
  await page.waitForSelector(".matches", { timeout: 60_000 });
  const said = await page.evaluate(() => globalThis.said);
  assert.ok(said.every((text) => !/está calculando/.test(text)), "it flickered between two messages");
});

const LONG = "Supercalifragilisticoespialidosamenteincreible";
test("words of 46 letters do not make a phone's page wider than its screen, in any view", async ({ open }) => {
  const page = await open({ text: `El ${LONG} dejó caer la pelota porque él estaba ${LONG.toLowerCase()}.` });
  for (const view of await viewsOf(page)) {
    await page.evaluate((id) => document.getElementById(`tab-${id}`).click(), view);
    await settled(page);
    await page.waitForTimeout(150);
    assert.ok(await overflow(page) <= 0, `${view} is ${await overflow(page)} px too wide`);
  }
  await page.locator("#tab-heads").evaluate((tab) => tab.click());
  await page.setViewportSize({ width: 320, height: 700 });
  await settled(page);
  assert.ok(await overflow(page) <= 0, `at 320 px ${await overflow(page)} px too wide`);
}, { widths: [390] });

test("a character that turns the direction of writing turns nothing but its own word", async ({ open }) => {
  const page = await open();
  const turn = "\u202e";
  const text = `El ro${turn}bot dejó caer la pelota porque él estaba dañado.`;
  await page.route("**/api/read", async (route) => {
    const answer = await (await route.fetch()).json();
    for (const reading of answer.readings) {
      // The answer is the word with the turn, whatever the model thinks.
      reading.text = text;
      reading.words = reading.words.map(([start, end], i) => (i < 1 ? [start, end] : i === 1 ? [3, 9] : [start + 1, end + 1]));
      reading.pronoun = [37, 39];
      reading.answer = 1;
      reading.phrases = [];
      reading.probabilities = reading.probabilities.map((_, i) => (i === 1 ? 0.9 : 0.1 / (reading.probabilities.length - 1)));
      reading.is_sure = true;
    }
    await route.fulfill({ json: answer });
  });
  await page.reload();
  await page.waitForSelector("#answer-line");
  const lefts = await page.evaluate(() => ["strong.is-pronoun", ".arrow", "strong.is-answer", ".number"].map((each) => document.querySelector(`#answer-line ${each}`).getBoundingClientRect().left));
  assert.deepEqual(lefts, [...lefts].sort((a, b) => a - b), "the answer's line is turned");
  // The last digits of the number stand to the right of the first.
  const digits = await page.evaluate(() => {
    const node = document.querySelector("#answer-line .number").firstChild;
    const at = (i) => { const range = document.createRange(); range.setStart(node, i); range.setEnd(node, i + 1); return range.getBoundingClientRect().left; };
    return at(1) > at(0);
  });
  assert.ok(digits, "the number is turned");
  await page.locator("#tab-steps").evaluate((tab) => tab.click());
  await settled(page);
  assert.doesNotMatch(await page.locator("#stage h2, #stage caption, #stage .hint").allInnerTexts().then((all) => all.join(" ")), /\u202e/);
});

test("heads are named 3.2 everywhere", async ({ open }) => {
  const page = await open({ ablated: "[[0,1]]" });
  for (const view of await viewsOf(page)) {
    await page.evaluate((id) => document.getElementById(`tab-${id}`).click(), view);
    await settled(page);
    const text = await page.locator("#page").innerText();
    assert.doesNotMatch(text, /\bC\d+[ /]?K\d|capa \d+, cabeza \d/, view);
  }
  await page.locator("#tab-model").evaluate((tab) => tab.click());
  await settled(page);
  assert.match(await page.locator(".tile-name").first().innerText(), /^1\.1$/);
  assert.equal(await page.locator(".tile-name").first().getAttribute("title"), "capa 1, cabeza 1");
  assert.match(await key(page, "head-0-0").getAttribute("aria-label"), /^1\.1 \(capa 1, cabeza 1\)/);
});

// The smallest letters of SVG drawings in the figure, in pixels of the screen.
const smallestLetters = (page) => page.locator("#stage .figure svg text").evaluateAll((texts) => Math.min(...texts.map((text) => {
  const svg = text.ownerSVGElement;
  return parseFloat(getComputedStyle(text).fontSize) * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
})));
// A report in which three heads look alike, so that their points are close to one another at the right edge.
const MEASURED = {
  split: "in-distribution", n: 1008, step: 600, accuracy: 0.99, baselines: { random: 0.44, nearest: 0.45, offset: -5, at_offset: 0.31 },
  scores: [0.97, 0.96, 0.99, 0.4].map((hit, head) => ({ layer: 1, head, lang: null, phenomenon: null, distance: null, n: 1008, hit, margin: 0, entropy: 1, mean_distance: 4, special: 0 })),
  ablations: [0.31, 0.3, 0.295, 0.05].flatMap((drop, head) => ["zero", "mean"].map((by) => ({ layer: 1, head, by, lang: null, phenomenon: null, n: 1008, accuracy: 0.99 - drop, drop }))),
  patches: [], pairs: [], resolvers: null, methods: [], cause: [], growth: [],
};

test("charts: letters are never below 11 px, at any width", async ({ open }) => {
  const page = await open({ view: "time" }, { isReady: ".curves" });
  await page.route("**/api/heads", async (route) => route.fulfill({ json: { ...await (await route.fetch()).json(), heads: MEASURED } }));
  for (const [hash, ready] of [["view=time", ".curves"], ["view=causal", ".plot"], ["view=lesson&lesson=6&bets=[[6,1,1]]", ".plot"], ["view=lesson&lesson=7&bets=[[7,1,1]]", ".plot"]]) {
    await page.goto(`${page.url().split("#")[0]}#${hash}`);
    await page.reload();
    await page.waitForSelector(ready);
    for (const width of [390, 620, 720, 800, 980, 1100, 1280, 1440, 1920]) {
      await page.setViewportSize({ width, height: 800 });
      await page.waitForTimeout(60);
      await settled(page);
      const smallest = await smallestLetters(page);
      assert.ok(smallest >= 11, `${hash} at ${width}: ${smallest.toFixed(1)} px`);
    }
  }
});

test("charts: labels of points lie on no point and on no other label", async ({ open }) => {
  const page = await open({ view: "causal" }, { isReady: "#stage" });
  await page.route("**/api/heads", async (route) => route.fulfill({ json: { ...await (await route.fetch()).json(), heads: MEASURED } }));
  await page.reload();
  await page.waitForSelector(".dot-label");
  for (const width of [1440, 1280, 390]) {
    await page.setViewportSize({ width, height: 800 });
    await page.waitForTimeout(60);
    const boxes = await page.evaluate(() => ["text.dot-label", ".dot circle"].map((each) => [...document.querySelectorAll(each)].map((one) => { const { left, right, top, bottom } = one.getBoundingClientRect(); return { left, right, top: top + (one.tagName === "text" ? 2 : 0), bottom: bottom - (one.tagName === "text" ? 3 : 0), text: one.textContent }; })));
    const [labels, dots] = boxes;
    assert.ok(labels.length >= 3);
    const overlaps = (a, b) => a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;
    for (const [i, label] of labels.entries()) {
      for (const other of [...dots, ...labels.slice(i + 1)]) assert.ok(!overlaps(label, other), `${label.text} at ${width}: ${JSON.stringify([label, other])}`);
    }
  }
});

test("training: accuracy says of how many sentences", async ({ open }) => {
  const page = await open({ view: "time" }, { isReady: ".curves" });
  const run = await page.evaluate(async () => (await fetch("/api/run")).json());
  const text = await page.locator(".legend").first().innerText();
  if (run.snapshots.every(({ accuracy }) => accuracy === null)) assert.match(text, new RegExp(`Exactitud en las ${run.probes.length} frases de ejemplo: \\d`));
  else assert.match(text, /Exactitud en los ejemplos de validación: \d/);
});

test("phone: the view of all heads keeps a row for each layer, its labels in one line", async ({ open }) => {
  const page = await open({ view: "model" });
  const { n_heads: heads, n_layers: layers } = await page.evaluate(async () => (await (await fetch("/api/run")).json()).run);
  const tiles = await page.locator(".tile").evaluateAll((all) => all.map((tile) => { const { left, top, width } = tile.getBoundingClientRect(); return { left, top: Math.round(top), width }; }));
  assert.equal(new Set(tiles.map(({ top }) => top)).size, layers, "a row is not a layer");
  assert.ok(tiles.every(({ left }, i) => i % heads === 0 || left > tiles[i - 1].left));
  const lines = await page.locator(".tile-name, .tile-share, .tile-switch").evaluateAll((all) => all.map((each) => each.getClientRects().length && each.getBoundingClientRect().height));
  assert.ok(Math.max(...lines) < 30, `labels are ${Math.max(...lines)} px high`);
  const cut = await page.locator(".tile-foot").evaluateAll((all) => all.filter((each) => each.scrollWidth > each.clientWidth + 1).length);
  assert.equal(cut, 0, "labels are cut");
  assert.ok(await overflow(page) <= 0);
}, { widths: [390, 360, 320] });

test("phone: a matrix of 40 words has its words beside it, also when it is slid", async ({ open }) => {
  const text = "Ana llamó a Luis por la tarde desde la oficina del centro de la ciudad donde trabajaba con su hermana mayor y con otros amigos de la universidad porque él estaba enfermo y no quería salir de casa aquel día.";
  const page = await open({ view: "matrix", text });
  const { isWider, ink } = await page.evaluate(() => {
    const box = document.querySelector(".heat-box");
    const canvas = box.querySelector("canvas");
    const scale = canvas.width / canvas.clientWidth;
    const inkAt = (left) => {
      const { data } = canvas.getContext("2d").getImageData(left * scale, 100 * scale, 60 * scale, 200 * scale);
      let dark = 0;
      for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 0 && data[i] + data[i + 1] + data[i + 2] < 420) dark += 1;
      return dark;
    };
    box.scrollLeft = 150;
    return new Promise((resolve) => setTimeout(() => resolve({ isWider: canvas.clientWidth > box.clientWidth, ink: inkAt(150) }), 100));
  });
  assert.ok(isWider);
  assert.ok(ink > 60, `${ink} dark pixels where the words should be`);
  assert.ok(await overflow(page) <= 0);
  await page.locator("canvas.heat").focus();
  for (let i = 0; i < 30; i++) await page.keyboard.press("ArrowRight");
  const cursor = await page.locator(".heat-cursor").boundingBox();
  assert.ok(cursor.x >= 0 && cursor.x + cursor.width <= 390, `the cursor is at ${cursor.x}`);
}, { widths: [390] });

test("compare: two sentences of equally many words are compared place by place", async ({ open }) => {
  const page = await open({ view: "compare", compare: "text", text: ROBOT, otherText: "El robot dejó caer la pelota porque ella estaba dañada." });
  await page.waitForSelector("[data-key=heat-difference]");
  await key(page, "heat-difference").focus();
  const said = [];
  for (let i = 0; i < 14; i++) { said.push(await page.locator("#heat-difference").innerText()); await page.keyboard.press("ArrowRight"); }
  assert.ok(said.some((text) => /él\/ella/.test(text)), said.join("\n"));
  const other = await open({ view: "compare", compare: "text", text: ROBOT, otherText: "Ana llamó a Luis porque él cantaba." });
  await other.waitForSelector(".sides");
  assert.match(await other.locator("#stage").innerText(), /mismo número de palabras/);
});

test("numbers are written one way for each language, on every view", async ({ open }) => {
  for (const [language, wrong] of [["es", /\d\.\d{3}\b|\d[  ]\d{3}\b|(?<![\p{L}\d])-\d|\d%|\d %/u], ["en", /\d %|\d %|(?<![\p{L}\d])-\d/u]]) {
    const page = await open({ language, masked: "[1]" });
    for (const view of await viewsOf(page)) {
      await page.evaluate((id) => document.getElementById(`tab-${id}`).click(), view);
      await settled(page);
      const text = await page.locator("#page").innerText();
      const found = text.match(wrong);
      assert.equal(found, null, `${view}, ${language}: ${found && text.slice(Math.max(found.index - 20, 0), found.index + 20)}`);
    }
  }
});
