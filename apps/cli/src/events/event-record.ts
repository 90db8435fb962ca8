import type { Prompt } from "@parallel-parrot/core";
import type { EventOf, EventType, RunEvent } from "@parallel-parrot/transport";
import { serverOrigin } from "./server-origin.ts";
import { rowsOf, type EventSource } from "./event-rows.ts";

/** How events become lines of a log. */
export interface RecordOptions {
  /** The number of the run in the journal; `undefined` without a journal. */
  readonly run: number | undefined;
  /** Whether prompts, answers and messages, which quote them, are in it. */
  readonly content: boolean;
}

type Fields = { readonly [Type in EventType]: readonly (keyof EventOf<Type>)[] };

/** What is told of each type of events. A field that is not named here is in no log: it may hold a prompt, or a key. */
const FIELDS: Fields = {
  "row:start": [],
  "row:end": ["outcome", "code"],
  "attempt:start": ["provider", "model", "attempt"],
  "attempt:end": ["provider", "model", "attempt", "outcome", "code", "status", "usage", "cost"],
  wait: ["reason"],
  limit: ["provider", "model", "limits"],
  cut: ["provider", "model", "concurrency", "concurrencyBefore", "perMinute", "perMinuteBefore"],
  breaker: ["provider", "model", "state"],
  reask: ["number"],
  "journal:hit": ["provider", "model"],
  "batch:job": ["job", "remote", "state", "requests"],
};

/** What is told of them besides where content is wanted. Servers and parsers quote prompts and answers in messages. */
const CONTENT: Partial<Fields> = {
  "row:end": ["message"],
  "attempt:end": ["message"],
  breaker: ["message"],
  reask: ["problem"],
  "batch:job": ["error"],
};

/** An event as plain data for a line of a log. */
export function eventRecord(
  event: RunEvent,
  source: EventSource,
  { run, content }: RecordOptions,
): Readonly<Record<string, unknown>> {
  const { type, time } = event;
  const rows = rowsOf(event, source).map((index) => index + 1);
  return {
    time: new Date(time).toISOString(),
    type,
    run,
    step: source.step,
    ...(rows.length > 1 ? { rows } : { row: rows[0] }),
    ...fieldsOf(event, FIELDS[type]),
    ...("baseUrl" in event && { server: serverOrigin(event.baseUrl) }),
    ...(type === "row:end" && countsOf(event)),
    ...("durationMs" in event && { durationMs: Math.round(event.durationMs) }),
    ...(content && { ...fieldsOf(event, CONTENT[type] ?? []), ...contentOf(event) }),
  };
}

function fieldsOf(event: RunEvent, names: readonly string[]): Readonly<Record<string, unknown>> {
  const values: Readonly<Record<string, unknown>> = { ...event };
  return Object.fromEntries(names.map((name) => [name, values[name]]));
}

function countsOf({ row }: EventOf<"row:end">): Readonly<Record<string, unknown>> {
  const { attempts, attemptsBefore, usage } = row;
  return { attempts, attemptsBefore, usage };
}

function contentOf(event: RunEvent): Readonly<Record<string, unknown>> {
  if (event.type === "attempt:start") return { messages: messagesOf(event.call.prompt) };
  return "completion" in event ? { choices: event.completion?.choices } : {};
}

/** The messages of a prompt. Of images, which may have megabytes, it is told how many there are. */
function messagesOf({ messages }: Prompt): readonly Readonly<Record<string, unknown>>[] {
  return messages.map(({ images = [], ...message }) =>
    images.length === 0 ? message : { ...message, images: images.length },
  );
}
