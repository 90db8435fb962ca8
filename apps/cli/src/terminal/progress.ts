import { formatDollars, type CompletionProgress, type RunWait } from "@parallel-parrot/transport";
import { SingleBar } from "cli-progress";
import { cut, describeWait, isWorthTelling } from "./describe-wait.ts";
import { formatCount } from "./format-count.ts";
import { printable, say } from "./report.ts";
import { WaitTeller } from "./wait-teller.ts";

/** Shows how far a run is, on standard error. */
export interface ProgressView {
  /** Draws once more and ends. */
  stop(): void;
}

const LINE_EVERY_MS = 5000;
/** So often while nothing but the time changes. */
const IDLE_LINE_EVERY_MS = 60_000;
const DRAW_EVERY_MS = 200;
/** Characters of what a server says in the line of progress. */
const MAX_SAID = 80;

/**
 * Shows a bar on a terminal. Elsewhere it is a line every five seconds, one a minute while nothing is done, and one as
 * soon as something is waited for. `total` is `undefined` where the number of rows is not known.
 */
export function showProgress(total: number | undefined, snapshot: () => CompletionProgress): ProgressView {
  const start = performance.now();
  const describe = (): string => describeProgress(snapshot(), (performance.now() - start) / 1000);
  const done = (): number => snapshot().completed + snapshot().failed;
  if (!process.stderr.isTTY) {
    return tellProgress(snapshot, (seconds) => {
      const ofTotal = total === undefined ? "" : `/${total}`;
      say(`${done()}${ofTotal} rows · ${describeProgress(snapshot(), seconds)}`);
    });
  }
  const bar = new SingleBar({
    stream: process.stderr,
    format:
      total === undefined
        ? "{value} rows · {status}"
        : "{bar} {value}/{total} rows · {status} · {eta_formatted} left",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 24,
    hideCursor: true,
    // The run handles Ctrl-C itself, as it has answers to keep.
    gracefulExit: false,
    etaBuffer: 200,
  });
  bar.start(total ?? 0, 0, { status: describe() });
  const draw = (): void => bar.update(done(), { status: describe() });
  const timer = setInterval(draw, DRAW_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      draw();
      bar.stop();
    },
  };
}

/** Tells the progress in lines, and what is waited for as soon as that is known. */
function tellProgress(snapshot: () => CompletionProgress, tellLine: (seconds: number) => void): ProgressView {
  const start = performance.now();
  const teller = new WaitTeller(say);
  let toldAt = start;
  let toldDone = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    const progress = snapshot();
    const { completed, failed, waits } = progress;
    teller.look(waits, now);
    const isIdle = completed + failed === toldDone && waitOf(progress) !== undefined;
    if (now - toldAt < (isIdle ? IDLE_LINE_EVERY_MS : LINE_EVERY_MS)) return;
    toldAt = now;
    toldDone = completed + failed;
    tellLine((now - start) / 1000);
  }, DRAW_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
    },
  };
}

/** The progress of a run in one line. @param seconds since it began */
export function describeProgress(progress: CompletionProgress, seconds: number): string {
  const {
    completed,
    failed,
    reused,
    shared,
    inFlight,
    waiting,
    backingOff,
    lastFailure = "",
    usage,
    cost,
    budget,
    limits,
    paidBefore,
  } = progress;
  const perMinute = Math.round(((completed + failed - reused - shared) / Math.max(seconds, 0.001)) * 60);
  const requestLimit = limits.find(({ dimension }) => dimension === "requests")?.limit;
  const share = requestLimit === undefined ? "" : ` of ${formatCount(requestLimit)}`;
  const wait = waitOf(progress);
  const parts = [
    `${formatCount(perMinute)}${share}/min`,
    ...(wait === undefined ? [] : [describeWait(wait, MAX_SAID)]),
    `${inFlight} in flight`,
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
    ...(backingOff > 0 ? [`${backingOff} to be asked again after: ${cut(lastFailure, MAX_SAID)}`] : []),
    ...(reused > 0 ? [`${formatCount(reused)} from the journal`] : []),
    ...(shared > 0 ? [`${formatCount(shared)} share an answer`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    `${formatCount(tokensOf(usage))} tokens${before(tokensOf(paidBefore.usage), formatCount)}`,
    ...(cost === undefined
      ? []
      : [
          `${formatDollars(cost)}${before(paidBefore.cost, formatDollars)}${ofMaximum(budget?.limits.maxCost)}`,
        ]),
  ];
  // What a server says is in it.
  return printable(parts.join(" · "));
}

/** The wait that the line names: also a short one, where nothing is in flight and the line would give no reason. */
function waitOf({ waits, inFlight }: CompletionProgress): RunWait | undefined {
  return waits.find(isWorthTelling) ?? (inFlight === 0 ? waits[0] : undefined);
}

function tokensOf({ inputTokens, outputTokens }: CompletionProgress["usage"]): number {
  return inputTokens + outputTokens;
}

/** What the run had paid before it was resumed. */
function before(amount: number, format: (amount: number) => string): string {
  return amount > 0 ? ` (${format(amount)} before)` : "";
}

function ofMaximum(maxCost: number | undefined): string {
  return maxCost === undefined ? "" : ` of ${formatDollars(maxCost)}`;
}
