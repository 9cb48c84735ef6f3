// The program, a browser, and a list of tests: what every file of tests here begins with.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

export const PAGE = fileURLToPath(new URL("../../page/", import.meta.url));
export const WIDTHS = [1440, 390];
export const ROBOT = "El robot dejó caer la pelota porque él estaba dañado.";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// Starts `explore` on a free port, with the page's files of this checkout; { url, stop }.
export function startProgram(run, binary, options = ["--page", PAGE]) {
  const child = spawn(binary, [run, "--port", "0", ...options], { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve, reject) => {
    let said = "";
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`${binary} ended with ${code} before it gave an address; it said ${JSON.stringify(said)}`)));
    child.stdout.on("data", (data) => {
      said += data;
      const url = said.match(/http:\/\/\S+/)?.[0];
      if (url) resolve({ url, stop: () => child.kill("SIGINT") });
    });
  });
}

// Exports the run into one file, with the page's files of this checkout; { file, url, remove }.
export function exportPage(run, binary, options = []) {
  const directory = mkdtempSync(join(tmpdir(), "anafora-page-"));
  const file = join(directory, "page.html");
  execFileSync(binary, [run, "--export", file, "--page", PAGE, ...options], { stdio: ["ignore", "ignore", "pipe"] });
  return { file, url: pathToFileURL(file).href, remove: () => rmSync(directory, { recursive: true }) };
}

export function startBrowser() {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

const tests = [];

// `body` gets { open, openExported, openFrame, exportView, url, width }; `widths` are those at which it is run.
export function test(name, body, { widths = [1440] } = {}) {
  for (const width of widths) tests.push({ name: widths.length > 1 ? `${name} (${width} px)` : name, body, width });
}

// Runs what was registered and whose name has `filter` in it; the number of failures.
export async function runAll({ run, binary, url, exported, browser, filter = "" }) {
  let failures = 0;
  const chosen = tests.filter(({ name }) => name.includes(filter));
  assert.notEqual(chosen.length, 0, `no test has ${JSON.stringify(filter)} in its name`);
  for (const { name, body, width } of chosen) {
    const began = performance.now();
    const pages = [];
    try {
      await body({ url, browser, width, open: (hash, options) => openPage(browser, url, width, pages, hash, options),
        openExported: (hash, options) => openPage(browser, exported, width, pages, hash, options),
        exportView: (...options) => exportPage(run, binary, options),
        openFrame: (html) => openFrame(browser, html, width, pages) });
      for (const { faults } of pages) assert.deepEqual(faults, [], "the page wrote errors to the console");
      console.log(`ok    ${name} (${Math.round(performance.now() - began)} ms)`);
    } catch (error) {
      failures += 1;
      console.log(`FAIL  ${name}\n      ${String(error.stack ?? error).replaceAll("\n", "\n      ")}`);
    } finally {
      for (const { page } of pages) await page.context().close();
    }
  }
  console.log(`${chosen.length - failures} of ${chosen.length} passed`);
  return failures;
}

// A page in a browser profile of its own; `state` is what is in the address: without one, that of the heads, where
// all tools are. An empty one opens the start.
async function openPage(browser, url, width, pages, state = { view: "heads" }, { locale = "es-ES", colorScheme = "light", reducedMotion = "no-preference", isReady = "#answer-line", viewport = { width, height: width > 600 ? 900 : 844 } } = {}) {
  const context = await browser.newContext({ viewport, locale, colorScheme, reducedMotion, acceptDownloads: true });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const faults = [];
  // A refused or lost request is not the page's mistake; what the page says about it is tested.
  page.on("console", (message) => { if (message.type() === "error" && !/^Failed to load resource/.test(message.text())) faults.push(message.text()); });
  page.on("pageerror", (error) => faults.push(String(error.stack)));
  pages.push({ page, faults });
  await page.goto(`${url}#${new URLSearchParams(state)}`);
  if (isReady) await page.waitForSelector(isReady);
  await settled(page);
  return page;
}

// A page of somebody else with a frame in it; the frame.
async function openFrame(browser, html, width, pages) {
  const directory = mkdtempSync(join(tmpdir(), "anafora-page-"));
  const file = join(directory, "around.html");
  writeFileSync(file, html);
  const page = await openPage(browser, pathToFileURL(file).href, width, pages, {}, { isReady: "iframe" });
  rmSync(directory, { recursive: true });
  return (await page.waitForSelector("iframe")).contentFrame();
}

// Until nothing is under way and the last drawing is on the screen.
export async function settled(page) {
  await page.waitForFunction(() => !document.querySelector("[aria-busy=true]"));
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}

export function key(page, name) {
  return page.locator(`[data-key="${name}"]`);
}

// On a narrow screen the tools are shut.
export async function openTools(page) {
  const summary = key(page, "tools");
  if (await summary.isVisible() && !(await page.locator("details.tools").getAttribute("open") !== null)) await summary.click();
}

export function answer(page) {
  return page.locator("#answer-line").innerText();
}

// What the model says, asked past the page: any model can be tested.
export function readingOf(page, text, pronoun = null) {
  return page.evaluate(async (body) => {
    const { readings: [reading] } = await (await fetch("/api/read", { method: "POST", headers: { "content-type": "application/json" }, body })).json();
    return reading;
  }, JSON.stringify({ checkpoint: null, text, pronoun, masked: [], ablated: [], ablation: "zero" }));
}

// The word that it answers with for the lecture's sentence.
export async function robotsWord(page) {
  const { answer, words } = await readingOf(page, ROBOT);
  return answer === null ? "ninguna" : ROBOT.slice(...words[answer]);
}

// Violations that axe calls serious or critical, as readable lines.
export async function axe(page) {
  // Through the debugger, past the page's content security policy.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 4).map(({ html, failureSummary }) => `${html.slice(0, 160)} — ${failureSummary.split("\n")[1]?.trim()}`).join(" | ")}`);
}

// How far the page is wider than the screen.
export function overflow(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
