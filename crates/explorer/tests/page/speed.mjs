// node speed.mjs RUN EXPLORE: how fast the page is, in milliseconds measured in the page.
//
// A typed sentence goes to the program; the long text does not: its attention, 6 layers × 8 heads over
// 256 tokens, is made up here, so that the size does not depend on the run.
// An interaction ends when the frame that shows it has been handed over.

import { settled, startBrowser, startProgram } from "./harness.mjs";

const SEQ = 256;
const [LAYERS, HEADS] = [6, 8];
const TIMES = 15;
const FORTY = "Ana y Luis llevaron la mesa grande al jardín, porque la casa era pequeña y el niño dormía en la sala; luego Pedro saludó a Marta en la estación y, como no llovía, ella pidió un café y otro";

const [run, binary] = process.argv.slice(2);
const program = await startProgram(run, binary);
const browser = await startBrowser();
try {
  await opening();
  await typing();
  await film();
  await longText();
} finally {
  await browser.close();
  program.stop();
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function report(name, values, bar) {
  console.log(`${name.padEnd(44)} median ${median(values).toFixed(1).padStart(6)}   worst ${Math.max(...values).toFixed(1).padStart(6)}   bar ${bar}`);
}

// With the page that was built into the program, as a person opens it: for the first time, and again.
async function opening() {
  const built = await startProgram(run, binary, []);
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  try {
    for (const name of ["opened", "reloaded"]) {
      const values = { paint: [], answer: [], page: [], answers: [] };
      for (let i = 0; i < (name === "opened" ? 1 : 5); i++) {
        await (name === "opened" ? page.goto(built.url) : page.reload());
        await page.waitForSelector("#answer-line .is-answer");
        const seen = await page.evaluate(() => {
          const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
          const bytes = (isApi) => entries.filter(({ name }) => name.includes("/api/") === isApi).reduce((sum, { transferSize }) => sum + transferSize, 0);
          return { answer: performance.now(), paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0, page: bytes(false), answers: bytes(true) };
        });
        for (const [key, value] of Object.entries(seen)) values[key].push(value);
      }
      report(`${name}: first contentful paint`, values.paint, "-");
      report(`${name}: answer on the page`, values.answer, "-");
      report(`${name}: kB of the page`, values.page.map((bytes) => bytes / 1000), 100);
      report(`${name}: kB of answers`, values.answers.map((bytes) => bytes / 1000), "-");
    }
  } finally {
    await context.close();
    built.stop();
  }
}

// The longest time between two frames while the film of the training is played.
async function film() {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${program.url}#view=time`);
  await page.waitForFunction(() => document.querySelector(".time-step")?.textContent.match(/\d/) && document.querySelector(".curve-now"));
  const gaps = await page.evaluate(async () => {
    const gaps = [];
    let before = performance.now();
    while (gaps.length < 240) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      gaps.push(performance.now() - before);
      before = performance.now();
    }
    return gaps;
  });
  report("film: from frame to frame", gaps, 50);
  await page.close();
}

// From the input event to the frame with the new answer.
async function typing() {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${program.url}#${new URLSearchParams({ text: FORTY })}`);
  await page.waitForSelector("#answer-line");
  await settled(page);
  const values = [];
  for (let i = 0; i < TIMES; i++) {
    values.push(await page.evaluate(async (text) => {
      const field = document.querySelector("#text");
      field.value = text;
      const word = text.match(/\w+$/)[0];
      // Told at once: who asks every millisecond is answered after the next frame.
      const isDrawn = new Promise((resolve) => new MutationObserver((_, observer) => {
        if (!document.querySelector(".strip").textContent.includes(word)) return;
        observer.disconnect();
        resolve();
      }).observe(document.querySelector("#answer"), { childList: true, subtree: true }));
      const began = performance.now();
      field.dispatchEvent(new Event("input"));
      await isDrawn;
      await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
      return performance.now() - began;
    }, `${FORTY} ${"palabra".slice(0, 3)}${String.fromCharCode(97 + i)}`));
    await settled(page);
  }
  console.log(`${await page.locator(".queries button").count()} tokens typed`);
  report("typed to drawn", values, 100);
  await page.close();
}

async function longText() {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const info = await (await fetch(`${program.url}api/run`)).json();
  Object.assign(info.run, { n_layers: LAYERS, n_heads: HEADS });
  await page.route("**/api/run", (route) => route.fulfill({ json: info }));
  const body = JSON.stringify(madeUp());
  await page.route("**/api/read", (route) => route.fulfill({ contentType: "application/json", body }));
  await page.goto(`${program.url}#${new URLSearchParams({ text: "larga", fold: "false" })}`);
  const first = await page.evaluate(async () => {
    while (!document.querySelector(".headview")) await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    return [performance.now() - performance.getEntriesByType("resource").find(({ name }) => name.endsWith("/api/read")).responseEnd];
  });
  console.log(`${await page.locator(".queries button").count()} tokens, ${LAYERS} layers of ${HEADS} heads`);
  report("first view, from the answer's last byte", first, 500);
  const act = async (name, script) => {
    const values = [];
    for (let i = 0; i < TIMES; i++) {
      values.push(await page.evaluate(([text, i]) => new Promise((resolve) => {
        const began = performance.now();
        ACTIONS[text](i);
        requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
      }), [script, i]));
      await page.waitForTimeout(40);
    }
    report(name, values, 50);
  };
  await page.evaluate(defineActions);
  for (const [view, names] of Object.entries({ heads: ["hover", "focus", "head", "top"], matrix: ["head", "cursor"], model: ["head"], rollout: ["reach"] })) {
    await page.evaluate((id) => document.querySelector(`#tab-${id}`).click(), view);
    await settled(page);
    for (const name of names) await act(`${view}: ${name}`, name);
  }
  await context.close();
}

function defineActions() {
  const one = (where) => document.querySelector(where);
  globalThis.ACTIONS = {
    hover: (i) => document.querySelectorAll(".queries button")[i * 9].dispatchEvent(new MouseEvent("mouseover", { bubbles: true })),
    focus: (i) => document.querySelectorAll(".queries button")[i * 9].click(),
    head: (i) => one(`[data-key="head-${1 + (i % 5)}-${i % 8}"]`).click(),
    top: (i) => { const range = one("[data-key=top]"); range.value = 95 - i * 5; range.dispatchEvent(new Event("input")); range.dispatchEvent(new Event("change", { bubbles: true })); },
    cursor: (i) => { one(".heat").focus(); one(".heat").dispatchEvent(new KeyboardEvent("keydown", { key: i % 2 ? "ArrowDown" : "ArrowRight", bubbles: true })); },
    reach: (i) => document.querySelectorAll("[data-key^=output-]")[i * 9].click(),
  };
}

// A reading of words "w0 w1 …" whose rows have a few strong weights and many weak ones.
function madeUp() {
  const words = Array.from({ length: SEQ - 2 }, (_, i) => `w${i}`);
  const text = words.join(" ");
  let at = 0;
  const spans = words.map((word) => { const span = [at, at + word.length]; at += word.length + 1; return span; });
  const tokens = [{ text: "[CLS]", span: null, word: null }, ...words.map((word, i) => ({ text: word, span: spans[i], word: i })), { text: "[SEP]", span: null, word: null }];
  const weights = new Uint16Array(LAYERS * HEADS * SEQ * SEQ);
  let seed = 1;
  for (let row = 0; row < weights.length; row += SEQ) {
    for (let k = 0; k < SEQ; k++) weights[row + k] = 65535 * 0.4 / SEQ;
    for (let k = 0; k < 6; k++) {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      weights[row + seed % SEQ] += 6553;
    }
  }
  const probabilities = Array(SEQ - 1).fill(0.001);
  probabilities[3] = 0.7;
  const reading = { text, lang: "es", pronoun: spans[40], pronoun_word: 40, pronoun_token: 41, tokens, words: spans, candidates: [], antecedent: null, answer: 3, probabilities,
    attention: { layers: LAYERS, heads: HEADS, seq: SEQ, weights: Buffer.from(weights.buffer).toString("base64") } };
  return { format: "anafora-explorer", version: 1, step: 1, readings: [reading] };
}
