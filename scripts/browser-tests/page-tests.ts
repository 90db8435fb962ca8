import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import { DemoRuns, HOSTILE, HOSTILE_ROW, LONG, LONG_ROW } from "./demo-runs.ts";
import { openBrowser } from "./find-chromium.ts";
import { answeredRow, rowsSource } from "../../packages/ui/fixtures/rows-source.ts";
import { startUi } from "../../packages/ui/src/index.ts";

const ROW = ".lines tbody tr";

/** Waits for something; whoever runs the tests ends those that hang. */
async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await sleep(20);
}

/** Tests of the page of `parrot ui` as a person uses it, in a browser. */
export function testPage(chromium: string): void {
  void describe("the page of parrot ui, in a browser", () => {
    let demo: DemoRuns;
    let browser: Browser;
    let page: Page;
    /** What the browser has complained of, such as something that the policy of the page has kept out. */
    const complaints: string[] = [];
    const watch = (watched: Page): void => {
      watched.on("console", (message) => {
        if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
      });
      watched.on("pageerror", (error) => complaints.push(error.message));
      watched.on("request", (request) => {
        if (!request.url().startsWith(new URL(demo.url).origin))
          complaints.push(`asked for ${request.url()}`);
      });
    };
    const goTo = async (hash: string): Promise<void> => {
      await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
      await page.waitForSelector(hash.includes("/row/") ? ".panel .part" : ROW);
    };
    before(async () => {
      demo = await DemoRuns.open(true);
      browser = await openBrowser(chromium);
      page = await browser.newPage();
      watch(page);
      await page.goto(demo.url);
    });
    after(async () => {
      await browser.close();
      await demo.close();
    });

    void it("lists the runs, the newest first, and takes the key out of the address", async () => {
      await page.waitForSelector(".runs tbody tr");
      const numbers = await page.locator(".runs tbody td:first-child").allTextContents();
      assert.deepEqual(numbers, ["3", "2", "1"]);
      assert.doesNotMatch(page.url(), /key/);
    });

    void it("opens a run, shows its failed rows by their reason, and a row from input to outputs", async () => {
      await page.click(".runs tbody tr >> nth=0");
      await page.click(".facet:has-text('OUTPUT_TRUNCATED')");
      await page.waitForSelector(`${ROW}.failed`);
      await until(async () => (await page.locator(`${ROW}.answered`).count()) === 0);
      await page.click(`${ROW} >> nth=0`);
      await page.waitForSelector(".panel .verdict.failed");
      const titles = await page.locator(".panel h3").allTextContents();
      assert.deepEqual(titles, ["Answer that could not be used", "Input", "Prompt", "Response"]);
    });

    void it("goes through the rows by the keyboard, and back by the browser", async () => {
      await goTo("#/run/1");
      await page.keyboard.press("j");
      await page.waitForSelector(".panel h2:has-text('Row 1')");
      await page.keyboard.press("j");
      await page.waitForSelector(".panel h2:has-text('Row 2')");
      await page.keyboard.press("Escape");
      await page.waitForSelector(".panel", { state: "detached" });
      await page.goBack();
      await page.waitForSelector(".panel h2:has-text('Row 2')");
    });

    void it("searches all rows as one types, and says how many there are", async () => {
      await goTo("#/run/1");
      await page.keyboard.press("/");
      await page.keyboard.type("LEAKED in the");
      await page.waitForSelector(".found:has-text('of 120 rows')");
      await until(async () => {
        const found = Number.parseInt((await page.locator(".found").textContent()) ?? "", 10);
        return found < 120 && found === (await page.locator(ROW).count());
      });
      await page.keyboard.type(" no such text");
      await page.click("text=Show all rows");
      await page.waitForSelector(".found:has-text('120 of 120 rows')");
    });

    void it("shows how the cells of a column are distributed, and the rows with one that is clicked", async () => {
      await goTo("#/run/1?column=product&of=input");
      await page.click(".value:has-text('Tent')");
      await page.waitForSelector(".found:has-text('30 of 120 rows')");
      const values = await page.locator(".value b").allTextContents();
      assert.deepEqual(values, ["30", "30", "30", "30"]);
    });

    void it("keeps what a person says of a row, by its buttons and keys, and finds the row by it", async () => {
      await goTo("#/run/1/row/2");
      await page.click(".label button:has-text('good')");
      await page.waitForSelector(".facet:has-text('good') .number:has-text('1')");
      await page.keyboard.press("-");
      await page.waitForSelector(".label .chosen.bad");
      await page.fill("[aria-label='Note on this answer']", HOSTILE);
      // A row that is left at once keeps what was typed.
      await page.click("[aria-label='Close the row']");
      await page.click(".facet:has-text('with a note'):has-text('1')");
      await page.waitForSelector(".found:has-text('1 of 120 rows')");
      await page.waitForSelector(`${ROW} .said.bad`);
      await page.click(ROW);
      await page.reload();
      const note = page.locator("[aria-label='Note on this answer']");
      await until(async () => (await note.inputValue()) === HOSTILE.replaceAll("\n", ""));
      assert.equal(await page.evaluate("window.hacked"), undefined);
    });

    void it("compares a run with another, and shows the rows that have changed with the words that differ", async () => {
      await goTo("#/run/2");
      await page.selectOption("[aria-label='Compare with']", "1");
      await page.waitForSelector(".compared .value:has-text('sentiment')");
      const changed = await page.locator(".kinds .facet:has-text('changed') .number").textContent();
      await page.click(".kinds .facet:has-text('changed')");
      await page.waitForSelector(`.found:text-is('${changed} of 120 rows')`);
      await page.waitForSelector(`${ROW} ins`);
      await page.click(`${ROW} >> nth=0`);
      await page.waitForSelector(".panel h3:has-text('Beside row')");
      await page.waitForSelector(".panel del");
      assert.equal(await page.evaluate("window.hacked"), undefined);
    });

    void it("saves the rows that a filter leaves as a file", async () => {
      await goTo("#/run/2?text=leaked+in+the");
      await page.click("summary:has-text('Export')");
      const saved = page.waitForEvent("download");
      await page.click("button:has-text('JSON Lines')");
      const lines = (await readFile(await (await saved).path(), "utf8")).trim().split("\n");
      await page.waitForSelector(`.found:text-is('${lines.length} of 120 rows')`);
      assert.ok(lines.every((line) => line.includes("leaked in the")));
    });

    void it("has conditions by what a row took behind a button, and says how many are set", async () => {
      await goTo("#/run/1?min-attempts=1");
      await page.click("summary:has-text('More filters, 1 set')");
      await page.fill("[aria-label='Most attempts']", "0");
      await page.waitForSelector(".found:text-is('0 of 120 rows')");
      await page.fill("[aria-label='Most attempts']", "");
      await page.waitForSelector(".found:text-is('120 of 120 rows')");
    });

    void it("shows markup, a terminal's controls and marks that turn texts around as the characters that they are", async () => {
      await goTo(`#/run/1/row/${HOSTILE_ROW}`);
      const text = (await page.locator(".panel").textContent()) ?? "";
      assert.match(
        text,
        /<script>window\.hacked=1<\/script><img src=x onerror=window\.hacked=1> ⟦ESC⟧\[31m⟦U\+202E⟧gnp\.exe/,
      );
      assert.equal(await page.evaluate("window.hacked"), undefined);
      assert.equal(await page.locator("img, script:not([src='/page.js']), iframe").count(), 0);
    });

    void it("shows the beginning of a megabyte of text, and all of it where that is wanted", async () => {
      await goTo(`#/run/1/row/${LONG_ROW}`);
      const shown = async (): Promise<number> =>
        ((await page.locator(".panel .cells .text").last().textContent()) ?? "").length;
      await page.waitForSelector(`.panel h2:has-text('Row ${LONG_ROW + 1}')`);
      assert.equal(await shown(), 50_000);
      await page.click(".panel .cells >> text=Show all");
      await until(async () => (await shown()) === LONG.length);
    });

    void it("keeps the rows where they are when more of them come up as one scrolls", async () => {
      await goTo("#/run/1");
      await until(async () => (await page.locator(ROW).count()) >= 100);
      await page.locator(ROW).last().scrollIntoViewIfNeeded();
      await until(async () => (await page.locator(ROW).count()) === 120);
    });

    void it("fits a phone without scrolling sideways, and shows a row over the whole screen", async () => {
      const phone = await browser.newPage({ viewport: { width: 390, height: 780 } });
      watch(phone);
      await phone.goto(demo.url);
      await phone.waitForSelector(".runs tbody tr");
      await phone.evaluate("location.hash = '#/run/1/row/0'");
      await phone.waitForSelector(".panel .part");
      assert.ok(Number(await phone.evaluate("document.documentElement.scrollWidth")) <= 390);
      const box = await phone.locator(".panel").boundingBox();
      assert.deepEqual([box?.width, box?.height], [390, 780]);
      await phone.close();
    });

    void it("has the failed rows with one code asked again, after it has said how many and for how much", async () => {
      await goTo("#/run/3");
      await page.click("text=Ask failed rows again");
      await page.waitForSelector(".again:has-text('parrot retry-failed 3 --code OUTPUT_TRUNCATED')");
      await page.waitForSelector(".again:has-text('about $')");
      await page.click(".again button");
      await page.waitForSelector(".again:has-text('They are being asked')");
      await page.click(".home");
      await page.waitForSelector(".runs .standing:has-text('retry, finished')");
    });

    void it("says what to do where the key is missing", async () => {
      // Another browser has not opened the address.
      const other = await (await browser.newContext()).newPage();
      await other.goto(new URL("/", demo.url).href);
      await other.waitForSelector("text=Open the address that parrot ui has printed");
      await other.close();
    });

    void it("opens once by the address on a browser's command line, and is reloaded", async () => {
      await using ui = await startUi({ source: rowsSource([answeredRow(0)]) });
      const [first, second] = [await browser.newContext(), await browser.newContext()];
      const url = ui.urlForOnce();
      const opened = await first.newPage();
      await opened.goto(url);
      await opened.waitForSelector("table");
      assert.doesNotMatch(opened.url(), /once|key/);
      await opened.reload();
      await opened.waitForSelector("table");
      const late = await second.newPage();
      await late.goto(url);
      await late.waitForSelector("text=Open the address that parrot ui has printed");
      await first.close();
      await second.close();
    });

    void it("asks nobody but its own server, and obeys its own policy throughout", () => {
      // What is told of the page without a key is an answer of 401, as it should be.
      assert.deepEqual(complaints, []);
    });
  });
}
