import type { ComponentChildren, JSX } from "preact";
import type { ListedRun, Reading } from "../src/wire.ts";
import type { AskError } from "./ask.ts";
import { CoursePlots } from "./course-plots.tsx";
import { count, counted, dollars, duration, time } from "./format.ts";
import { LivePanel } from "./live-panel.tsx";
import { Standing } from "./standing.tsx";
import { visible } from "./visible.ts";

interface RunHeadProps {
  readonly run: ListedRun;
  readonly reading: Reading | undefined;
  readonly error: AskError | undefined;
  readonly children: ComponentChildren;
}

/** What a run was, and what it took. */
export function RunHead({ run, reading, error, children }: RunHeadProps): JSX.Element {
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
      {run.standing === "running" ? <LivePanel live={run.live} /> : <p class="facts">{facts.join(" · ")}</p>}
      {endOf(run) === "" ? null : <p class="ended">{endOf(run)}</p>}
      <CoursePlots run={run} />
      {children}
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

/** Why it has not come to its end, and what to do; empty where it has, or goes on. */
function endOf({ standing, stopped, kind }: ListedRun): string {
  const goesOn = kind === "run" || kind === "retry" ? ": parrot resume goes on with it" : "";
  if (standing === "killed")
    return `Its process ended without a word. What was answered by then is kept${goesOn}`;
  if (standing === "stopped")
    return `It was stopped${stopped === undefined ? "" : `, ${visible(stopped)}`}. What was answered by then is kept${goesOn}`;
  if (standing === "refused")
    return `It ended before a row was answered${stopped === undefined ? "" : `: ${visible(stopped)}`}`;
  return "";
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
