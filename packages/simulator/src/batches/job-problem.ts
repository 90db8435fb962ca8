import type { SimJobProblem, SimJobRequest } from "./batch-api.ts";
import type { BatchSettings } from "./batch-options.ts";
import type { LineRunner } from "./run-line.ts";

/** What a job's check looks at, besides what is wrong with the lines themselves. */
export interface CheckedJob {
  readonly number: number;
  readonly request: SimJobRequest;
  readonly runners: readonly (LineRunner | undefined)[];
  /** The input tokens of all open jobs, with this one. */
  readonly enqueuedTokens: number;
}

/** Why a job fails when it is checked, in OpenAI's words; `undefined` if it does not. */
export function jobProblem(
  { number, request, runners, enqueuedTokens }: CheckedJob,
  { faultsOf, maxRequests, enqueuedTokens: limit }: BatchSettings,
): SimJobProblem | undefined {
  if (request.problem !== undefined) return request.problem;
  if (faultsOf(number).some(({ kind }) => kind === "fileGone"))
    return { code: "file_not_found", message: `The input file ${request.inputFile ?? ""} cannot be found.` };
  const [invalid, ...others] = faultsOf(number).flatMap((fault) =>
    fault.kind === "invalidLine" ? [invalidLine(fault.line)] : [],
  );
  if (invalid !== undefined) return { ...invalid, others };
  if (request.lines.length > maxRequests)
    return {
      code: "too_many_tasks",
      message: `The batch input file contains too many requests for the batch. The limit is ${maxRequests}.`,
    };
  const unknown = runners.indexOf(undefined);
  if (unknown !== -1)
    return {
      code: "invalid_url",
      message: "The URL provided for this request is not supported by the Batch API.",
      line: unknown + 1,
    };
  if (enqueuedTokens <= limit) return undefined;
  return {
    code: "token_limit_exceeded",
    message:
      `Enqueued token limit reached for ${request.model ?? "the model"} in organization org-simulated. ` +
      `Limit: ${limit.toLocaleString("en")} enqueued tokens. ` +
      "Please try again once some in_progress batches have been completed.",
  };
}

function invalidLine(line: number): SimJobProblem {
  return {
    code: "invalid_json_line",
    message: `This line is not parseable as valid JSON (line ${line}).`,
    line,
  };
}
