import type { JSX } from "preact";
import type { ListedRun, Reading } from "../src/wire.ts";
import type { AskError } from "./ask.ts";
import { count, counted, dollars, duration, time } from "./format.ts";
import { Standing } from "./standing.tsx";
import { visible } from "./visible.ts";

interface RunHeadProps {
  readonly run: ListedRun;
  readonly reading: Reading | undefined;
  readonly error: AskError | undefined;
}

/** What a run was, and what it took. */
export function RunHead({ run, reading, error }: RunHeadProps): JSX.Element {
  const facts = [
    time(run.startedAt),
    run.ms === undefined ? "" : duration(run.ms),
    counted(run.requests, "request"),
    `${count(run.inputTokens)} tokens in, ${count(run.outputTokens)} out`,
    dollars(run.cost),
  ].filter((fact) => fact !== "");
  return (
    <section class="head" aria-label="Run">
      <h1>
        Run {run.id} <Standing run={run} />
        <span class="model">{visible(run.model)}</span>
      </h1>
      <p class="prompt">{visible(run.prompt)}</p>
      <p class="facts">{facts.join(" · ")}</p>
      {run.command === undefined ? null : (
        <details>
          <summary>Command</summary>
          <pre class="command">{visible(run.command)}</pre>
        </details>
      )}
      <p class="notice" role="status">
        {noticeOf(reading, error)}
      </p>
    </section>
  );
}

function noticeOf(reading: Reading | undefined, error: AskError | undefined): string {
  if (error !== undefined) return error.message;
  if (reading?.state === "refused")
    return `${reading.rows > 0 ? `After ${counted(reading.rows, "row")} the others` : "The rows of this run"} cannot be read: ${reading.problem ?? ""}`;
  if (reading?.note !== undefined) return reading.note;
  return reading?.state === "reading"
    ? `Reading the input and its answers: ${counted(reading.rows, "row")} so far`
    : "";
}
