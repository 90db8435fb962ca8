import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { openBrowser } from "./find-chromium.ts";
import { LiveDemo } from "./live-demo.ts";

/** Tests of the page beside a run that goes on, as a person looks at it, in a browser. */
export function testLivePage(chromium: string): void {
  void describe("the page of parrot ui beside a run, in a browser", () => {
    let demo: LiveDemo;
    let browser: Browser;
    let page: Page;
    before(async () => {
      demo = await LiveDemo.open({ rows: 3000, requestsPerMinute: 1200 });
      browser = await openBrowser(chromium);
      page = await browser.newPage();
      await page.goto(demo.url);
    });
    after(async () => {
      await browser.close();
      await demo.close();
    });

    void it("the list shows how far a run is, of how many rows", async () => {
      await page.waitForSelector(".runs td:has-text('of 3,000') progress");
    });

    void it("a run that goes on shows rows, pace, requests in flight, cost against its budget and use of limits, and plots", async () => {
      await page.click(".runs tbody tr");
      await page.waitForSelector(".figure:has-text('of 3,000 rows')");
      const figures = (await page.locator(".figures").textContent()) ?? "";
      for (const name of ["rows a minute", "in flight", "of $0.50", "requests per minute", "failed"])
        assert.ok(figures.includes(name), `${name} in ${figures}`);
      await page.waitForSelector(".plot:has-text('Memory') polyline");
    });

    void it("figures that change move nothing", async () => {
      const done = page.locator(".figure b").first();
      const place = async (): Promise<unknown> => page.locator(".lines").boundingBox();
      await page.waitForSelector(".lines tbody tr");
      await page.waitForSelector(".plot:has-text('Use of the rate limit') polyline");
      const before = [await done.textContent(), await place()];
      while ((await done.textContent()) === before[0]) await sleep(20);
      assert.deepEqual(await place(), before[1]);
    });

    void it("a run whose process was killed says so within seconds, and keeps its plots", async () => {
      demo.run.kill("SIGKILL");
      await page.waitForSelector(".standing.killed");
      await page.waitForSelector("text=Its process ended without a word");
      await page.click("text=Over time");
      await page.waitForSelector(".plot:has-text('Rows a minute') polyline");
    });
  });
}
