import { numberOf } from "../compare/compared-models.ts";
import type { EXPLAIN_FLAGS } from "../flags/commands/explain-flags.ts";
import type { ValuesOf } from "../flags/flag.ts";
import { EXIT, type ExitCode } from "../exit-code.ts";
import { keptJob } from "../job/kept-job.ts";
import type { Job } from "../job/job.ts";
import { planJob } from "../job/plan.ts";
import { Outlook } from "../outlook/outlook.ts";
import { print, printJson } from "../terminal/print.ts";
import { say } from "../terminal/report.ts";
import { tellNotes } from "../terminal/tell-notes.ts";
import { explainSteps } from "./explain-steps.ts";
import { EqualSaving } from "./equal-saving.ts";
import { Explanation } from "./explanation.ts";

/** The options that `parrot explain` adds to those of the command that it explains. */
export type ExplainFlags = ValuesOf<typeof EXPLAIN_FLAGS>;

/** `parrot explain text`, `parrot explain columns` and `parrot explain data`. */
export async function explain(typed: Job, flags: ExplainFlags): Promise<ExitCode> {
  const job = await keptJob(typed);
  const options = await planJob(job, { asks: false });
  tellNotes(options);
  if (options.later !== undefined) {
    await explainSteps(job, options, flags.json);
    return EXIT.ok;
  }
  const explanation = new Explanation(flags.rows, (reason) => {
    if (flags.json) printJson(`${JSON.stringify(reason)}\n`);
  });
  const saving = await EqualSaving.of(options);
  const outlook = await Outlook.open(job, options);
  try {
    for await (const row of outlook.rows()) {
      explanation.add({ ...row, index: numberOf(row.index, options) });
      saving.add(row);
    }
    for (const line of outlook.selectionLines()) say(line);
    if (!flags.json) print(explanation.text(saving.lines(outlook.equal)));
  } finally {
    outlook.close();
  }
  return EXIT.ok;
}
