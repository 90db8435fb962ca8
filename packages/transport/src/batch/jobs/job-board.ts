import { randomUUID } from "node:crypto";
import type { StoredJob } from "@parallel-parrot/journal";
import type { Budget } from "../../budget/budget.ts";
import { withJournal } from "../../errors/journal-fault.ts";
import { Turns } from "../../waiting/turns.ts";
import type { CleanUpOptions } from "./clean-up.ts";
import { closeCollected } from "./close-collected.ts";
import { Harvester, type HarvesterOptions } from "./harvester.ts";
import type { JobCounts } from "./job-counts.ts";
import { worstOf, type CutJob } from "./job-cutter.ts";
import { JobKeeper, type JobKeeperOptions } from "./job-keeper.ts";
import { JobMaker, type JobMakerOptions } from "./job-maker.ts";
import { JobQueue } from "./job-queue.ts";
import { reserveAgain, reserveFor } from "./job-reservation.ts";
import { lookAfter, lookedAfter } from "./looked-after.ts";
import { OpenJob } from "./open-job.ts";
import type { QueueRoom } from "./queue-room.ts";
import { RefusedLines } from "./refused-lines.ts";
import { Unwanted } from "./unwanted.ts";

/** Jobs that may be planned and not made yet: their lines are on the disk. */
const MAX_UNMADE = 2;

/** What a {@linkcode JobBoard} needs. */
export interface JobBoardOptions
  extends
    Omit<JobMakerOptions, "room" | "unwanted">,
    Omit<HarvesterOptions, "signal">,
    CleanUpOptions,
    Pick<JobKeeperOptions, "onFailure"> {
  readonly queue: QueueRoom;
  readonly budget: Budget | undefined;
  readonly priceFactor: number | undefined;
}

/** Looks after all jobs of a run at the same time, from the intent to make them until they are in the journal. */
export class JobBoard {
  readonly counts: JobCounts = { closed: 0, harvested: 0, submitted: 0, answered: 0, lost: 0 };
  readonly refusedLines: RefusedLines = new RefusedLines();
  readonly #options: JobBoardOptions;
  readonly #keepers = new Map<number, JobKeeper>();
  readonly #adoptions = new Map<number, Promise<void>>();
  readonly #making = new Turns();
  readonly #harvesting = new Turns();
  readonly #unwanted = new Unwanted();
  readonly #queue: JobQueue;
  readonly #keeping: JobKeeperOptions;
  /** What goes on until each job is over. */
  readonly #followed = new Set<Promise<void>>();
  #unmade = 0;

  constructor(options: JobBoardOptions) {
    this.#options = options;
    const { signals, clock, queue: room } = options;
    this.#queue = new JobQueue({ room, clock, signals, unwanted: this.#unwanted });
    this.#keeping = {
      ...options,
      queue: this.#queue,
      making: this.#making,
      harvesting: this.#harvesting,
      unwanted: this.#unwanted,
      counts: this.counts,
      refusedLines: this.refusedLines,
      maker: new JobMaker({
        ...options,
        unwanted: this.#unwanted.signal,
        room: (job) => this.#queue.enterInTurn(job),
      }),
      harvester: new Harvester({ ...options, signal: signals.all }),
    };
  }

  /** The jobs that are not closed, oldest first. */
  get jobs(): readonly OpenJob[] {
    return Array.from(this.#keepers.values(), ({ job }) => job).filter(({ isClosed }) => !isClosed);
  }

  /** The numbers of requests of all open jobs of the journal. */
  get sizes(): ReadonlySet<number> {
    const open = withJournal(() => this.#options.log.batches.jobs({ open: true }));
    return new Set(open.map(({ requests }) => requests));
  }

  has(id: number): boolean {
    return this.#keepers.get(id)?.job.isClosed === false;
  }

  /** Resolves when the requests of a job are in no job any more. */
  async closing(id: number): Promise<void> {
    await this.#keepers.get(id)?.job.closed;
  }

  /** Plans a job, makes it in its turn and looks after it. Waits while many are not made yet. */
  async submit(cut: CutJob): Promise<void> {
    const { provider, log, priceFactor, budget, signals } = this.#options;
    const reserved = worstOf(cut);
    const reservation = await reserveFor(budget, reserved, signals.waiting);
    const { requests, bytes, inputTokens } = cut;
    const stored = await withJournal(() =>
      log.batches.plan({
        provider: provider.name,
        url: provider.baseUrl,
        model: provider.model,
        name: randomUUID(),
        bytes,
        inputTokens,
        requests,
        ...(reserved === undefined ? {} : { reserved: { tokens: reserved.tokens, cost: reserved.cost } }),
        ...(priceFactor === undefined ? {} : { priceFactor }),
      }),
    );
    this.counts.submitted += requests.length;
    void this.#follow(new OpenJob(stored, reservation, cut.lines), (keeper) => keeper.make());
    while (this.#unmade >= MAX_UNMADE) await this.#queue.changed();
  }

  /** Closes what earlier processes have collected and not closed. */
  async closeCollected(): Promise<void> {
    await closeCollected(this.#options);
  }

  /** Looks after a job that an earlier process has planned. Resolves when it is known whether there is one. */
  adopt(id: number): Promise<void> {
    let adoption = this.#adoptions.get(id);
    if (adoption === undefined) {
      adoption = this.#adopt(id);
      this.#adoptions.set(id, adoption);
    }
    return adoption;
  }

  /** Resolves when no job is open. */
  async idle(): Promise<void> {
    await Promise.all(this.jobs.map(({ closed }) => closed));
  }

  /** Resolves when each job was looked at once since it was made, or is closed. */
  async looked(): Promise<void> {
    await Promise.all(this.jobs.map(({ looked }) => looked));
  }

  /** Makes no more jobs, and asks those that are made to end early. */
  async cancelAll(): Promise<void> {
    this.#unwanted.begin();
    await Promise.all(Array.from(this.#keepers.values(), async (keeper) => keeper.cancel()));
  }

  /** Resolves when nothing is being made, read or cleaned up any more, once no job is open or the run is stopping. */
  async halt(): Promise<void> {
    await Promise.all(this.#followed);
  }

  async #adopt(id: number): Promise<void> {
    const { log, budget } = this.#options;
    const found = (): StoredJob | undefined =>
      withJournal(() => log.batches.jobs({ open: true })).find((job) => job.id === id);
    await lookedAfter(found()?.name ?? "");
    const stored = found();
    if (stored === undefined) return;
    this.counts.submitted += stored.requests;
    const { promise: known, resolve } = Promise.withResolvers<void>();
    const over = this.#follow(new OpenJob(stored, reserveAgain(budget, stored)), async (keeper) => {
      await keeper.bringOn();
      resolve();
    });
    await Promise.race([known, over]);
  }

  /** Looks after a job. Resolves when it is over, however that comes. */
  #follow(job: OpenJob, make: (keeper: JobKeeper) => Promise<void>): Promise<void> {
    const keeper = new JobKeeper(job, this.#keeping);
    this.#keepers.set(job.id, keeper);
    this.#unmade += 1;
    const made = this.#making.next(async () => {
      try {
        await make(keeper);
      } finally {
        this.#unmade -= 1;
        this.#queue.tellChange();
      }
    });
    const over = keeper.keep(made);
    this.#followed.add(over);
    lookAfter(job.stored.name, over);
    return over;
  }
}
