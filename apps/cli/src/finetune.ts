import { rowName } from "@parallel-parrot/core";
import { openSource, writeFinetuneFiles, type Format } from "@parallel-parrot/formats";
import { EXIT, type ExitCode } from "./exit-code.ts";
import { formatCount } from "./progress.ts";
import { say } from "./report.ts";
import { requireOtherOutput } from "./separate-files.ts";

/** Options of `parrot finetune`. */
export interface FinetuneFlags {
  readonly promptColumn: string;
  readonly completionColumn: string;
  readonly output: string;
  readonly system?: string | undefined;
  readonly model: string;
  readonly maxTokensPerFile?: number | undefined;
  readonly maxTokensPerExample?: number | undefined;
  readonly overwrite: boolean;
  readonly from?: Format | undefined;
}

const MAX_SHOWN = 5;

/** `parrot finetune` */
export async function finetune(input: string, options: FinetuneFlags): Promise<ExitCode> {
  const {
    promptColumn,
    completionColumn,
    output,
    system,
    model,
    overwrite,
    maxTokensPerFile,
    maxTokensPerExample,
    from,
  } = options;
  await requireOtherOutput({ input, output });
  const source = openSource(input, from === undefined ? {} : { format: from });
  const { files, skipped } = await writeFinetuneFiles(source, {
    prompt: promptColumn,
    completion: completionColumn,
    output,
    model,
    overwrite,
    ...(system === undefined ? {} : { system }),
    ...(maxTokensPerFile === undefined ? {} : { maxTokensPerFile }),
    ...(maxTokensPerExample === undefined ? {} : { maxTokensPerExample }),
  });
  for (const { path, examples, tokens } of files)
    say(`${path}: ${formatCount(examples)} examples, ${formatCount(tokens)} tokens`);
  if (files.length === 0) say("No examples, so no file was written");
  for (const { row, tokens } of skipped.slice(0, MAX_SHOWN))
    say(`${rowName(row)} left out: ${formatCount(tokens)} tokens`);
  if (skipped.length > MAX_SHOWN) say(`… and ${formatCount(skipped.length - MAX_SHOWN)} more rows left out`);
  return skipped.length > 0 ? EXIT.failedRows : EXIT.ok;
}
