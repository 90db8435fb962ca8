import { counted } from "@parallel-parrot/core";
import { limitName, type EventOf, type RunEvent, type WaitReason } from "@parallel-parrot/transport";
import { cut } from "../terminal/describe-wait.ts";
import { formatCount } from "../terminal/format-count.ts";
import { formatDuration } from "../terminal/format-duration.ts";
import { serverOrigin } from "./server-origin.ts";
import { nameRows, rowsOf, type EventSource } from "./event-rows.ts";

/** Characters of what a server says. */
const MAX_SAID = 500;
/** Shorter waits are the pace of a run, and not told. */
const LEAST_WAIT_MS = 1000;

const WAITED_FOR: Readonly<Record<WaitReason, string>> = {
  "first-row": "the answer to the first row",
  limit: "its turn at the rate limit",
  budget: "room in the budget",
  outage: "the server",
  backoff: "the pause before it is asked again",
};

const AFTER: Readonly<Record<EventOf<"attempt:end">["outcome"], string>> = {
  answered: "",
  retry: "",
  amend: ", which is sent again in another form",
  wait: ", as the server asks for fewer requests",
  fail: ", for good",
  stop: ", which stops the run or takes the server out of it",
  aborted: ", as the run ends",
};

/**
 * What has happened, in a line for a person; `undefined` for what is the rule. The states of batch jobs are told with
 * the progress.
 */
export function describeEvent(event: RunEvent, source: EventSource): string | undefined {
  switch (event.type) {
    case "row:end":
      return event.outcome === "completed"
        ? undefined
        : `${nameOf(event, source)}: failed (${event.code}): ${said(event.message)}`;
    case "attempt:end":
      return event.outcome === "answered" ? undefined : describeAttempt(event, nameOf(event, source));
    case "wait":
      return event.durationMs < LEAST_WAIT_MS
        ? undefined
        : `${nameOf(event, source)}: waited ${formatDuration(event.durationMs)} for ${WAITED_FOR[event.reason]}`;
    case "reask":
      return `${nameOf(event, source)}: asked again (${counted(event.number, "time")}), as the answer cannot be used: ${said(event.problem)}`;
    case "limit":
      return `${serverOf(event)}: limits are ${event.limits.map((limit) => limitName(limit)).join(", ")}`;
    case "cut":
      return `${serverOf(event)}: ${describeCut(event)}`;
    case "breaker":
      return event.state === "closed"
        ? `${serverOf(event)}: answers again`
        : `${serverOf(event)}: seems to be away, and gets a request every few seconds only: ${said(event.message)}`;
    case "batch:job":
    case "row:start":
    case "attempt:start":
    case "journal:hit":
      break;
  }
  return undefined;
}

function describeAttempt(
  { attempt, code, status, message, outcome }: EventOf<"attempt:end">,
  name: string,
): string {
  const why = [code, status === undefined ? undefined : `status ${status}`].filter(
    (part) => part !== undefined,
  );
  const kind = why.length === 0 ? "" : ` (${why.join(", ")})`;
  return `${name}: request ${attempt} got no answer${kind}${AFTER[outcome]}: ${said(message)}`;
}

function describeCut(event: EventOf<"cut">): string {
  const { concurrency, concurrencyBefore, perMinute, perMinuteBefore } = event;
  const parts = [
    ...(concurrency < concurrencyBefore
      ? [`${counted(concurrency, "request")} at a time instead of ${formatCount(concurrencyBefore)}`]
      : []),
    ...(perMinute === undefined || perMinute === perMinuteBefore
      ? []
      : [
          `${counted(Math.round(perMinute), "request")} a minute, as its refusals have shown${perMinuteBefore === undefined ? "" : `, instead of ${formatCount(Math.round(perMinuteBefore))}`}`,
        ]),
  ];
  return `at most ${parts.join(", and ")}`;
}

function nameOf(event: RunEvent, source: EventSource): string {
  return nameRows(rowsOf(event, source), source);
}

function serverOf(event: EventOf<"limit"> | EventOf<"cut"> | EventOf<"breaker">): string {
  const { provider, model } = event;
  const server = "baseUrl" in event ? serverOrigin(event.baseUrl) : undefined;
  return `${provider}/${model}${server === undefined ? "" : ` at ${server}`}`;
}

function said(message = "no reason is told"): string {
  return cut(message, MAX_SAID);
}
