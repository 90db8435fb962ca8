import { fieldsOf, listOf, textOf, type Fields } from "../json-fields.ts";
import type { BatchFile, BatchFileListing } from "./batch-dialect.ts";
import type { BatchSteps } from "./batch-steps.ts";
import { timeOf } from "./job-fields.ts";
import { safeId } from "./safe-id.ts";
import { jobOfFile } from "./upload-form.ts";

type Params = Readonly<Record<string, string | undefined>>;

/**
 * Lists files as OpenAI's API and its likes do.
 *
 * @param nextOf the page after one; `undefined` where it is the last
 */
export function fileListing(
  steps: BatchSteps,
  params: Params,
  nextOf: (page: Fields) => BatchFileListing | undefined = () => undefined,
): BatchFileListing {
  return steps.step(steps.get("/files", params), (page) => {
    if (!Array.isArray(page["data"])) return undefined;
    const files = page["data"].flatMap((each) => readFile(fieldsOf(each)) ?? []);
    const next = nextOf(page);
    return { files, ...(next === undefined ? {} : { next }) };
  });
}

/** The files of OpenAI's API, newest first. */
export function openaiFiles(steps: BatchSteps, after?: string): BatchFileListing {
  const params = { purpose: "batch", limit: "1000", order: "desc", after };
  return fileListing(steps, params, ({ data, has_more }) => {
    const last = safeId(fieldsOf(listOf(data).at(-1))["id"]);
    const hasMore = has_more === true && last !== undefined && last !== after;
    return hasMore ? openaiFiles(steps, last) : undefined;
  });
}

function readFile({ id, filename, created_at }: Fields): BatchFile | undefined {
  const known = safeId(id);
  if (known === undefined) return undefined;
  return { id: known, job: jobOfFile(textOf(filename)), createdAt: timeOf(created_at) };
}
