import type { BatchJobSpec } from "./batch-dialect.ts";

/**
 * A form with a file of lines in it, as OpenAI's API and its likes take files. They demand the ending; the name of the
 * job tells whose file it is.
 */
export function uploadForm({ name }: BatchJobSpec): { before: string; after: string; type: string } {
  const boundary = `parallel-parrot-${name}`;
  const field = (head: string): string => `--${boundary}\r\ncontent-disposition: form-data; ${head}\r\n`;
  return {
    before:
      `${field('name="purpose"')}\r\nbatch\r\n` +
      `${field(`name="file"; filename="parallel-parrot-${name}.jsonl"`)}content-type: application/jsonl\r\n\r\n`,
    after: `\n\r\n--${boundary}--\r\n`,
    type: `multipart/form-data; boundary=${boundary}`,
  };
}
