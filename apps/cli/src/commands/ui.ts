import { once } from "node:events";
import { ParrotError } from "@parallel-parrot/core";
import { startUi, type Ui } from "@parallel-parrot/ui";
import { EXIT, type ExitCode } from "../exit-code.ts";
import type { UI_FLAGS } from "../flags/commands/ui-flags.ts";
import type { ValuesOf } from "../flags/flag.ts";
import { inspectPlace } from "../journal/journal-place.ts";
import { say } from "../terminal/report.ts";
import { JournalRuns } from "../ui/journal-runs.ts";
import { openBrowser } from "../live/open-browser.ts";
import type { PageNotice } from "../live/page-process.ts";

/** `parrot ui`: runs until Ctrl-C, or until the run ends that has started it. */
export async function ui(
  folder: string | undefined,
  { journal, port, open }: ValuesOf<typeof UI_FLAGS>,
): Promise<ExitCode> {
  if (folder !== undefined) enter(folder);
  // A journal that is not there, or that others may change, is told before a page is served.
  (await inspectPlace(journal)).close();
  await using page = await start(new JournalRuns(journal), port);
  say(`The runs of ${journal} are at ${page.url}`);
  say(
    "Whoever has this address can read them and have failed rows asked again, on this machine alone. Ctrl-C ends it.",
  );
  if (open)
    openBrowser(page.urlForOnce(), () =>
      say("There is no browser to open it with here; open the address by hand"),
    );
  await Promise.race([once(process, "SIGINT"), once(process, "SIGTERM"), endOfRun(page)]);
  return EXIT.ok;
}

/** Tells the run that has started this process where the page is; resolves when the run has ended. Never without one. */
async function endOfRun(page: Ui): Promise<void> {
  const notice: PageNotice = { url: page.url, urlForOnce: page.urlForOnce() };
  // It may have ended by now.
  if (process.send === undefined) return new Promise(() => undefined);
  if (!process.connected) return;
  const ended = once(process, "disconnect");
  process.send(notice, undefined, undefined, () => undefined);
  await ended;
}

function enter(folder: string): void {
  try {
    process.chdir(folder);
  } catch (cause) {
    throw new ParrotError("INVALID_OPTION", `Cannot show the runs of ${folder}: there is no such folder`, {
      cause,
      file: folder,
    });
  }
}

async function start(source: JournalRuns, port: number): Promise<Ui> {
  try {
    return await startUi({ source, port });
  } catch (cause) {
    const isTaken = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
    if (!isTaken && !(cause instanceof RangeError)) throw cause;
    const why = isTaken ? `port ${port} is in use; leave --port out to take a free one` : cause.message;
    throw new ParrotError("INVALID_OPTION", `Cannot serve the page: ${why}`, { cause, option: "--port" });
  }
}
