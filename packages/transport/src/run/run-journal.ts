import { NO_USAGE } from "@parallel-parrot/core";
import type { JournalRun } from "@parallel-parrot/journal";
import type { Provider } from "@parallel-parrot/providers";
import { withJournal } from "../errors/journal-fault.ts";
import type { ResolvedOptions } from "../options.ts";
import type { Signals } from "../waiting/signals.ts";
import { beginSession, type JournalSession } from "./journal-session.ts";
import { Watermark, type OpenRow } from "./watermark.ts";

/** How a run uses its journal. */
export interface RunJournalOptions {
  /** Whether the journal is told which rows are done with. */
  readonly settles: boolean;
  /** Gets the run before any row does. */
  readonly onBegin: (run: JournalRun, signals: Signals) => Promise<void>;
}

/** The journal of one run, where it has one. It is opened by the first row, and told which rows are done with. */
export class RunJournal {
  /** To be set by a row that has waited for {@linkcode open}. A row that comes before that waits too, and overtakes none. */
  isOpen: boolean;
  readonly #given: ResolvedOptions["journal"];
  readonly #provider: Provider;
  readonly #options: RunJournalOptions;
  readonly #watermark = new Watermark((row) => this.#session?.run.settle(row));
  #session: JournalSession | undefined;
  #opening: Promise<void> | undefined;

  constructor(given: ResolvedOptions["journal"], provider: Provider, options: RunJournalOptions) {
    this.#given = given;
    this.#provider = provider;
    this.#options = options;
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
  open(signals: Signals): Promise<void> {
    return (this.#opening ??= withJournal(() => this.#begin(signals)));
  }

  /** Notes a row that came in; `undefined` where the journal is not told which rows are done with, or there is none. */
  enter(row: number): OpenRow | undefined {
    const isTold = this.#given !== undefined && this.#options.settles;
    return isTold ? this.#watermark.enter(row) : undefined;
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

  async #begin(signals: Signals): Promise<void> {
    if (this.#given === undefined) return;
    const session = await beginSession(this.#given, this.#provider);
    await this.#options.onBegin(session.run, signals);
    // This comes last, as rows settle in the session as soon as it is there.
    this.#session = session;
  }
}
