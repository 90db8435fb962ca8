import { counted } from "@parallel-parrot/core";
import {
  formatDollars,
  limitName,
  type BudgetWait,
  type LimitWait,
  type RunWait,
} from "@parallel-parrot/transport";
import { wordsOf } from "../flags/error-words.ts";
import { formatCount } from "./format-count.ts";
import { formatMinutes } from "./format-duration.ts";

/**
 * A wait that is shorter than this is the pace at a rate limit, or after a refusal over before it is read, or that for
 * the last requests of a budget.
 */
const LEAST_MS = { pace: 5000, refusal: 1000, check: 1000, budget: 5000 };

/** Whether a person would want to know of a wait. */
export function isWorthTelling(wait: RunWait): boolean {
  if (wait.kind === "check") return wait.sinceMs >= LEAST_MS.check;
  if (wait.kind === "budget") return wait.sinceMs >= LEAST_MS.budget;
  if (wait.kind !== "limit" || wait.source === "unreachable") return true;
  return wait.ms >= (wait.source === "refusal" ? LEAST_MS.refusal : LEAST_MS.pace);
}

/**
 * What a run waits for, and until when: `waiting until 14:07 (9 min): tokens per day, the server says: "…"`.
 *
 * @param maxMessage the most characters of what the server says
 */
export function describeWait(wait: RunWait, maxMessage: number, now: Date = new Date()): string {
  if (wait.kind === "budget")
    return `held back by ${flagOf(wait)}, ${formatCount(wait.holders)} at once: ${setAside(wait)}`;
  const time = clockTime(new Date(now.getTime() + wait.ms), now);
  const until = `until ${time} (${formatMinutes(wait.ms)})`;
  if (wait.kind === "answer") {
    const others = wait.slowestMs === 0 ? "" : `; others took ${formatMinutes(wait.slowestMs)} at most`;
    return `waiting for an answer since ${formatMinutes(wait.sinceMs)}, ${until} at most (--timeout)${others}`;
  }
  if (wait.kind === "check")
    return `asking a row again that was answered before, as the server refused another: its answer tells whether the run can go on, ${until} at most (--max-outage)`;
  if (wait.kind === "limit" && wait.source === "unreachable")
    return `${nameOf(wait)}waiting until the shared limit can be asked again${wait.message === undefined ? "" : `: ${cut(wait.message, maxMessage)}`}`;
  const said = wait.message === undefined ? "" : `, the server says: "${cut(wait.message, maxMessage)}"`;
  if (wait.kind === "limit") return `${nameOf(wait)}waiting ${until}: ${reasonOf(wait)}${said}`;
  const what = wait.isLoading ? "the server to load its model" : "the server";
  return `waiting for ${what}, ${until} at most (--max-outage)${said.replace("the server says", "the last failure")}`;
}

/** The option that sets the limit, as it is typed. */
export function flagOf({ option }: BudgetWait): string {
  return wordsOf(option) ?? option;
}

/** Why the budget lets no more requests go at once, and what to do about it. */
export function setAside({ option, next }: BudgetWait): string {
  if (option === "budget.maxRequests") return "it has room for no more requests";
  const most = option === "budget.maxCost" ? formatDollars(next) : counted(next, "token");
  return `each request sets aside up to ${most}, the most that it may take; a lower --max-tokens makes that less`;
}

function nameOf({ member }: LimitWait): string {
  return member === undefined ? "" : `${member} `;
}

function reasonOf({ source, limit }: LimitWait): string {
  if (limit === undefined)
    return source === "refusal" ? "a rate limit" : "the rate that the server's refusals have shown";
  if (source === "told") return `${limitName(limit)}, as you set it`;
  return limitName(limit);
}

/** `14:07`, and with the day where that is not today. */
export function clockTime(time: Date, now: Date): string {
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}`;
  if (time.toDateString() === now.toDateString()) return clock;
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${clock}`;
}

function two(count: number): string {
  return String(count).padStart(2, "0");
}

/** A text of no more characters than `most`. */
export function cut(message: string, most: number): string {
  return message.length <= most ? message : `${message.slice(0, most - 1).toWellFormed()}…`;
}
