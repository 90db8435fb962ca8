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
      `${head(`name="file"; filename="parallel-parrot-${name}.jsonl"`)}content-type: application/jsonl\r\n\r\n`,
    after: `\n\r\n--${boundary}--\r\n`,
    type: `multipart/form-data; boundary=${boundary}`,
  };
}
