import { Argument, Command } from "commander";
import { SHELLS, type Shell } from "./completion/shell.ts";
import type { EstimateFlags } from "./estimate/estimate.ts";
import type { ExitCode } from "./exit-code.ts";
import type { ExplainFlags } from "./explain/explain.ts";
import { addFlags } from "./flags/add-flags.ts";
import { ESTIMATE_FLAGS } from "./flags/commands/estimate-flags.ts";
import { EXPLAIN_FLAGS } from "./flags/commands/explain-flags.ts";
import { EXPLODE_FLAGS } from "./flags/commands/explode-flags.ts";
import { FINETUNE_FLAGS } from "./flags/commands/finetune-flags.ts";
import { CANCEL_JOB_FLAGS, FORGET_JOB_FLAGS, LIST_JOBS_FLAGS } from "./flags/commands/batch-flags.ts";
import { EXPORT_FLAGS, MERGE_FLAGS, PRUNE_FLAGS, SHOW_FLAGS } from "./flags/commands/journal-flags.ts";
import { RUN_FLAGS, SHOW_JOB_FLAGS } from "./flags/commands/job-file-flags.ts";
import { PROVIDERS_FLAGS } from "./flags/commands/providers-flags.ts";
import { SCORE_FLAGS } from "./flags/commands/score-flags.ts";
import { SIMULATE_FLAGS } from "./flags/commands/simulate-flags.ts";
import { UI_FLAGS } from "./flags/commands/ui-flags.ts";
import type { Flags, ValuesOf } from "./flags/flag.ts";
import { isJudged, JUDGE_FLAGS, type JudgeFlags } from "./flags/groups/judge-flags.ts";
import { RESUME_FLAGS, RETRY_FLAGS, type ResumeFlags, type RetryFlags } from "./flags/go-on-flags.ts";
import { ASKING_COMMANDS, type AskingCommand } from "./flags/job-flags.ts";
import { FORMAT, WHOLE } from "./flags/kinds/kind.ts";
import type { Job } from "./job/job.ts";
import type { KeyFlags } from "./job/require-keys.ts";
import { typedJob } from "./job/typed-job.ts";
import { describeMisuse } from "./terminal/misuse.ts";
import * as help from "./help.ts";

type Done = (code: ExitCode) => void;

const RUN_NUMBER = "number of the run, as `parrot journal show` lists it";

const JOB_NUMBER = "number of the job, as `parrot batch list` lists it";

/** How the help calls inputs. */
const INPUT_FILES = `files of rows, folders of them or quoted patterns: ${FORMAT.choices?.map((format) => `.${format}`).join(" ")}, or .gz/.zst/.bz2 of them`;

/**
 * The command line. Each command loads its code when it runs, so that help is shown at once. @param done gets the
 * exit code
 */
export function createProgram(version: string, done: Done): Command {
  const program = new Command("parrot")
    .description("An LLM's answer for every row of a table, in parallel, right at the rate limit.")
    .version(version)
    .addHelpText("after", help.MAIN_HELP)
    .hook("preAction", async (_program, command) => {
      // What it sets counts everywhere, as if it had been in the environment.
      const { dotenv, header } = command.opts<{ readonly dotenv?: string; readonly header?: string[] }>();
      if (dotenv !== undefined) await (await import("./keys/dotenv.ts")).loadDotenv(dotenv, header);
    });
  for (const name of ASKING_NAMES) program.addCommand(askingCommand(name, done));
  program
    .addCommand(runCommand(done))
    .addCommand(jobCommand(done))
    .addCommand(resumeCommand(done))
    .addCommand(retryCommand(done))
    .addCommand(explainCommand(done))
    .addCommand(journalCommand(done))
    .addCommand(uiCommand(done))
    .addCommand(batchCommand(done))
    .addCommand(estimateCommand(done))
    .addCommand(explodeCommand(done))
    .addCommand(scoreCommand(done))
    .addCommand(finetuneCommand(done))
    .addCommand(providersCommand(done))
    .addCommand(simulateCommand(done))
    .addCommand(completionCommand(done, program));
  for (const command of commandsOf(program))
    command
      .configureOutput({ outputError: (text, write) => write(describeMisuse(text)) })
      .showHelpAfterError("(add --help for the options and examples)");
  return program;
}

/** A command and all below it. */
export function commandsOf(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(commandsOf)];
}

/** The commands that ask for answers to rows, with their words in the help. */
const ASKING: Readonly<Record<AskingCommand, AskingWords>> = {
  text: {
    summary: "one text per row, in a new column",
    description: "Asks for a text for each row and adds it as a column.",
    examples: help.TEXT_HELP,
  },
  columns: {
    summary: "several values per row, each in a new column",
    description:
      "Asks for one object for each row and adds its values as columns: as many rows come out as went in.",
    examples: help.COLUMNS_HELP,
  },
  data: {
    summary: "objects per row, exploded into rows",
    description: "Asks for a list of objects for each row and makes a row of each.",
    examples: help.DATA_HELP,
  },
};

interface AskingWords {
  readonly summary: string;
  readonly description: string;
  readonly examples: string;
}

const ASKING_NAMES = Object.keys(ASKING) as AskingCommand[];

/** `parrot text`, `parrot columns` or `parrot data`. */
export function askingCommand(command: AskingCommand, done: Done): Command {
  const { summary, description, examples } = ASKING[command];
  return rowsCommand(command, { ...ASKING_COMMANDS[command], ...JUDGE_FLAGS })
    .summary(summary)
    .description(description)
    .addHelpText("after", examples)
    .action(async (inputs: string[], options: TypedOptions) =>
      done(await (await import("./commands/generate.ts")).generate(await asTyped(command, inputs, options))),
    );
}

type TypedOptions = Job["options"] & JudgeFlags;

/** The job that was typed, with its judge. */
async function asTyped(
  command: AskingCommand,
  inputs: readonly string[],
  options: TypedOptions,
): Promise<Job> {
  return isJudged(options)
    ? (await import("./job/judged-job.ts")).judgedJob(command, inputs, options)
    : typedJob(command, inputs, options);
}

function runCommand(done: Done): Command {
  return jobFileCommand("run", RUN_FLAGS)
    .summary("run a job that is written in a file")
    .description(
      "Runs the job that a file describes, in YAML or JSON: its keys are the options of text, columns and data. What is typed here comes before what the file says.",
    )
    .addHelpText("after", help.RUN_HELP)
    .action(async (file: string, inputs: string[], _options: unknown, command: Command) =>
      done(await (await import("./commands/run-job-file.ts")).runJobFile(file, inputs, typedIn(command))),
    );
}

function jobCommand(done: Done): Command {
  const show = new Command("show").argument("[run]", RUN_NUMBER, (text) => WHOLE.read(text, undefined));
  return new Command("job")
    .summary("write a run of the journal as a job file")
    .description("Job files are what `parrot run` runs.")
    .addCommand(
      addFlags(show, SHOW_JOB_FLAGS)
        .summary("a run of the journal as a job file, on standard output")
        .action(async (id: number | undefined, options: ValuesOf<typeof SHOW_JOB_FLAGS>) =>
          done(await (await import("./commands/show-job.ts")).showJob(id, options)),
        ),
    );
}

/** A command that takes a job file, and options that come before what it says. */
function jobFileCommand(name: string, flags: Flags): Command {
  const command = new Command(name)
    .argument("<job>", "a job file: YAML or JSON")
    .argument("[inputs...]", `in place of the file's input: ${INPUT_FILES}`);
  return addFlags(command, flags);
}

/** The options of a job that were typed, without defaults. */
function typedIn(command: Command): Readonly<Record<string, unknown>> {
  const values = Object.entries(command.opts<Record<string, unknown>>());
  return Object.fromEntries(
    values.filter(([name]) => Object.hasOwn(RUN_FLAGS, name) && command.getOptionValueSource(name) === "cli"),
  );
}

function resumeCommand(done: Done): Command {
  return goOnCommand("resume", RESUME_FLAGS)
    .summary("go on with a run that was stopped or killed")
    .description(
      "Goes on with the last run that is not finished, or with the one named. What was answered is not asked again.",
    )
    .addHelpText("after", help.RESUME_HELP)
    .action(async (id: number | undefined, options: ResumeFlags) =>
      done(await (await import("./commands/resume.ts")).resume(id, options)),
    );
}

function retryCommand(done: Done): Command {
  return goOnCommand("retry-failed", RETRY_FLAGS)
    .summary("ask the rows that failed again")
    .description(
      "Asks the failed rows of the last run that has some, or of the one named, and writes the output again with all rows in their places. With other options, only what failed is asked with them.",
    )
    .addHelpText("after", help.RETRY_HELP)
    .action(async (id: number | undefined, options: RetryFlags) =>
      done(await (await import("./commands/resume.ts")).retryFailed(id, options)),
    );
}

/** `parrot explain text …` takes the options of `parrot text …`. */
function explainCommand(done: Done): Command {
  const explain = new Command("explain")
    .summary("which rows of a run would be asked, and why")
    .description(
      "Compares a run with what the journal has: which rows are answered, and which will be asked because the prompt, a parameter or the row itself is new. Nothing is asked.",
    )
    .addHelpText("after", help.EXPLAIN_HELP);
  for (const name of ASKING_NAMES)
    explain.addCommand(
      rowsCommand(name, { ...ASKING_COMMANDS[name], ...JUDGE_FLAGS, ...EXPLAIN_FLAGS })
        .summary(`what \`parrot ${name}\` would ask, and why`)
        .action(async (inputs: string[], options: TypedOptions & ExplainFlags) =>
          done(
            await (
              await import("./explain/explain.ts")
            ).explain(await asTyped(name, inputs, options), options),
          ),
        ),
    );
  return explain.addCommand(
    jobFileCommand("run", { ...RUN_FLAGS, ...EXPLAIN_FLAGS })
      .summary("what `parrot run` would ask, and why")
      .action(async (file: string, inputs: string[], options: ExplainFlags, command: Command) => {
        const { withJobOfFile } = await import("./job-file/with-job-of-file.ts");
        const { explain: explainJob } = await import("./explain/explain.ts");
        done(await withJobOfFile(file, inputs, typedIn(command), (job) => explainJob(job, options)));
      }),
  );
}

function journalCommand(done: Done): Command {
  return new Command("journal")
    .summary("show, export, merge or prune the journal")
    .description("The journal keeps every answer that was paid for.")
    .addCommand(
      addFlags(new Command("show"), SHOW_FLAGS)
        .summary("its runs: when, what, how far, what they cost")
        .action(async (options: ValuesOf<typeof SHOW_FLAGS>) =>
          done(await (await import("./commands/journal.ts")).show(options)),
        ),
    )
    .addCommand(
      addFlags(new Command("export"), EXPORT_FLAGS)
        .summary("its records as JSON lines on standard output")
        .action(async (options: ValuesOf<typeof EXPORT_FLAGS>) =>
          done(await (await import("./commands/journal.ts")).exportAll(options)),
        ),
    )
    .addCommand(
      addFlags(new Command("merge").argument("<journals...>", "the journals to add"), MERGE_FLAGS)
        .summary("add the answers of other journals to this one")
        .action(async (sources: string[], options: ValuesOf<typeof MERGE_FLAGS>) =>
          done(await (await import("./commands/journal.ts")).merge(sources, options)),
        ),
    )
    .addCommand(
      addFlags(new Command("prune"), PRUNE_FLAGS)
        .summary("remove what is old, and give the space back")
        .action(async (options: ValuesOf<typeof PRUNE_FLAGS>) =>
          done(await (await import("./commands/journal.ts")).prune(options)),
        ),
    )
    .addHelpText("after", help.JOURNAL_HELP);
}

function uiCommand(done: Done): Command {
  const folder = "the folder in which things were run";
  return addFlags(new Command("ui").argument("[folder]", folder), UI_FLAGS)
    .summary("look at runs and their rows in a browser")
    .description(
      "Serves a page, to this machine alone, over the runs of a journal: their rows with input, prompt, answer and output, to be found by what became of them.",
    )
    .addHelpText("after", help.UI_HELP)
    .action(async (folder: string | undefined, options: ValuesOf<typeof UI_FLAGS>) =>
      done(await (await import("./commands/ui.ts")).ui(folder, options)),
    );
}

function batchCommand(done: Done): Command {
  return new Command("batch")
    .summary("list, cancel or forget jobs at batch APIs")
    .description("The jobs that runs with --batch have made at their providers, as the journal knows them.")
    .addCommand(
      addFlags(new Command("list"), LIST_JOBS_FLAGS)
        .summary("the jobs that are open: where, since when, until when")
        .action(async (options: ValuesOf<typeof LIST_JOBS_FLAGS>) =>
          done(await (await import("./commands/batch.ts")).listJobs(options)),
        ),
    )
    .addCommand(
      addFlags(ofBatchJob("cancel", "[job]"), CANCEL_JOB_FLAGS)
        .summary("end a job early, or all that are open")
        .description(
          "Asks the provider to end a job early, or every open one. What it has answered by then is paid for, and `parrot resume` collects it.",
        )
        .action(async (id: number | undefined, options: KeyFlags) =>
          done(await (await import("./commands/batch.ts")).cancelJobs(id, options)),
        ),
    )
    .addCommand(
      addFlags(ofBatchJob("forget", "<job>"), FORGET_JOB_FLAGS)
        .summary("give a job up that cannot be collected: its rows may be paid for twice")
        .description(
          "Forgets a job that can neither be collected nor cancelled, such as one whose key is gone. The provider is told nothing, and its requests are asked, and paid for, again.",
        )
        .action(async (id: number, options: ValuesOf<typeof FORGET_JOB_FLAGS>) =>
          done(await (await import("./commands/batch.ts")).forgetJob(id, options)),
        ),
    )
    .addHelpText("after", help.BATCH_HELP);
}

/** `parrot estimate text …` takes the options of `parrot text …`: one more word in front of a command estimates it. */
function estimateCommand(done: Done): Command {
  const estimate = new Command("estimate")
    .summary("tokens, money and time of a run, from a sample of its rows")
    .description(
      "Reads the whole input, looks at a random sample of its rows and estimates what a run would take. Nothing is asked unless --ask is given.",
    )
    .addHelpText("after", help.ESTIMATE_HELP);
  for (const name of ASKING_NAMES)
    estimate.addCommand(
      rowsCommand(name, { ...ASKING_COMMANDS[name], ...JUDGE_FLAGS, ...ESTIMATE_FLAGS })
        .summary(`what \`parrot ${name}\` would take`)
        .action(async (inputs: string[], options: TypedOptions & EstimateFlags) =>
          done(
            await (
              await import("./estimate/estimate.ts")
            ).estimate(await asTyped(name, inputs, options), options),
          ),
        ),
    );
  return estimate.addCommand(
    jobFileCommand("run", { ...RUN_FLAGS, ...ESTIMATE_FLAGS })
      .summary("what `parrot run` would take")
      .action(async (file: string, inputs: string[], options: EstimateFlags, command: Command) => {
        const { withJobOfFile } = await import("./job-file/with-job-of-file.ts");
        const { estimate: estimateJob } = await import("./estimate/estimate.ts");
        done(await withJobOfFile(file, inputs, typedIn(command), (job) => estimateJob(job, options)));
      }),
  );
}

function explodeCommand(done: Done): Command {
  return rowsCommand("explode", EXPLODE_FLAGS)
    .summary("explode a column that holds JSON, with no LLM")
    .description("Makes a row of each element of the JSON list in a column. No LLM is asked.")
    .addHelpText("after", help.EXPLODE_HELP)
    .action(async (inputs: string[], options: ValuesOf<typeof EXPLODE_FLAGS>) =>
      done(await (await import("./commands/explode.ts")).explode(inputs, options)),
    );
}

function scoreCommand(done: Done): Command {
  return rowsCommand("score", SCORE_FLAGS)
    .summary("how well answers fit what is right, with no LLM")
    .description(
      "Compares the answers in a column with those in another that are right: accuracy, precision and recall of each label, confusions, kappa; how far numbers are off. No LLM is asked.",
    )
    .addHelpText("after", help.SCORE_HELP)
    .action(async (inputs: string[], options: ValuesOf<typeof SCORE_FLAGS>) =>
      done(await (await import("./commands/score.ts")).score(inputs, options)),
    );
}

function finetuneCommand(done: Done): Command {
  return addFlags(new Command("finetune").argument("<inputs...>", INPUT_FILES), FINETUNE_FLAGS)
    .summary("chat-format training files from two columns")
    .description("Writes fine-tuning examples in chat format, JSONL.")
    .addHelpText("after", help.FINETUNE_HELP)
    .action(async (inputs: string[], options: ValuesOf<typeof FINETUNE_FLAGS>) =>
      done(await (await import("./commands/finetune.ts")).finetune(inputs, options)),
    );
}

function providersCommand(done: Done): Command {
  return addFlags(new Command("providers"), PROVIDERS_FLAGS)
    .summary("the providers that --model can name, and what each can do")
    .description(
      "Lists the providers: how they give several choices and JSON, whether they take images, where their rate limits are learned from, and the environment variable that the key is in.",
    )
    .addHelpText("after", help.PROVIDERS_HELP)
    .action(async (options: ValuesOf<typeof PROVIDERS_FLAGS>) =>
      done((await import("./commands/list-providers.ts")).listProviders(options)),
    );
}

function simulateCommand(done: Done): Command {
  return addFlags(new Command("simulate"), SIMULATE_FLAGS)
    .summary("run a local LLM simulator")
    .description(
      "Runs a server on this machine that behaves like an LLM API. Its answers are made up by rules.",
    )
    .addHelpText("after", help.SIMULATE_HELP)
    .action(async (options: ValuesOf<typeof SIMULATE_FLAGS>) =>
      done(await (await import("./commands/simulate.ts")).simulate(options)),
    );
}

function completionCommand(done: Done, program: Command): Command {
  return new Command("completion")
    .addArgument(new Argument("<shell>", "whose script is printed").choices(SHELLS))
    .summary("commands and options by the Tab key, in bash, zsh and fish")
    .description("Prints a script with which a shell completes commands, options and their choices.")
    .addHelpText("after", help.COMPLETION_HELP)
    .action(async (shell: Shell) =>
      done((await import("./commands/completion.ts")).completion(shell, program)),
    );
}

/** A command with rows in and rows out. */
function rowsCommand(name: string, flags: Flags): Command {
  const command = new Command(name).argument("<inputs...>", `${INPUT_FILES}; "-" reads standard input`);
  return addFlags(command, flags);
}

/** A command that goes on with a run of the journal. */
function goOnCommand(name: string, flags: Flags): Command {
  const command = new Command(name).argument("[run]", RUN_NUMBER, (text) => WHOLE.read(text, undefined));
  return addFlags(command, flags);
}

/** A command about one job of a batch. */
function ofBatchJob(name: string, argument: string): Command {
  return new Command(name).argument(argument, JOB_NUMBER, (text) => WHOLE.read(text, undefined));
}
