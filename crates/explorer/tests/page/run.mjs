// node run.mjs RUN EXPLORE [FILTER]: starts the program EXPLORE on the run RUN and drives its page in a browser.

import { readdirSync } from "node:fs";
import { exportPage, runAll, startBrowser, startProgram } from "./harness.mjs";

const [run, binary, filter] = process.argv.slice(2);
if (!binary) {
  console.error("usage: node run.mjs RUN EXPLORE [FILTER]");
  process.exit(2);
}
for (const file of readdirSync(new URL(".", import.meta.url)).sort()) {
  if (file.endsWith(".test.mjs")) await import(new URL(file, import.meta.url));
}
const exported = exportPage(run, binary);
const program = await startProgram(run, binary);
const browser = await startBrowser();
let failures = 1;
try {
  failures = await runAll({ run, binary, url: program.url, exported: exported.url, browser, filter });
} finally {
  await browser.close();
  program.stop();
  exported.remove();
}
process.exit(failures > 0 ? 1 : 0);
