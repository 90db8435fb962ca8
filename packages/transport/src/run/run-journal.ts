import { NO_USAGE } from "@parallel-parrot/core";
import type { JournalRun } from "@parallel-parrot/journal";
import type { Provider } from "@parallel-parrot/providers";
import { withJournal } from "../errors/journal-fault.ts";
import type { ResolvedOptions } from "../options.ts";
import { beginSession, type JournalSession } from "./journal-session.ts";
import { Watermark, type OpenRow } from "./watermark.ts";

/** The journal of one run, where it has one. It is opened by the first row, and told which rows are done with. */
export class RunJournal {
  /** To be set by a row that has waited for {@linkcode open}. A row that comes before that waits too, and overtakes none. */
  isOpen: boolean;
  readonly #given: ResolvedOptions["journal"];
  readonly #provider: Provider;
  readonly #onBegin: (run: JournalRun) => Promise<void>;
  readonly #watermark = new Watermark((row) => this.#session?.run.settle(row));
  #session: JournalSession | undefined;
  #opening: Promise<void> | undefined;

  /** @param onBegin gets the run before any row does */
  constructor(
    given: ResolvedOptions["journal"],
    provider: Provider,
    onBegin: (run: JournalRun) => Promise<void>,
  ) {
    this.#given = given;
    this.#provider = provider;
    this.#onBegin = onBegin;
    this.isOpen = given === undefined;
  }

  /** The path of its file; `undefined` before it is open, and where it has none. */
  get path(): string | undefined {
    return this.#session?.run.path;
  }

  /** What the run had paid before it was resumed. */
  get paidBefore(): JournalRun["paidBefore"] {
    return this.#session?.run.paidBefore ?? { usage: NO_USAGE, cost: 0 };
  }

  /** Opens it, the first time, and begins the run. */
  open(): Promise<void> {
    return (this.#opening ??= withJournal(() => this.#begin()));
  }

  /** Notes a row that came in; `undefined` without a journal. */
  enter(row: number): OpenRow | undefined {
    return this.#given === undefined ? undefined : this.#watermark.enter(row);
  }

  /** Notes that a row is done with. Returns why the run must stop, where answers cannot be kept any more. */
  settle(open: OpenRow | undefined): Error | undefined {
    if (open !== undefined) this.#watermark.settle(open);
    return this.#session?.run.ending;
  }

  async end(isFinished: boolean): Promise<void> {
    // Every answer is durable already: what the journal says of the run itself is not worth an error.
    await this.#session?.end(isFinished).catch(() => undefined);
  }

  async #begin(): Promise<void> {
    if (this.#given === undefined) return;
    const session = await beginSession(this.#given, this.#provider);
    await this.#onBegin(session.run);
    // This comes last, as rows settle in the session as soon as it is there.
    this.#session = session;
  }
}
