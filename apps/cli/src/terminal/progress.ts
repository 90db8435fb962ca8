import { formatDollars, type CompletionProgress } from "@parallel-parrot/transport";
import { SingleBar } from "cli-progress";
import { say } from "./report.ts";

/** Shows how far a run is, on standard error. */
export interface ProgressView {
  /** Draws once more and ends. */
  stop(): void;
}

const LINE_EVERY_MS = 5000;
const DRAW_EVERY_MS = 200;

/**
 * Shows a bar on a terminal, and elsewhere a line every five seconds. `total` is `undefined` where the number of rows
 * is not known.
 */
export function showProgress(total: number | undefined, snapshot: () => CompletionProgress): ProgressView {
  const start = performance.now();
  const describe = (): string => describeProgress(snapshot(), (performance.now() - start) / 1000);
  const done = (): number => snapshot().completed + snapshot().failed;
  if (!process.stderr.isTTY) {
    const tell = (): void => say(`${done()}${total === undefined ? "" : `/${total}`} rows · ${describe()}`);
    const timer = setInterval(tell, LINE_EVERY_MS);
    return {
      stop() {
        clearInterval(timer);
      },
    };
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

/** The progress of a run in one line. @param seconds since it began */
export function describeProgress(progress: CompletionProgress, seconds: number): string {
  const {
    completed,
    failed,
    reused,
    shared,
    inFlight,
    waiting,
    isOutage,
    usage,
    cost,
    budget,
    limits,
    paidBefore,
  } = progress;
  const perMinute = Math.round(((completed + failed - reused - shared) / Math.max(seconds, 0.001)) * 60);
  const requestLimit = limits.find(({ dimension }) => dimension === "requests")?.limit;
  const share = requestLimit === undefined ? "" : ` of ${formatCount(requestLimit)}`;
  return [
    `${formatCount(perMinute)}${share}/min`,
    ...(isOutage ? ["server away, asking now and then"] : []),
    `${inFlight} in flight`,
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
    ...(reused > 0 ? [`${formatCount(reused)} from the journal`] : []),
    ...(shared > 0 ? [`${formatCount(shared)} share an answer`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    `${formatCount(tokensOf(usage))} tokens${before(tokensOf(paidBefore.usage), formatCount)}`,
    ...(cost === undefined
      ? []
      : [
          `${formatDollars(cost)}${before(paidBefore.cost, formatDollars)}${ofMaximum(budget?.limits.maxCost)}`,
        ]),
  ].join(" · ");
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

/** A number with commas between thousands. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** A duration as a person says it: `4.2 s`, `3 min 20 s`, `2 h 5 min`. */
export function formatDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
