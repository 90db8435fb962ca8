import { once } from "node:events";
import { messageOf, ParrotError } from "@parallel-parrot/core";
import type { JournalRun } from "@parallel-parrot/journal";
import { EXIT, type ExitCode } from "../exit-code.ts";
import type { RunOptions } from "../job/run-options.ts";
import { say } from "../terminal/report.ts";
import { hasScreen, openBrowser } from "./open-browser.ts";
import { PageProcess } from "./page-process.ts";

/** Is told when a run has begun in its journal. */
export type OnBegun = (run: Pick<JournalRun, "id" | "path">) => void;

/**
 * Runs something with a page beside it. On a terminal the page stays when the run has come to an end, until Ctrl-C; else,
 * and after a run that was interrupted, it ends with the run. Whatever becomes of the page, the run goes on.
 */
export async function withPage(
  { journal }: Pick<RunOptions, "journal">,
  run: (onBegun: OnBegun) => Promise<ExitCode>,
): Promise<ExitCode> {
  if (journal === false)
    throw new ParrotError(
      "INVALID_OPTION",
      "--ui shows what the journal has, and there is none: leave out --no-journal, or --ui",
      { option: "--ui" },
    );
  let page: PageProcess | undefined;
  try {
    const code = await run(({ id, path }) => {
      page ??= path === undefined ? undefined : new PageProcess(path);
      if (page !== undefined) void tell(page, id);
    });
    if (page !== undefined && process.stderr.isTTY && !INTERRUPTED.has(code)) await stay(page);
    return code;
  } finally {
    page?.end();
  }
}

const INTERRUPTED: ReadonlySet<ExitCode> = new Set([EXIT.interrupted, EXIT.hungUp, EXIT.terminated]);

async function tell(page: PageProcess, run: number): Promise<void> {
  try {
    const { url, urlForOnce } = await page.addresses;
    say(`The run is shown at ${url}/run/${run}`);
    if (process.stderr.isTTY && hasScreen())
      openBrowser(`${urlForOnce}/run/${run}`, () =>
        say("There is no browser to open it with here; open the address by hand"),
      );
  } catch (error) {
    say(`There is no page, and the run goes on without it: ${messageOf(error)}`);
  }
}

async function stay(page: PageProcess): Promise<void> {
  try {
    await page.addresses;
  } catch {
    return;
  }
  say("The page stays until Ctrl-C");
  await Promise.race([
    page.ended(),
    ...["SIGINT", "SIGTERM", "SIGHUP"].map((signal) => once(process, signal)),
  ]);
}
