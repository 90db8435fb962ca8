import { resolve } from "node:path";
import { messageOf } from "@parallel-parrot/core";
import type { RunSummary } from "@parallel-parrot/journal";
import type {
  FailedChoice,
  ListedRun,
  LiveRun,
  OpenRun,
  RunCourse,
  RunSource,
  SourceRuns,
} from "@parallel-parrot/ui";
import { nameInputs } from "../input/input-names.ts";
import { commandOf } from "../job/command-of.ts";
import { folderOf, howOf, jobOf, textOf } from "../job/job.ts";
import { rereadableJob } from "../job/rereadable-job.ts";
import { changedJob } from "../job/retry-change.ts";
import { kindOf } from "../job/run-kind.ts";
import { standingOf } from "../job/run-state.ts";
import { stepInManifest } from "../steps/step-journal.ts";
import { inspectPlace, nearName } from "../journal/journal-place.ts";
import { resultOf } from "../journal/run-result.ts";
import { readCourse } from "../live/course.ts";
import { readLive } from "../live/live-file.ts";
import { askAgain } from "./ask-again.ts";
import { LabelFile } from "./label-file.ts";
import { replayRun } from "./replayed-run.ts";
import { wholeRunOf } from "./whole-run.ts";

/** The runs of a journal, for the page that shows them. */
export class JournalRuns implements RunSource {
  readonly name: string;
  readonly labels: LabelFile;
  readonly #path: string;
  readonly #folder: string = process.cwd();

  constructor(path: string) {
    this.#path = resolve(path);
    this.name = nearName(this.#path);
    this.labels = new LabelFile(this.#path);
  }

  async runs(): Promise<SourceRuns> {
    const journal = await inspectPlace(this.#path);
    try {
      const writer = await journal.writer();
      const told = writer === undefined ? undefined : await readLive(this.#path);
      // What a run has told that is over, or another process, is not how far a run is now.
      const isNow = told !== undefined && told.pid === writer?.pid;
      const all = journal.runs();
      const runs = all.map((run) =>
        listedRun(run, all, { writer, live: isNow && told.run === run.id ? told.live : undefined }),
      );
      return { runs, ...(writer === undefined ? {} : { writer: writer.pid }) };
    } finally {
      journal.close();
    }
  }

  async courseOf(id: number): Promise<RunCourse | undefined> {
    const journal = await inspectPlace(this.#path);
    try {
      const run = journal.runs().find((each) => each.id === id);
      if (run === undefined) return undefined;
      // One that was killed has told its course up to that, unless another has begun since.
      const told = run.state === "running" ? await readLive(this.#path) : undefined;
      return told?.run === id ? told.course : readCourse(run.manifest["course"]);
    } finally {
      journal.close();
    }
  }

  askAgain(run: number, which: FailedChoice): Promise<void> {
    return askAgain({ journal: this.#path, folder: this.#folder }, run, which);
  }

  async open(id: number): Promise<OpenRun> {
    const journal = await inspectPlace(this.#path);
    const folder = process.cwd();
    try {
      const run = journal.runs().find((each) => each.id === id);
      if (run === undefined) throw new Error("it is not in the journal any more");
      // Names of files mean what they meant where the run was begun, until its last row is read.
      process.chdir(folderOf(wholeRunOf(run, journal.runs()).run.manifest));
      return whileReading(await replayRun(run, journal), () => process.chdir(folder));
    } catch (error) {
      process.chdir(folder);
      journal.close();
      throw error;
    }
  }
}

/** The same run, which says when its rows have been read. */
function whileReading(run: OpenRun, onEnd: () => void): OpenRun {
  return {
    get note() {
      return run.note;
    },
    modelColumn: run.modelColumn,
    async *rows() {
      try {
        yield* run.rows();
      } finally {
        onEnd();
      }
    },
    promptOf: (row, index) => run.promptOf(row, index),
    responsesOf: (keys, row) => run.responsesOf(keys, row),
    ...(run.exportRows === undefined ? {} : { exportRows: run.exportRows.bind(run) }),
    close: () => run.close(),
  };
}

type Writer = Parameters<typeof standingOf>[1];

interface ListedNow {
  readonly writer: Writer;
  readonly live: LiveRun | undefined;
}

function listedRun(run: RunSummary, all: readonly RunSummary[], { writer, live }: ListedNow): ListedRun {
  const { id, manifest, startedAt, touchedAt, settled, usage, cost } = run;
  const job = jobOf(manifest);
  const result = resultOf(manifest);
  const now = job === undefined ? undefined : changedJob(job, howOf(manifest).change ?? {});
  const closed = closedOf(run, all);
  const step = stepInManifest(manifest);
  const standing = standingOf(run, writer);
  return {
    id,
    kind: kindOf(run),
    ...(step === undefined ? {} : { step }),
    standing,
    ...(live === undefined || standing !== "running" ? {} : { live }),
    ...(closed === undefined ? {} : { closed }),
    ...(now === undefined ? {} : { command: commandOf(now) }),
    inputs: job === undefined ? "" : nameInputs(job.inputs),
    model: textOf(now?.options.model) ?? textOf(manifest["model"]) ?? "",
    prompt:
      step === undefined
        ? firstLine(textOf(now?.options.prompt) ?? textOf(now?.options.promptText) ?? "")
        : `Step ${step.name} of run ${step.run}`,
    startedAt,
    touchedAt,
    ...(typeof result?.ms === "number" ? { ms: result.ms } : {}),
    rows: result?.answered ?? settled,
    failed: result?.failed ?? 0,
    ...(typeof result?.stopped === "string" ? { stopped: result.stopped } : {}),
    requests: usage.requests,
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    cost,
  };
}

/** Why the rows of a run are not shown; `undefined` where they are. */
function closedOf(run: RunSummary, all: readonly RunSummary[]): string | undefined {
  try {
    rereadableJob(wholeRunOf(run, all).run);
    return undefined;
  } catch (error) {
    return `The rows of run ${run.id} are not shown: ${messageOf(error)}`;
  }
}

const MOST_CHARACTERS = 300;

function firstLine(prompt: string): string {
  const [first = "", ...more] = prompt.trim().split("\n");
  const line = first.slice(0, MOST_CHARACTERS).trim();
  return more.length > 0 || line.length < first.trim().length ? `${line} …` : line;
}
