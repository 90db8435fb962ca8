import type { BatchedRequest } from "@parallel-parrot/journal";
import type { BatchRefusedLine } from "@parallel-parrot/providers";
import { withJournal } from "../../errors/journal-fault.ts";
import type { JobLog } from "./job-log.ts";
import type { OpenJob } from "./open-job.ts";

/** A line that was refused, and the request that it was written of. */
export interface RefusedRequest extends BatchedRequest, BatchRefusedLine {}

/** What may be a key in the text of a line. */
const WORDS = /[\w-]+/g;

/** Finds the requests of lines of a job; those are missing whose lines are not on the disk any more. */
export function requestsOfLines(
  { id, lines: spooled }: OpenJob,
  lines: readonly BatchRefusedLine[],
  { batches }: JobLog,
): readonly RefusedRequest[] {
  if (spooled === undefined) return [];
  const texts = spooled.linesAt(new Set(lines.map(({ line }) => line)));
  const requests = withJournal(() => new Map(Array.from(batches.requestsOf(id), (each) => [each.key, each])));
  return lines.flatMap((refused) => {
    const words = (texts.get(refused.line) ?? "").matchAll(WORDS);
    const key = words.map(([word]) => word).find((word) => requests.has(word));
    const request = key === undefined ? undefined : requests.get(key);
    return request === undefined ? [] : [{ ...request, ...refused }];
  });
}

/** What a person should know of lines that were refused. */
export function refusedLinesWords(
  remote: string,
  lines: readonly BatchRefusedLine[],
  found: readonly RefusedRequest[],
): string {
  const [first] = lines;
  const row = found.find(({ line }) => line === first?.line)?.row;
  const what = `line ${first?.line}${row === undefined ? "" : ` (row ${row + 1})`}: ${first?.rejection.message.replace(/\.$/, "")}`;
  return lines.length === 1
    ? `The batch ${remote} was refused for its ${what}. Its other requests are put into another job.`
    : `The batch ${remote} was refused for ${lines.length} of its lines, the first of them ${what}. Its other requests are put into another job.`;
}
