import { counted } from "@parallel-parrot/core";
import { formatDollars, type OnContext } from "@parallel-parrot/transport";
import { describeBatch } from "./describe-batch.ts";
import { describeGroups } from "./describe-groups.ts";
import type { CacheEstimate, Estimate } from "./estimate-result.ts";
import { formatRange as range } from "./format-range.ts";
import { formatDuration } from "../terminal/format-duration.ts";
import { formatCount } from "../terminal/format-count.ts";
import { printable } from "../terminal/report.ts";

/** An estimate as lines for a person. */
export function describeEstimate(estimate: Estimate): string {
  const lines = [
    describeHeadline(estimate),
    ...(estimate.toAsk === 0 ? [] : describeTotals(estimate)),
    ...(estimate.equal === 0 ? [] : [`equal     ${describeEqual(estimate)}`]),
    ...(estimate.tooLong === null ? [] : [`too long  ${describeTooLong(estimate.tooLong)}`]),
    ...(estimate.asked === null && estimate.toAsk > 0 ? [describeUncounted(estimate)] : []),
  ];
  return lines.map((line) => `${printable(line)}\n`).join("");
}

function describeTotals(estimate: Estimate): readonly string[] {
  return [
    `sample    ${describeSample(estimate)}`,
    `requests  ${range(estimate.requests, formatTokens)}`,
    `input     ${range(estimate.inputTokens, formatTokens)} tokens, ${estimate.method}`,
    `output    ${describeOutput(estimate)}`,
    `cost      ${describeCost(estimate)}`,
    ...(estimate.groups === null ? [] : [`together  ${describeGroups(estimate.groups)}`]),
    ...(estimate.batch === null ? [] : describeBatch(estimate, estimate.batch)),
    ...(estimate.promptCache === null ? [] : [`cached    ${describeCache(estimate, estimate.promptCache)}`]),
    `time      ${describeTime(estimate)}`,
  ];
}

/** What a run would send, and which rows need no request. */
function describeHeadline({ rows, toAsk, requests, cost, outputTokens, ...counts }: Estimate): string {
  const most = outputTokens?.basis === "cap" ? "at most " : "";
  const alone = cost?.includesOutput === false ? " for the input alone" : "";
  const money = cost === null || toAsk === 0 ? "" : `, ${most}${formatDollars(cost.estimate)}${alone}`;
  const sent = `${counted(requests.estimate, "request")}${money}`;
  if (toAsk === rows) return `${sent} for ${counted(rows, "row")}`;
  const why = [
    [counts.answered, "answered"],
    [counts.failedBefore, "failed before, which parrot retry-failed would ask"],
    [counts.shared, "with the prompt of an earlier row"],
    [counts.unaskable, "without a prompt"],
    [counts.passes, "that --when lets pass"],
  ] as const;
  const reasons = why.flatMap(([count, words]) => (count === 0 ? [] : [`${formatCount(count)} ${words}`]));
  const none = rows - toAsk;
  return `${sent}; ${formatCount(none)} of ${counted(rows, "row")} ${none === 1 ? "needs" : "need"} none: ${reasons.join(", ")}`;
}

function describeCache({ inputTokens, batch }: Estimate, { tokens, saving, isSure }: CacheEstimate): string {
  const share = Math.round((100 * tokens) / inputTokens.estimate);
  const part = `${formatTokens(tokens)} tokens, ${share} % of the input`;
  const money = saving === null ? "" : `, ${formatDollars(saving)}`;
  return isSure
    ? `${part}, are read from the prompt cache${money === "" ? "" : `${money} saved`}${batch === null || batch.jobs === 0 ? "" : " directly; in batches nothing is marked for it"}`
    : `up to ${part}${money}, may be saved: the server finds out by itself what prompts share; not in the cost`;
}

function describeUncounted({ withoutImages, promptCache }: Estimate): string {
  const images = withoutImages ? "the images, which may be most of it, " : "";
  const cache = promptCache?.isSure === true ? "" : ", the prompt cache";
  return `Not counted: ${images}retries, answers asked for again${cache}. --ask finds out by asking the sampled rows.`;
}

const ENDINGS: Readonly<Record<OnContext, string>> = {
  fail: "would fail (--on-context skip or truncate prevents that)",
  skip: "would be left without an answer",
  truncate: "would be cut, and are counted at the most tokens that fit",
};

function describeTooLong({ rows, maxInputTokens, onContext }: NonNullable<Estimate["tooLong"]>): string {
  return `${formatCount(rows)} of the sampled rows, each with more than the ${formatCount(maxInputTokens)} tokens that the model takes, ${ENDINGS[onContext]}`;
}

function describeEqual({ equal, askEqualOnce, equalSaving, cost }: Estimate): string {
  const rows = `${counted(equal, "row has", "rows have")} the prompt of an earlier row`;
  if (askEqualOnce) return `${rows}, whose answer is shared`;
  if (equalSaving === null) return `${rows}; each has an answer of its own`;
  const money =
    equalSaving.cost === null
      ? ""
      : ` and ${formatDollars(equalSaving.cost)}${cost?.includesOutput === true ? "" : " for the input alone"}`;
  return `${rows}; --ask-equal-once would save about ${counted(equalSaving.requests, "request")}${money}`;
}

function describeSample({ toAsk, sampled, asked }: Estimate): string {
  const which = sampled === toAsk ? "all of these rows" : `${counted(sampled, "row")} of these`;
  if (asked === null) return `${which}, counted here: nothing was asked, nothing was spent`;
  const tokens = `${counted(asked.requests, "request")}, ${formatCount(asked.inputTokens)} input and ${formatCount(asked.outputTokens)} output tokens`;
  const spent = asked.cost === null ? tokens : `${formatDollars(asked.cost)} (${tokens})`;
  return `${which}, asked for real, ${formatCount(asked.answered)} answered; this has spent ${spent}`;
}

function describeOutput({ outputTokens }: Estimate): string {
  if (outputTokens === null)
    return "not known without asking: give --output-tokens for the answer to a row, or --max-tokens, or --ask";
  const tokens = `${range(outputTokens, formatTokens)} tokens`;
  if (outputTokens.basis === "assumed")
    return `${tokens}, as assumed: ${formatCount(outputTokens.tokensPerRow)} a row (--output-tokens)`;
  if (outputTokens.basis === "journal")
    return `${tokens}, as ${counted(outputTokens.rows, "answer")} of this run in the journal: ${formatCount(outputTokens.tokensPerRow)} a row`;
  if (outputTokens.basis === "cap")
    return `at most ${tokens}: the cap of ${formatCount(outputTokens.tokensPerRow)} a row (--max-tokens)`;
  return `${tokens}, as answered`;
}

function describeCost({ cost, price, provider, model, outputTokens }: Estimate): string {
  if (cost === null)
    return "not known: there is no known price for this model at this server; give it with --price input=DOLLARS,output=DOLLARS, or that of another model with --price-of PROVIDER/MODEL";
  const rates =
    price === null ? "each row at the price of its model" : ratesOf(price, `${provider}/${model}`);
  const money = range(cost, formatDollars);
  if (!cost.includesOutput) return `${money} for the input alone; ${rates}`;
  return `${outputTokens?.basis === "cap" ? "at most " : ""}${money}; ${rates}`;
}

function ratesOf(price: NonNullable<Estimate["price"]>, model: string): string {
  const source = "date" in price ? `, as of ${String(price.date)}` : "";
  return `${model} at ${formatDollars(price.input)} in and ${formatDollars(price.output)} out per million tokens${source}`;
}

function describeTime({ limits, asked }: Estimate): string {
  const [binding, ...others] = limits;
  if (binding === undefined) {
    return asked === null
      ? "not known: give the limits with --rpm and --tpm, or --ask learns them from the server"
      : "not known: the server does not report its limits; give them with --rpm and --tpm";
  }
  const [time, limit] = [formatDuration(binding.seconds * 1000), limitName(binding)];
  const rest = others.map((other) => `${limitName(other)} alone ${formatDuration(other.seconds * 1000)}`);
  return `${time} at the limit of ${limit}, which binds${rest.length === 0 ? "" : `; ${rest.join(", ")}`}`;
}

const DIMENSIONS: Readonly<Record<string, string>> = {
  requests: "requests",
  tokens: "tokens",
  inputTokens: "input tokens",
  outputTokens: "output tokens",
};

function limitName({ dimension, limit, windowMs }: Estimate["limits"][number]): string {
  const window = windowMs === 60_000 ? "a minute" : `in ${formatDuration(windowMs)}`;
  return `${formatCount(limit)} ${DIMENSIONS[dimension] ?? dimension} ${window}`;
}

function formatTokens(amount: number): string {
  return formatCount(Math.round(amount));
}
