import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { extname } from "node:path";

/** The program itself, beside this file as it was built. */
const PROGRAM = new URL(`../main${extname(import.meta.url)}`, import.meta.url);

/** What the process of a page tells the run that has started it. */
export interface PageNotice {
  readonly url: string;
}

/**
 * `parrot ui` in a process of its own, which ends when this one does. It is in no group with this one: Ctrl-C ends the run
 * alone, which then ends the page.
 */
export class PageProcess {
  readonly #child: ChildProcess;
  /** The address of the page. Rejects with what the process has said where it ends before there is one. */
  readonly url: Promise<string>;

  constructor(journal: string) {
    this.#child = fork(PROGRAM, ["ui", "--journal", journal], {
      detached: true,
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    // A run that has ended does not wait for its page.
    this.#child.unref();
    this.#child.channel?.unref();
    this.url = urlOf(this.#child);
    this.url.catch(() => undefined);
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

function urlOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    // Read to its end, so that the process never waits for a reader.
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (said = `${said}${text}`.slice(-2000)));
    if (child.stderr !== null && "unref" in child.stderr && typeof child.stderr.unref === "function")
      child.stderr.unref();
    child.once("message", (notice: PageNotice) => resolve(notice.url));
    child.once("error", reject);
    child.once("close", () => reject(new Error(said.replace(/^parrot: /, "").trim() || "it has ended")));
  });
}
