import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { extname } from "node:path";

/** The program itself, beside this file as it was built. */
export const PROGRAM: URL = new URL(`../main${extname(import.meta.url)}`, import.meta.url);

/** What the process of a page tells the run that has started it. */
export interface PageNotice {
  readonly url: string;
  /** What opens it once, for a browser's command line. */
  readonly urlForOnce: string;
}

/**
 * `parrot ui` in a process of its own, which ends when this one does. It is in no group with this one: Ctrl-C ends the run
 * alone, which then ends the page.
 */
export class PageProcess {
  readonly #child: ChildProcess;
  /** The addresses of the page. Rejects with what the process has said where it ends before there is one. */
  readonly addresses: Promise<PageNotice>;

  constructor(journal: string) {
    this.#child = fork(PROGRAM, ["ui", "--journal", journal], {
      detached: true,
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    // A run that has ended does not wait for its page.
    this.#child.unref();
    this.#child.channel?.unref();
    this.addresses = addressesOf(this.#child);
    this.addresses.catch(() => undefined);
  }

  /** Resolves when the process has ended by itself. */
  async ended(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.ref();
    await once(this.#child, "exit");
  }

  end(): void {
    if (this.#child.connected) this.#child.disconnect();
  }
}

function addressesOf(child: ChildProcess): Promise<PageNotice> {
  return new Promise((resolve, reject) => {
    let said = "";
    // Read to its end, so that the process never waits for a reader.
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (said = `${said}${text}`.slice(-2000)));
    if (child.stderr !== null && "unref" in child.stderr && typeof child.stderr.unref === "function")
      child.stderr.unref();
    child.once("message", (notice: PageNotice) => resolve(notice));
    child.on("error", reject);
    child.once("close", () => reject(new Error(said.replace(/^parrot: /, "").trim() || "it has ended")));
  });
}
