import type { EarlierAsking } from "@parallel-parrot/transport";
import { pipelinePart } from "../flags/pipeline-part.ts";
import type { RetryChange } from "../flags/go-on-flags.ts";
import { JOB_ROWS } from "../flags/job-flags.ts";
import type { GenerateOptions } from "../flags/options.ts";
import { usualBaseUrl } from "./base-url.ts";
import type { Change } from "./failure-advice.ts";
import { askingOf } from "./identity.ts";
import { isSameProvider, withOptions, type Job } from "./job.ts";
import { providerOfRows } from "../by-row/provider-by-row.ts";
import { rowParamsOf } from "../by-row/row-values.ts";

/** The options that belong to a model, and not to another one. */
const OF_MODEL = JOB_ROWS.flatMap(([name, { takenBy }]) => (takenBy?.isOfModel === true ? [name] : []));
/** The options that a retry may change: those of a model, then the others of `retry-failed`. */
const CHANGEABLE = [
  ...OF_MODEL,
  ...JOB_ROWS.flatMap(([name, { takenBy }]) =>
    takenBy?.command === "retry-failed" && !takenBy.isOfModel ? [name] : [],
  ),
];

/** Another provider's API has other fields. */
const NO_EXTRA_BODY = { param: undefined, extraBody: undefined, extraBodyText: undefined };

/** A job with the changes of a retry applied. */
export function changedJob(job: Job, change: RetryChange): Job {
  if (change.model === undefined || change.model === job.options.model) return withOptions(job, change);
  const kept = isSameProvider(change.model, job.options.model)
    ? { keyFile: job.options.keyFile }
    : NO_EXTRA_BODY;
  const none = Object.fromEntries(OF_MODEL.map((name) => [name, undefined]));
  return withOptions(job, { ...none, ...kept, ...change });
}

/**
 * The changes of the retry before with those that are given now on top. Key and price are dropped where no model is
 * named: alone they change nothing of what is asked.
 */
export function addChange(job: Job, before: RetryChange, given: RetryChange): RetryChange {
  const { keyFile: _, price: _price, priceOf: _listed, ...asking } = given;
  if (before.model === undefined && given.model === undefined) return { ...before, ...asking };
  const current = changedJob(job, before).options;
  if (given.model === undefined || given.model === current.model) return { ...before, ...given };
  const { model: _model, baseUrl: _url, keyFile: _file, price: _rates, priceOf: _of, ...kept } = before;
  // This goes back to the job's own model, so that the job's own address, key and price hold again.
  if (given.model === job.options.model) return { ...kept, ...given };
  const baseUrl =
    given.baseUrl ??
    (isSameProvider(given.model, current.model) ? current.baseUrl : usualBaseUrl(given.model));
  return { ...kept, ...given, ...(baseUrl === undefined ? {} : { baseUrl }) };
}

/** What differs between the requests of two jobs, for deciding which failed rows are worth asking again. */
export function changesOf({ options: before }: Job, { options: now }: Job): readonly Change[] {
  const then: Readonly<Record<string, unknown>> = { ...before };
  const next: Readonly<Record<string, unknown>> = { ...now };
  const changes = new Set(
    JOB_ROWS.flatMap(([name, { takenBy }]) =>
      takenBy?.command === "retry-failed" && then[name] !== next[name] ? [takenBy.changes] : [],
    ),
  );
  return CHANGES.filter((change) => changes.has(change)).flatMap((change) =>
    change === "tokens" ? changeOfTokens(before, now) : [change],
  );
}

/** In the order in which journals keep them. */
const CHANGES = ["model", "tokens", "sampling", "reasoning", "context"] as const;

function changeOfTokens(before: GenerateOptions, now: GenerateOptions): readonly Change[] {
  const [most, mostNow] = [numberOr(before.maxTokens, Infinity), numberOr(now.maxTokens, Infinity)];
  // Without a number the limit was the model's own, and any number may be more than that.
  const isMore = mostNow > most || (before.maxTokens === undefined && now.maxTokens !== undefined);
  return [...(isMore ? ["more tokens" as const] : []), ...(mostNow < most ? ["fewer tokens" as const] : [])];
}

/** A number that each row has for itself may be any. */
function numberOr(value: number | string | undefined, other: number): number {
  return typeof value === "number" ? value : other;
}

/**
 * Every way in which the rows of a job were asked before, the job's own first. Empty where that is the only way, and
 * the way of `now` as well.
 */
export async function earlierAskings(
  job: Job,
  { retries, now }: { readonly retries: readonly RetryChange[]; readonly now: Job },
): Promise<readonly EarlierAsking[]> {
  const jobs = [job, ...retries.map((change) => changedJob(job, change))];
  const ways = new Map(jobs.map((each) => [askingOf(each), each]));
  if (ways.size === 1 && ways.has(askingOf(now))) return [];
  return Promise.all(Array.from(ways.values(), (each) => askingFrom(each)));
}

/** The changes of a retry among the options of a command. */
export function changeFrom(flags: RetryChange): RetryChange {
  const given: Readonly<Record<string, unknown>> = { ...flags };
  return Object.fromEntries(
    CHANGEABLE.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])),
  );
}

async function askingFrom({ inputs, options }: Job): Promise<EarlierAsking> {
  // Nothing is sent, so no key is read.
  const whom: GenerateOptions = { ...options, keyFile: undefined, keyCommand: undefined, header: undefined };
  // The number of choices and the folder of images are not parameters of a single request.
  const {
    n: _n,
    imageFolder: _folder,
    ...params
  } = pipelinePart(options, (row) => row.identity?.of === "asking");
  const rowParams = rowParamsOf(options);
  const provider = await providerOfRows(inputs, whom, { asks: false });
  return { provider, ...params, ...(rowParams === undefined ? {} : { rowParams }) };
}

/** The options of a command without the changes of a retry, which are kept apart from the job. */
export function withoutChange<F extends RetryChange>(flags: F): Omit<F, keyof RetryChange> {
  return Object.fromEntries(Object.entries(flags).filter(([name]) => !CHANGEABLE.includes(name))) as Omit<
    F,
    keyof RetryChange
  >;
}
