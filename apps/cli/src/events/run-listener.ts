import { ParrotError } from "@parallel-parrot/core";
import type { RunEvent } from "@parallel-parrot/transport";
import { say } from "../terminal/report.ts";
import { describeEvent } from "./describe-event.ts";
import { EventLog } from "./event-log.ts";
import { eventRecord } from "./event-record.ts";
import type { EventSource } from "./event-rows.ts";

/** The options that say where events go. */
interface ListenOptions {
  readonly log?: string | undefined;
  readonly logContent?: boolean | undefined;
  readonly verbose?: boolean | undefined;
}

/** Writes the events of a run to its log, and says them, as the options want it. */
export class RunListener {
  readonly #log: EventLog | undefined;
  readonly #content: boolean;
  readonly #isVerbose: boolean;
  /** The number of the run in the journal, once it has begun. */
  #run: number | undefined;

  /** @throws ParrotError where there can be no such log */
  constructor({ log, logContent = false, verbose = false }: ListenOptions) {
    if (logContent && log === undefined)
      throw new ParrotError("INVALID_OPTION", "There is no log for --log-content: name its file with --log", {
        option: "--log-content",
      });
    this.#log = log === undefined ? undefined : EventLog.open(log);
    this.#content = logContent;
    this.#isVerbose = verbose;
  }

  belongTo(run: { readonly id: number } | undefined): void {
    this.#run = run?.id;
  }

  /** Listens to a run, or one of its steps; `undefined` where its events go nowhere. */
  to(source: EventSource = {}): ((event: RunEvent) => void) | undefined {
    const [log, isVerbose] = [this.#log, this.#isVerbose];
    if (log === undefined && !isVerbose) return undefined;
    const options = { run: this.#run, content: this.#content };
    return (event) => {
      log?.write(eventRecord(event, source, options));
      const line = isVerbose ? describeEvent(event, source) : undefined;
      if (line !== undefined) say(line);
    };
  }

  close(): void {
    this.#log?.close();
  }
}
