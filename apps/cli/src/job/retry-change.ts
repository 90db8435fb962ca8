import type { EarlierAsking } from "@parallel-parrot/transport";
import type { Change } from "./failure-advice.ts";
import { askingOf, isSameProvider, withOptions, type Job } from "./job.ts";
import type { GenerateOptions } from "./plan.ts";
import { providerOf } from "./provider-of.ts";
import { usualBaseUrl } from "./inline-files.ts";

/** The options that belong to a model, and not to another one. */
const OF_MODEL = ["baseUrl", "keyFile", "price"] as const satisfies readonly (keyof GenerateOptions)[];

/** What of a job's questions `retry-failed` may change: everything but the prompt and what is read. */
export type RetryChange = Partial<
  Pick<
    GenerateOptions,
    | "baseUrl"
    | "keyFile"
    | "price"
    | "model"
    | "maxTokens"
    | "temperature"
    | "topP"
    | "reasoningEffort"
    | "onContext"
  >
>;

const CHANGEABLE: readonly (keyof RetryChange)[] = [
  ...OF_MODEL,
  "model",
  "maxTokens",
  "temperature",
  "topP",
  "reasoningEffort",
  "onContext",
];

/** A job with what a retry changes of it. */
export function changedJob(job: Job, change: RetryChange): Job {
  if (change.model === undefined || change.model === job.options.model) return withOptions(job, change);
  const kept = isSameProvider(change.model, job.options.model) ? { keyFile: job.options.keyFile } : {};
  const none = Object.fromEntries(OF_MODEL.map((name) => [name, undefined]));
  return withOptions(job, { ...none, ...kept, ...change });
}

/** What is given now, on top of what the retry before it changed. Key and price alone change nothing of what is asked. */
export function addChange(job: Job, before: RetryChange, given: RetryChange): RetryChange {
  const { keyFile: _, price: _price, ...asking } = given;
  if (before.model === undefined && given.model === undefined) return { ...before, ...asking };
  const current = changedJob(job, before).options;
  if (given.model === undefined || given.model === current.model) return { ...before, ...given };
  const { model: _model, baseUrl: _url, keyFile: _file, price: _rates, ...kept } = before;
  // Back to the job's own model, with what is the job's own of it.
  if (given.model === job.options.model) return { ...kept, ...given };
  const baseUrl =
    given.baseUrl ??
    (isSameProvider(given.model, current.model) ? current.baseUrl : usualBaseUrl(given.model));
  return { ...kept, ...given, ...(baseUrl === undefined ? {} : { baseUrl }) };
}

/** What is asked otherwise in one job than in the one before. */
export function changesOf({ options: before }: Job, { options: now }: Job): readonly Change[] {
  const isOther = (name: keyof RetryChange): boolean => before[name] !== now[name];
  const [most, mostNow] = [before.maxTokens ?? Infinity, now.maxTokens ?? Infinity];
  // Where the limit was the model's own, a number may still be more than that.
  const isMore = mostNow > most || (before.maxTokens === undefined && now.maxTokens !== undefined);
  return [
    ...(isOther("model") || isOther("baseUrl") ? ["model" as const] : []),
    ...(isMore ? ["more tokens" as const] : []),
    ...(mostNow < most ? ["fewer tokens" as const] : []),
    ...(isOther("temperature") || isOther("topP") ? ["sampling" as const] : []),
    ...(isOther("reasoningEffort") ? ["reasoning" as const] : []),
    ...(isOther("onContext") ? ["context" as const] : []),
  ];
}

/** Every way in which the rows of a job were asked, its own first; none where that is the only one, and the one now. */
export async function earlierAskings(
  job: Job,
  { retries, now }: { readonly retries: readonly RetryChange[]; readonly now: Job },
): Promise<readonly EarlierAsking[]> {
  const jobs = [job, ...retries.map((change) => changedJob(job, change))];
  const ways = new Map(jobs.map((each) => [askingOf(each), each]));
  if (ways.size === 1 && ways.has(askingOf(now))) return [];
  return Promise.all(Array.from(ways.values(), ({ options }) => askingFrom(options)));
}

/** The options of a command that change how rows are asked. */
export function changeFrom(flags: RetryChange): RetryChange {
  return Object.fromEntries(
    CHANGEABLE.flatMap((name) => (flags[name] === undefined ? [] : [[name, flags[name]]])),
  );
}

async function askingFrom(options: GenerateOptions): Promise<EarlierAsking> {
  const { temperature, topP, maxTokens, stop, seed, reasoningEffort, onContext } = options;
  const params = { temperature, topP, maxTokens, stop, seed, reasoningEffort, onContext };
  const given = Object.entries(params).filter(([, value]) => value !== undefined);
  // Nothing is sent, so no key is read.
  const { keyFile: _, ...whom } = options;
  return { provider: await providerOf(whom, { asks: false }), ...Object.fromEntries(given) };
}
