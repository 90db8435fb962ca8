import type { BatchJobSpec } from "./batch-dialect.ts";

/**
 * A form with a file of lines in it, as OpenAI's API and its likes take files. They demand the ending; the name of the
 * job tells whose file it is.
 *
 * @param fields what stands before the file
 */
export function uploadForm(
  { name }: BatchJobSpec,
  fields: Readonly<Record<string, string>> = { purpose: "batch" },
): { before: string; after: string; type: string } {
  const boundary = `parallel-parrot-${name}`;
  const head = (names: string): string => `--${boundary}\r\ncontent-disposition: form-data; ${names}\r\n`;
  return {
    before:
      Object.entries(fields)
        .map(([field, value]) => `${head(`name="${field}"`)}\r\n${value}\r\n`)
        .join("") +
      `${head(`name="file"; filename="${fileOfJob(name)}"`)}content-type: application/jsonl\r\n\r\n`,
    after: `\n\r\n--${boundary}--\r\n`,
    type: `multipart/form-data; boundary=${boundary}`,
  };
}

function fileOfJob(name: string): string {
  return `parallel-parrot-${name}.jsonl`;
}

/** The name of the job that a file was uploaded for; `undefined` where its name is none that we give. */
export function jobOfFile(file: string): string | undefined {
  return /^parallel-parrot-([\w-]{8,64})\.jsonl$/.exec(file)?.[1];
}
