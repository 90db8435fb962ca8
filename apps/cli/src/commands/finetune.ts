import { counted, rowName } from "@parallel-parrot/core";
import { writeFinetuneFiles, type FinetuneReport, type SkipReason } from "@parallel-parrot/formats";
import type { FINETUNE_FLAGS } from "../flags/command-flags.ts";
import type { ValuesOf } from "../flags/flag.ts";
import { checkHeaders } from "../files/check-headers.ts";
import { describeInputs } from "../files/describe-inputs.ts";
import { checkTemplateColumns } from "../files/check-template-columns.ts";
import { describeNotes } from "../files/describe-notes.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { rowInput } from "../files/row-input.ts";
import { inputColumns, requireInputColumns } from "../files/input-columns.ts";
import { withLockedOutputs } from "../files/lock-outputs.ts";
import { formatCount } from "../terminal/format-count.ts";
import { say } from "../terminal/report.ts";
import { requireOtherOutput } from "../files/separate-files.ts";

/** Options of `parrot finetune`. */
export type FinetuneFlags = ValuesOf<typeof FINETUNE_FLAGS>;

const MAX_SHOWN = 5;

/** `parrot finetune` */
export async function finetune(inputs: readonly string[], options: FinetuneFlags): Promise<ExitCode> {
  const { output } = options;
  await requireOtherOutput({ inputs, from: options.from, output });
  // The lock on this name holds for all files that the output is split into.
  return withLockedOutputs([[output, "-o"]], () => finetuneFiles(inputs, options));
}

async function finetuneFiles(inputs: readonly string[], options: FinetuneFlags): Promise<ExitCode> {
  const { promptColumn, completionColumn, output, system, model, overwrite, maxTokensPerFile } = options;
  const { maxTokensPerExample } = options;
  const rows = await rowInput(inputs, options);
  const source = rows.open();
  const columns = await inputColumns(source, rows);
  await checkHeaders(rows, columns, (name, own) => {
    requireInputColumns(name, own, [
      ["--prompt-column", promptColumn],
      ["--completion-column", completionColumn],
    ]);
    if (system !== undefined) checkTemplateColumns(name, own, { prompt: { system, user: () => "" } });
  });
  for (const line of await describeInputs(rows)) say(line);
  const report = await writeFinetuneFiles(source, {
    prompt: promptColumn,
    completion: completionColumn,
    output,
    model,
    overwrite,
    checkFirstRow: columns === undefined,
    ...(system === undefined ? {} : { system }),
    ...(maxTokensPerFile === undefined ? {} : { maxTokensPerFile }),
    ...(maxTokensPerExample === undefined ? {} : { maxTokensPerExample }),
  });
  for (const { path, examples, tokens } of report.files)
    say(`${path}: ${counted(examples, "example")}, ${counted(tokens, "token")}`);
  if (report.files.length === 0) say("No row gave an example, so no file was written");
  const [first, ...more] = report.outdated;
  if (first !== undefined) {
    const others = more.length === 0 ? "" : ` and ${formatCount(more.length)} more`;
    say(
      `Files of an earlier run that this one did not replace: ${first}${others}; remove them before training`,
    );
  }
  if (report.mendedCount > 0)
    say(
      `${counted(report.mendedCount, "example")} had half of a character (a lone surrogate), replaced by U+FFFD`,
    );
  tellSkipped(report, rows.name === "-" ? "standard input" : rows.name);
  for (const line of describeNotes(source.notes)) say(line);
  return report.skippedCount > 0 ? EXIT.failedRows : EXIT.ok;
}

/** What follows the number of rows that were left out. */
const WORDS: Readonly<Record<SkipReason, string>> = {
  EMPTY_CELL: "without a prompt or a completion",
  MISSING_VALUE: "without a value that the system message needs",
  TEMPLATE_FAILED: "for which the system message cannot be rendered",
  TOO_LONG: "with too many tokens",
};

function tellSkipped({ skippedCount, skippedByReason, skipped }: FinetuneReport, input: string): void {
  if (skippedCount === 0) return;
  const reasons = (Object.keys(WORDS) as SkipReason[]).flatMap((reason) => {
    const count = skippedByReason[reason] ?? 0;
    return count === 0 ? [] : [`${formatCount(count)} ${WORDS[reason]}`];
  });
  say(`${counted(skippedCount, "row")} left out: ${reasons.join(", ")}`);
  for (const { row, file = input, line, message } of skipped.slice(0, MAX_SHOWN))
    say(`${file}, ${line === undefined ? rowName(row) : `line ${line} (${rowName(row)})`}: ${message}`);
  if (skippedCount > MAX_SHOWN) say(`… and ${formatCount(skippedCount - MAX_SHOWN)} more`);
}
