import { jobFlag } from "../flag.ts";
import { inGroup } from "../flag-group.ts";
import { DURATION, NEGATION, SWITCH } from "../kinds/kind.ts";
import { durationMs } from "../kinds/parse-duration.ts";

/** Whether requests go through the batch API of the provider: options of `text`, `columns` and `data`. */
export const BATCH_FLAGS = inGroup("For less, within hours", {
  batch: jobFlag({
    flag: "--batch",
    kind: SWITCH,
    default: false,
    help: "ask through the provider's batch API, mostly for half the price and within a day",
    readme:
      "ask through the provider's batch API, mostly for half the price and within a day; see [below](#for-half-the-price)",
    libraryNames: ["batch"],
    pipeline: (isBatch) => (isBatch ? { batch: {} } : {}),
    identity: undefined,
    change: undefined,
    takenBy: {
      command: "resume",
      default: undefined,
      help: "ask what is left through the provider's batch API",
    },
    isAuthority: false,
  }),
  deadline: jobFlag({
    flag: "--deadline <time>",
    kind: DURATION,
    default: undefined,
    help: "with --batch: after so long, such as 6h or 90m, cancel what has not ended and ask the rest directly",
    readmeDefault: "jobs are waited for, however long they take",
    libraryNames: ["batch.deadline"],
    pipeline: (deadline) => ({ batch: { deadline: durationMs(deadline) } }),
    identity: undefined,
    change: undefined,
    takenBy: { command: "resume" },
    isAuthority: false,
  }),
  wait: jobFlag({
    flag: "--no-wait",
    kind: NEGATION,
    default: true,
    help: "with --batch: end once the jobs are made or looked at; parrot resume collects them",
    readmeDefault: "jobs are waited for",
    libraryNames: ["batch.wait"],
    pipeline: (wait) => ({ batch: { wait } }),
    identity: undefined,
    change: undefined,
    takenBy: { command: "resume" },
    isAuthority: false,
    // The run that collects them waits, unless it is told anew not to.
    isKept: false,
  }),
});
