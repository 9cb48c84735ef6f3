// node pictures.mjs RUN EXPLORE DIR: the pictures of the README, of a run on which `evaluate --heads` was run.

import { startBrowser, startProgram, settled } from "./harness.mjs";

const PICTURES = {
  start: "language=en",
  heads: "view=heads&language=en&probe=probe-es-01",
  map: "view=map&language=en&probe=probe-es-01&part=attention-3",
  steps: "view=steps&language=en&probe=probe-es-01&scene=5",
  decides: "view=decides&language=es",
  lesson: "view=lesson&language=en&lesson=2&bets=[[2,1,1]]",
};

const [run, binary, directory] = process.argv.slice(2);
if (!directory) {
  console.error("usage: node pictures.mjs RUN EXPLORE DIR");
  process.exit(2);
}
const program = await startProgram(run, binary);
const browser = await startBrowser();
for (const [name, address] of Object.entries(PICTURES)) {
  const context = await browser.newContext({ viewport: { width: 1120, height: 700 }, reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.goto(`${program.url}#${address}`);
  await page.waitForSelector(name === "decides" ? ".decides table" : name === "lesson" ? ".reveal" : "#answer-line");
  await page.waitForTimeout(3000);
  await settled(page);
  await page.screenshot({ path: `${directory}/${name}.jpg`, type: "jpeg", quality: 55 });
  await context.close();
}
await browser.close();
program.stop();
