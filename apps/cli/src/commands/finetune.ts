import { counted, rowName } from "@parallel-parrot/core";
import {
  writeFinetuneFiles,
  type FinetuneOptions,
  type FinetuneReport,
  type SkipReason,
} from "@parallel-parrot/formats";
import type { FINETUNE_FLAGS } from "../flags/commands/finetune-flags.ts";
import type { ValuesOf } from "../flags/flag.ts";
import { checkHeaders } from "../input/check-headers.ts";
import { describeInputs } from "../input/describe-inputs.ts";
import { checkTemplateColumns } from "../input/check-template-columns.ts";
import { describeNotes } from "../input/describe-notes.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { rowInput } from "../input/row-input.ts";
import { inputColumns, requireInputColumns } from "../input/input-columns.ts";
import { withLockedOutputs } from "../files/lock-outputs.ts";
import { describeSelection } from "../selection/describe-selection.ts";
import { selectedInput, type SelectedSource } from "../selection/selected-input.ts";
import { requireSelected } from "../selection/selection.ts";
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
  const { output, system, model, overwrite, form, maxTokensPerFile, maxTokensPerExample } = options;
  const named = columnsOf(options);
  const rows = selectedInput(await rowInput(inputs, options), options);
  const source = rows.open();
  const columns = await inputColumns(source, rows);
  await checkHeaders(rows, columns, (name, own) => {
    requireInputColumns(name, own, named);
    if (system !== undefined) checkTemplateColumns(name, own, { prompt: { system, user: () => "" } });
  });
  requireSelected(rows.name, columns, options);
  for (const line of await describeInputs(rows)) say(line);
  const report = await writeFinetuneFiles(source, {
    ...exampleColumns(options),
    output,
    model,
    overwrite,
    form,
    validation: options.validation,
    checkFirstRow: columns === undefined,
    ...(system === undefined ? {} : { system }),
    ...(maxTokensPerFile === undefined ? {} : { maxTokensPerFile }),
    ...(maxTokensPerExample === undefined ? {} : { maxTokensPerExample }),
  });
  const validation = report.validation === undefined ? [] : [report.validation];
  for (const { path, examples, tokens } of [...report.files, ...validation])
    say(`${path}: ${counted(examples, "example")}, ${counted(tokens, "token")}`);
  if (report.files.length === 0) say("No row gave an example to train with, so no training file was written");
  for (const problem of report.problems.slice(0, MAX_SHOWN)) say(problem);
  const [first, ...more] = report.removed;
  if (first !== undefined) {
    const others = more.length === 0 ? "" : ` and ${formatCount(more.length)} more`;
    say(`Files of an earlier set that this one does not have were removed: ${first}${others}`);
  }
  if (report.mendedCount > 0)
    say(
      `${counted(report.mendedCount, "example")} had half of a character (a lone surrogate), replaced by U+FFFD`,
    );
  tellSkipped(report, rows.name, source);
  if (source.selection !== undefined)
    for (const line of describeSelection(source.selection, options, false)) say(line);
  for (const line of describeNotes(source.notes)) say(line);
  return report.skippedCount > 0 ? EXIT.failedRows : EXIT.ok;
}

/** The options of the library for the columns that are named. */
function exampleColumns({
  promptColumn,
  completionColumn,
  messagesColumn,
  rejectedColumn,
}: FinetuneFlags): ExampleColumns {
  return {
    ...(promptColumn === undefined ? {} : { prompt: promptColumn }),
    ...(completionColumn === undefined ? {} : { completion: completionColumn }),
    ...(messagesColumn === undefined ? {} : { messages: messagesColumn }),
    ...(rejectedColumn === undefined ? {} : { rejected: rejectedColumn }),
  };
}

type ExampleColumns = Pick<FinetuneOptions, "prompt" | "completion" | "messages" | "rejected">;

/** The columns that are named, by the options that name them. */
function columnsOf(options: FinetuneFlags): readonly (readonly [option: string, column: string])[] {
  return Object.entries(exampleColumns(options)).map(([name, column]) => [`--${name}-column`, column]);
}

/** What follows the number of rows that were left out. */
const WORDS: Readonly<Record<SkipReason, string>> = {
  EMPTY_CELL: "without a prompt or a completion",
  MISSING_VALUE: "without a value that the system message needs",
  TEMPLATE_FAILED: "for which the system message cannot be rendered",
  INVALID_CONVERSATION: "with a conversation that cannot be learned from",
  EQUAL_ANSWERS: "whose rejected answer is the same as the other",
  TOO_LONG: "with too many tokens",
};

function tellSkipped(
  { skippedCount, skippedByReason, skipped }: FinetuneReport,
  input: string,
  { rowOf }: Pick<SelectedSource, "rowOf">,
): void {
  if (skippedCount === 0) return;
  const reasons = (Object.keys(WORDS) as SkipReason[]).flatMap((reason) => {
    const count = skippedByReason[reason] ?? 0;
    return count === 0 ? [] : [`${formatCount(count)} ${WORDS[reason]}`];
  });
  say(`${counted(skippedCount, "row")} left out: ${reasons.join(", ")}`);
  for (const { row, file = input, line, message } of skipped.slice(0, MAX_SHOWN))
    say(
      `${file}, ${line === undefined ? rowName(rowOf(row)) : `line ${line} (${rowName(rowOf(row))})`}: ${message}`,
    );
  if (skippedCount > MAX_SHOWN) say(`… and ${formatCount(skippedCount - MAX_SHOWN)} more`);
}
