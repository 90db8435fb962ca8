/** Takes the pictures of `parrot ui` for the READMEs, from real runs against the simulator. */
import { mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { DemoRuns } from "./demo-runs.ts";
import { LiveDemo } from "./live-demo.ts";
import { findChromium, openBrowser } from "./find-chromium.ts";

const FOLDER = "docs/pictures";
/** Rows that are done before a picture of a run is taken. */
const MADE_ROWS = 700;
const SIZE = { width: 1280, height: 720 };

const chromium = findChromium();
if (chromium === undefined)
  throw new Error("There is no Chromium on this machine, or none that PARROT_CHROMIUM names");
mkdirSync(FOLDER, { recursive: true });
/** A run that goes on, after it has made some way. */
async function takeLive(): Promise<void> {
  const live = await LiveDemo.open({ rows: 3000, requestsPerMinute: 3000 });
  try {
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await browser.newPage({ viewport: SIZE, colorScheme });
      await page.goto(live.url);
      await page.click(".runs tbody tr");
      await page.waitForSelector(".plot");
      await page.waitForSelector(".lines tbody tr.failed");
      while (Number.parseInt((await page.locator(".figure b").first().textContent()) ?? "", 10) < MADE_ROWS)
        await sleep(100);
      await page.mouse.move(0, 0);
      await page.screenshot({ path: `${FOLDER}/ui-live-${colorScheme}.png` });
      await page.close();
    }
  } finally {
    await live.close();
  }
}

const demo = await DemoRuns.open(false);
const browser = await openBrowser(chromium);
try {
  for (const colorScheme of ["light", "dark"] as const) {
    const page = await browser.newPage({ viewport: SIZE, colorScheme });
    await page.goto(demo.url);
    await page.waitForSelector(".runs tbody tr");
    await page.click(".runs tbody tr >> nth=0");
    await page.waitForSelector(".lines tbody tr");
    await page.click(".lines tbody tr.failed >> nth=1");
    await page.waitForSelector(".panel .part");
    await page.waitForSelector(".found:has-text('120 of 120')");
    await page.mouse.move(0, 0);
    await page.screenshot({ path: `${FOLDER}/ui-${colorScheme}.png` });
    await page.close();
  }
  await takeLive();
} finally {
  await browser.close();
  await demo.close();
}
