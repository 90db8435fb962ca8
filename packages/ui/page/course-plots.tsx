import type { JSX } from "preact";
import type { RunCourse } from "../src/run-course.ts";
import type { ListedRun } from "../src/wire.ts";
import { count, dollars } from "./format.ts";
import { Plot } from "./plot.tsx";
import { useAsked } from "./use-asked.ts";

const LIVE_MS = 2000;
/** Fewer moments are no course. */
const LEAST_MOMENTS = 3;

/** How a run went over time, or goes: plots side by side; nothing for a run that took a few seconds. */
export function CoursePlots({ run }: { readonly run: ListedRun }): JSX.Element | null {
  const isRunning = run.standing === "running";
  // Once more when it has ended, as then it is the whole course.
  const { value } = useAsked<{ readonly course: RunCourse | null }>(
    `/runs/${run.id}/course?standing=${run.standing}`,
    () => (isRunning ? LIVE_MS : undefined),
  );
  const course = value?.course ?? undefined;
  if (course === undefined || course.seconds.length < LEAST_MOMENTS)
    return isRunning ? <div class="course waiting" /> : null;
  return (
    <details class="course" open={isRunning}>
      <summary>Over time</summary>
      <div class="plots">
        <Plots course={course} />
      </div>
    </details>
  );
}

function Plots({ course }: { readonly course: RunCourse }): JSX.Element {
  const { seconds, asked, inFlight, failed, cost, tokens, limitUse, megabytes } = course;
  const isPriced = cost.some((each) => each > 0);
  return (
    <>
      <Plot title="Rows a minute" seconds={seconds} values={pace(seconds, asked)} format={count} />
      <Plot title="Requests in flight" seconds={seconds} values={inFlight} format={count} />
      {limitUse.every((use) => use < 0) ? null : (
        <Plot
          title="Use of the rate limit"
          seconds={seconds}
          values={known(limitUse)}
          format={(use) => `${Math.round(use * 100)} %`}
          most={Math.max(1, ...limitUse)}
        />
      )}
      {isPriced ? (
        <Plot title="Cost" seconds={seconds} values={known(cost)} format={(each) => dollars(each) || "$0"} />
      ) : (
        <Plot title="Tokens" seconds={seconds} values={tokens} format={count} />
      )}
      {failed.some((rows) => rows > 0) ? (
        <Plot title="Failed rows" seconds={seconds} values={failed} format={count} />
      ) : null}
      <Plot title="Memory" seconds={seconds} values={megabytes} format={(each) => `${count(each)} MB`} />
    </>
  );
}

/** Rows a minute between each moment and the one before. */
function pace(seconds: readonly number[], rows: readonly number[]): readonly number[] {
  return seconds.map((second, at) => {
    const took = second - (seconds[at - 1] ?? 0);
    return took <= 0 ? 0 : Math.round((((rows[at] ?? 0) - (rows[at - 1] ?? 0)) / took) * 60);
  });
}

/** A figure that is not known yet stands at nothing. */
function known(values: readonly number[]): readonly number[] {
  return values.map((value) => Math.max(0, value));
}
