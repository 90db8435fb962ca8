import { existsSync } from "node:fs";
import type { RunCourse } from "@parallel-parrot/ui";
import type { LiveTeller, ToldRun } from "./live-teller.ts";
import { LIVE_SUFFIX } from "./live-suffix.ts";

/** So often a run tells how far it is. One that takes no longer tells nothing, and does not load what tells it. */
const EVERY_MS = 1000;

/** A run that tells how far it is. */
export interface LiveTelling {
  /** Ends it; gives the course of the run, where it took long enough to have one. */
  end(): Promise<RunCourse | undefined>;
}

/** Tells how far a run is, in a file beside its journal, until it is ended. */
export function tellLive(told: ToldRun): LiveTelling {
  let teller: LiveTeller | undefined;
  let loading: Promise<void> | undefined;
  const tell = async (): Promise<void> => {
    const { LiveTeller: Loaded } = await import("./live-teller.ts");
    teller ??= new Loaded(told);
    teller.tell();
  };
  const timer = setInterval(() => {
    // Whatever becomes of it, such as a program that was replaced meanwhile, the run goes on.
    if (teller === undefined) loading ??= tell().catch(() => undefined);
    else teller.tell();
  }, EVERY_MS);
  timer.unref();
  return {
    async end() {
      clearInterval(timer);
      await loading;
      const course = teller?.course;
      await teller?.settled();
      // One that was killed may have left its own.
      if (teller !== undefined || existsSync(`${told.journal}${LIVE_SUFFIX}`)) {
        const { removeLive } = await import("./live-file.ts");
        await removeLive(told.journal).catch(() => undefined);
      }
      return course;
    },
  };
}
