import {
  acceptPackets,
  isCompleted,
  isFailed,
  Packet,
  PacketStream,
  type Completed,
  type Failed,
  type Inlet,
  type Prompted,
  type Row,
} from "@parallel-parrot/core";
import type { JournalRun } from "@parallel-parrot/journal";
import type { Provider } from "@parallel-parrot/providers";
import type { ResolvedOptions } from "../options.ts";
import type { CompletionProgress } from "../progress.ts";
import { CompletionRun } from "../run/completion-run.ts";
import type { RunWays } from "../run/run-ways.ts";
import { EqualRows } from "../run/equal-rows.ts";
import { ItemSpool } from "./spool/item-spool.ts";

/** A row on its way in. */
export type In<R extends Row> = Prompted<R> | Failed<R>;
/** A row on its way out. */
export type Out<R extends Row> = Completed<R> | Failed<R>;

/** What {@linkcode RowPasses} needs. */
export interface RowPassesOptions {
  readonly provider: Provider;
  readonly options: ResolvedOptions;
  readonly ways: RunWays;
  readonly run: JournalRun;
  /** Where the journal is. */
  readonly path: string;
  /** Ends a pass at once. */
  readonly signal: AbortSignal;
  /** Is told why a pass was stopped. */
  readonly onStopped: (reason: Error) => void;
}

/** Keeps the rows of a run on the disk, and has them pass through ordinary runs as often as needed. */
export class RowPasses<R extends Row> {
  /** The rows that came in so far. */
  count = 0;
  /** The pass that goes on, or was the last one. */
  current: CompletionRun<R> | undefined;
  /** Whether what is in {@linkcode current} is given on. */
  isGivingOn = false;
  /** What the source has failed with. */
  inputError: { readonly error: unknown } | undefined;
  /** What became of the rows that were given on before {@linkcode current}. */
  #given: PassCounts = NO_COUNTS;
  readonly #options: RowPassesOptions;
  readonly #equalRows = new EqualRows(true);
  readonly #occurrences = new WeakMap<object, number>();
  #spool: ItemSpool<R>;

  constructor(options: RowPassesOptions) {
    this.#options = options;
    this.#spool = new ItemSpool<R>(options.path);
  }

  /** Rows so far that have the prompt of an earlier one. */
  get equal(): number | undefined {
    return this.#equalRows.count;
  }

  /** What became of the rows that were given on. */
  get counts(): PassCounts {
    return this.isGivingOn && this.current !== undefined
      ? sumOf(this.#given, this.current.progress())
      : this.#given;
  }

  /** Takes rows in, in a first pass, until there is no room for more. Returns whether there may be more. */
  async takeIn(inlet: Inlet<In<R>>): Promise<boolean> {
    let isOver = false;
    this.#spool.close();
    this.#spool = new ItemSpool<R>(this.#options.path);
    const source = packetSource<In<R>>(async () => {
      if (this.#spool.isFull) return undefined;
      const packet = await this.#read(inlet);
      isOver = packet === undefined;
      for (const item of packet?.items ?? []) this.#keep(item);
      return packet;
    });
    await this.#drop(source);
    return !isOver;
  }

  /** Has the rows that were taken in pass once more. What comes out is dropped. */
  async again(): Promise<void> {
    await this.#drop(this.#rows());
  }

  /** Has the rows pass for the last time. What comes out is what the run gives. */
  async *giveOn(): AsyncGenerator<Packet<Out<R>>> {
    const pass = this.#begin(true);
    this.isGivingOn = true;
    const outputs = this.#rows().pipeThrough(pass.stage);
    const packets = outputs instanceof PacketStream ? outputs.takePackets() : undefined;
    for await (const packet of packets ?? []) yield packet as Packet<Out<R>>;
    this.#given = this.counts;
    this.isGivingOn = false;
    this.#tellStopped(pass);
  }

  close(): void {
    this.#equalRows.close();
    this.#spool.close();
  }

  async #read(inlet: Inlet<In<R>>): Promise<Packet<In<R>> | undefined> {
    try {
      return await inlet.read();
    } catch (error) {
      this.inputError = { error };
      throw error;
    }
  }

  #keep(item: In<R>): void {
    const { ways } = this.#options;
    const occurrence =
      isFailed(item) || isCompleted(item) ? 0 : this.#equalRows.enter(item.prompt, ways.ownOf(item.row));
    this.#occurrences.set(item, occurrence);
    this.#spool.add({ item, occurrence });
    this.count += 1;
  }

  async #drop(rows: PacketStream<In<R>>): Promise<void> {
    const pass = this.#begin(false);
    await rows.pipeThrough(pass.stage).pipeTo(acceptPackets(new WritableStream<Out<R> | Packet<Out<R>>>()));
    this.#tellStopped(pass);
  }

  #begin(isLast: boolean): CompletionRun<R> {
    const { provider, options, ways, run, signal } = this.#options;
    const { runTimeoutMs: _, ...others } = options;
    this.current = new CompletionRun<R>(
      provider,
      { ...others, journal: run, signal, onStop: "close", order: isLast ? options.order : "completion" },
      { ways, isLast, occurrenceOf: (item) => this.#occurrences.get(item) ?? 0 },
    );
    return this.current;
  }

  #tellStopped({ stopped }: CompletionRun<R>): void {
    if (stopped === undefined) return;
    this.#options.onStopped(stopped);
    throw stopped;
  }

  #rows(): PacketStream<In<R>> {
    const packets = this.#spool.read();
    return packetSource<In<R>>(() => {
      const next = packets.next();
      if (next.done === true) return undefined;
      return new Packet(
        next.value.map(({ item, occurrence }) => {
          this.#occurrences.set(item, occurrence);
          return item;
        }),
      );
    });
  }
}

type PassCounts = Pick<
  CompletionProgress,
  "completed" | "skipped" | "passed" | "failed" | "reused" | "shared"
>;

const NO_COUNTS: PassCounts = { completed: 0, skipped: 0, passed: 0, failed: 0, reused: 0, shared: 0 };

function sumOf(a: PassCounts, b: PassCounts): PassCounts {
  return {
    completed: a.completed + b.completed,
    skipped: a.skipped + b.skipped,
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    reused: a.reused + b.reused,
    shared: a.shared + b.shared,
  };
}

/** A stream of the packets that a function gives, until it gives none. */
function packetSource<T>(
  next: () => Packet<T> | undefined | Promise<Packet<T> | undefined>,
): PacketStream<T> {
  return new PacketStream<T>(
    new ReadableStream<Packet<T>>(
      {
        async pull(controller) {
          const packet = await next();
          if (packet === undefined) controller.close();
          else controller.enqueue(packet);
        },
      },
      { highWaterMark: 0 },
    ),
  );
}
