import type { Usage } from "@parallel-parrot/core";
import type { Price } from "@parallel-parrot/providers";
import type { OnContext } from "@parallel-parrot/transport";
import type { TotalEstimate } from "./estimate-total.ts";
import type { SampleUsage, TooLongRows } from "./sample-usage.ts";
import type { LimitTime } from "./time-at-limit.ts";

/** What `parrot estimate --json` prints. Every total is of all rows to be asked, with its 95 % interval. */
export interface Estimate {
  /** Rows that a run would work on. */
  readonly rows: number;
  /** Those of them that would be asked. The totals are of these. */
  readonly toAsk: number;
  /** Rows that the journal has an answer to. */
  readonly answered: number;
  /** Rows that have failed, and that only `parrot retry-failed` would ask again. */
  readonly failedBefore: number;
  /** Rows of which no prompt can be made. */
  readonly unaskable: number;
  /** Rows that `--when` lets pass. */
  readonly passes: number;
  /** Rows that share the answer of an earlier row, with `--ask-equal-once`. */
  readonly shared: number;
  /** Rows with the prompt of an earlier row; images count as equal where their names are equal. */
  readonly equal: number;
  /** Whether such rows are asked once. */
  readonly askEqualOnce: boolean;
  /** What asking them once would save, at the mean of all rows; `null` where they are asked once, or there are none. */
  readonly equalSaving: { readonly requests: number; readonly cost: number | null } | null;
  /** Rows that were drawn from those to be asked. */
  readonly sampled: number;
  readonly sampleSeed: number;
  readonly provider: string;
  readonly model: string;
  /** US dollars per million tokens; `null` where it is not known. */
  readonly price: Price | null;
  /** How the input tokens were found. */
  readonly method: string;
  /** Whether the prompts have images that are in none of the totals. */
  readonly withoutImages: boolean;
  /** Sampled rows whose prompts are longer than the model takes; `null` where there are none, or it is not known. */
  readonly tooLong: (TooLongRows & { readonly onContext: OnContext }) | null;
  /** Sampled rows that failed. */
  readonly failed: number;
  readonly firstFailure: string | null;
  readonly requests: TotalEstimate;
  readonly inputTokens: TotalEstimate;
  /** `null` where nothing tells how long answers are. */
  readonly outputTokens: (TotalEstimate & SampleUsage["output"]) | null;
  /** US dollars; `null` where the price is not known. */
  readonly cost: (TotalEstimate & { readonly includesOutput: boolean }) | null;
  /** What asking several rows at a time saves, with `--rows-per-request`; `null` without, and where rows were asked for real. */
  readonly groups: GroupEstimate | null;
  /** What that comes to through batches, with `--batch`; `null` without. */
  readonly batch: BatchEstimate | null;
  /** What the rows would read from a prompt cache; `null` where nothing is kept that is known of. */
  readonly promptCache: CacheEstimate | null;
  /** The time at each known limit, the one that binds first. */
  readonly limits: readonly LimitTime[];
  /** What asking the sample has used; `null` where nothing was asked. */
  readonly asked: (Usage & AskedCounts) | null;
}

/** What a run costs whose requests go through batches. */
export interface BatchEstimate {
  /** The part of the direct price that a batch costs; `null` where it is not known. */
  readonly factor: number | null;
  /** US dollars, with what goes directly; `null` where a price is not known. */
  readonly cost: TotalEstimate | null;
  /** Jobs that the requests are cut into; 0 where there are so few that all go directly. */
  readonly jobs: number;
  /** How many of them the queue of the provider holds at once. */
  readonly atOnce: number;
  /** The limit of its queue; `null` where it has none, or none is known. */
  readonly queue: QueueLimit | null;
}

/** The most that all jobs together may queue at a provider. */
export interface QueueLimit {
  readonly limit: number;
  readonly counts: "requests" | "inputTokens";
  /** Where it is known from: the journal, or the documents, with whom it holds for there. */
  readonly known: { readonly from: "journal" } | { readonly from: "documents"; readonly of: string };
}

/** What asking several rows in one request saves, before prompt caches are counted. */
export interface GroupEstimate {
  readonly rowsPerRequest: number;
  readonly requests: number;
  /** Below 0 where the marks around the rows take more than they share. */
  readonly inputTokens: number;
  /** US dollars; `null` where the price is not known. */
  readonly cost: number | null;
}

/** What the rows would read from a prompt cache. */
export interface CacheEstimate {
  /** Input tokens that are read from it. */
  readonly tokens: number;
  /** US dollars that this saves, less what writing costs more; `null` where the price is not known. */
  readonly saving: number | null;
  /** Whether it is sure, and so is in the cost: a server that finds out by itself what prompts share may not find it. */
  readonly isSure: boolean;
}

interface AskedCounts {
  readonly usageIsEstimated: boolean;
  readonly cost: number | null;
  /** Sampled rows that were answered. */
  readonly answered: number;
}
