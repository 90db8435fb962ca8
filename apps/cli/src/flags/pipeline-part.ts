import type { JobFlag, PipelinePart } from "./flag.ts";
import { JOB_ROWS } from "./job-flags.ts";

/** What the options of a command say to `pipeline`: all of them, or those that are wanted. */
export function pipelinePart(
  options: object,
  isWanted: (row: JobFlag<unknown>) => boolean = () => true,
): PipelinePart {
  const values: Readonly<Record<string, unknown>> = { ...options };
  const said = JOB_ROWS.flatMap(([name, row]) => {
    const value = values[name];
    return row.pipeline === undefined || value === undefined || !isWanted(row) ? [] : [row.pipeline(value)];
  });
  const { budget, limits, batch, ...others } = merge(said);
  return {
    ...others,
    ...(budget === undefined ? {} : { budget: merge(said.map((each) => each.budget ?? {})) }),
    ...(limits === undefined ? {} : { limits: merge(said.map((each) => each.limits ?? {})) }),
    ...(batch === undefined || values["batch"] !== true
      ? {}
      : { batch: merge(said.map((each) => each.batch ?? {})) }),
  };
}

function merge<T extends object>(parts: readonly T[]): Partial<T> {
  return Object.assign({}, ...parts);
}
