import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ListedRun, RowPage } from "../src/wire.ts";
import { useAsked } from "./use-asked.ts";
import { visible } from "./visible.ts";

interface StepAnswersProps {
  readonly run: ListedRun;
  readonly runs: readonly ListedRun[];
  /** The number of the row of the input that the opened row was made of. */
  readonly origin: number;
}

/** What the other steps of a run have made of the same row of the input. Their rows are read when that is asked for. */
export function StepAnswers({ run, runs, origin }: StepAnswersProps): JSX.Element | null {
  const [isOpen, setIsOpen] = useState(false);
  const whole = run.step?.run ?? run.id;
  const others = runs.filter(
    ({ id, step, closed }) => (step?.run ?? id) === whole && id !== run.id && closed === undefined,
  );
  if (others.length === 0) return null;
  return (
    <details class="part" open={isOpen} onToggle={({ currentTarget }) => setIsOpen(currentTarget.open)}>
      <summary>The same row in the other steps</summary>
      {isOpen ? others.map((other) => <StepRows key={other.id} run={other} origin={origin} />) : null}
    </details>
  );
}

const READING_MS = 500;

function StepRows({ run, origin }: Pick<StepAnswersProps, "run" | "origin">): JSX.Element {
  const { value, error } = useAsked<RowPage>(
    `/runs/${run.id}/rows?min-origin=${origin}&max-origin=${origin}&limit=20`,
    (page) => (page !== undefined && page.rows.length > 0 ? undefined : READING_MS),
  );
  return (
    <section>
      <h3>{visible(run.step?.name ?? `run ${run.id}, its first step`)}</h3>
      {error === undefined ? null : <p class="notice">{error.message}</p>}
      {value?.rows.map(({ place, code, output }) => (
        <a key={place} class="message" href={`#/run/${run.id}/row/${place}`}>
          {code === undefined ? null : <b class="bad">{code} </b>}
          {visible(
            Object.entries(output)
              .map(([name, text]) => `${name}: ${text}`)
              .join(" · "),
          ) || "no answer"}
        </a>
      ))}
    </section>
  );
}
