import { ParrotError } from "@parallel-parrot/core";
import type { ExitCode } from "../exit-code.ts";
import type { Job } from "../job/job.ts";
import { keptJob } from "../job/kept-job.ts";
import { planJob } from "../job/plan.ts";
import { requireSeparateFiles } from "../files/separate-files.ts";
import { run } from "../run/run.ts";

/** `parrot text`, `parrot columns` and `parrot data`. */
export async function generate(typed: Job): Promise<ExitCode> {
  const { preview: count, showPrompt, reparse } = typed.options;
  if (showPrompt && count === undefined) {
    throw new ParrotError(
      "INVALID_OPTION",
      "Cannot show the prompts of a whole run; say of how many rows: --preview 3 --show-prompt",
      { option: "--show-prompt" },
    );
  }
  if (count !== undefined && (typed.options.log !== undefined || typed.options.verbose || typed.options.ui))
    throw new ParrotError(
      "INVALID_OPTION",
      "--preview shows its rows with what was made of them, and has neither log nor events nor a page: leave out --log, --verbose and --ui, or --preview",
      { option: "--preview" },
    );
  for (const { options } of [typed, ...(typed.later ?? [])])
    await requireSeparateFiles({ ...options, inputs: typed.inputs });
  const job = await keptJob(typed);
  const options = await planJob(job, { asks: !reparse });
  if (count === undefined) return run(job, options);
  // Loaded only here: most runs show no rows, and need none of its tables.
  const { preview } = await import("../preview/preview.ts");
  return preview(job, options, count);
}
