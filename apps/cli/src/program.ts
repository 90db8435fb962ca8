import { Command, Option } from "@commander-js/extra-typings";
import type { ExitCode } from "./exit-code.ts";
import { DEFAULT_JOURNAL } from "./flags/default-journal.ts";
import {
  dataCommand,
  estimateCommand,
  explainCommand,
  explodeCommand,
  FORMATS,
  longNumbers,
  ragged,
  REASONING_EFFORTS,
  textCommand,
} from "./generate-command.ts";
import { FINETUNE_HELP, JOURNAL_HELP, MAIN_HELP, RESUME_HELP, RETRY_HELP, SIMULATE_HELP } from "./help.ts";
import { parseMaxFailures } from "./flags/parse-max-failures.ts";
import { decimal, positive, share, whole } from "./flags/parse-number.ts";
import { parsePrice } from "./flags/parse-price.ts";
import { providersCommand } from "./providers-command.ts";

/** The command line. `done` gets the exit code of the command that ran. */
export function createProgram(version: string, done: (code: ExitCode) => void): Command {
  // Each command loads its code when it runs, so that help is there at once.
  const program = new Command("parrot")
    .description("An LLM's answer for every row of a table, in parallel, right at the rate limit.")
    .version(version)
    .showHelpAfterError("(add --help for the options and examples)")
    .addHelpText("after", MAIN_HELP);

  program.addCommand(textCommand(done));
  program.addCommand(dataCommand(done));
  program.addCommand(
    goOnCommand("resume")
      .summary("go on with a run that was stopped or killed")
      .description(
        "Goes on with the last run that is not finished, or with the one named. What was answered is not asked again.",
      )
      .addHelpText("after", RESUME_HELP)
      .action(async (id, options) => done(await (await import("./commands/resume.ts")).resume(id, options))),
  );
  program.addCommand(
    retryOptions()
      .summary("ask the rows that failed again")
      .description(
        "Asks the failed rows of the last run that has some, or of the one named, and writes the output again with all rows in their places. With other options, only what failed is asked with them.",
      )
      .addHelpText("after", RETRY_HELP)
      .action(async (id, options) =>
        done(await (await import("./commands/resume.ts")).retryFailed(id, options)),
      ),
  );
  program.addCommand(explainCommand(done));
  program.addCommand(journalCommand(done));
  program.addCommand(estimateCommand(done));
  program.addCommand(explodeCommand(done));
  program.addCommand(
    new Command("finetune")
      .summary("chat-format training files from two columns")
      .description("Writes fine-tuning examples in chat format, JSONL.")
      .argument("<input>", "file of rows: .csv .tsv .jsonl .json, or .gz/.zst of them")
      .requiredOption("--prompt-column <column>", "column with what the user says")
      .requiredOption("--completion-column <column>", "column with what the model should say")
      .requiredOption("-o, --output <file>", "training file; numbered when it is split")
      .option(
        "--system <text>",
        "system message for every example; a template over the row, $$ is a dollar sign",
      )
      .option("--model <name>", "model whose tokenizer counts", "gpt-4.1-mini")
      .option("--max-tokens-per-file <count>", "start another file at so many tokens", whole)
      .option("--max-tokens-per-example <count>", "leave longer examples out and report them", whole)
      .option("--overwrite", "replace files that exist", false)
      .addOption(new Option("--from <format>", "format of the input").choices(FORMATS))
      .option("--delimiter <character>", "what separates the cells of CSV, such as ';'")
      .option("--no-quotes", "take quotes in CSV and TSV as ordinary characters")
      .addOption(ragged())
      .addOption(longNumbers())
      .addHelpText("after", FINETUNE_HELP)
      .action(async (input, options) =>
        done(await (await import("./commands/finetune.ts")).finetune(input, options)),
      ),
  );
  program.addCommand(providersCommand(done));
  program.addCommand(
    new Command("simulate")
      .summary("run a local LLM simulator")
      .description(
        "Runs a server on this machine that behaves like an LLM API. Its answers are made up by rules.",
      )
      .option("--port <port>", "port on 127.0.0.1; 0 takes a free one", whole, 8765)
      .option("--key <key>", "key that requests must carry; a made-up one, not a real one", "sim-key")
      .option("--rpm <count>", "requests a minute to allow", positive)
      .option("--tpm <count>", "tokens a minute to allow", positive)
      .option("--latency <ms>", "median time of an answer", positive, 800)
      .option("--error-rate <share>", "share of requests to fail with status 500, such as 0.05", share, 0)
      .addHelpText("after", SIMULATE_HELP)
      .action(async (options) => done(await (await import("./commands/simulate.ts")).simulate(options))),
  );
  return program;
}

function commandOnJournal(name: string) {
  return new Command(name).option("--journal <file>", "the journal", DEFAULT_JOURNAL);
}

function journalCommand(done: (code: ExitCode) => void): Command {
  return new Command("journal")
    .summary("show, export or prune the journal")
    .description("The journal keeps every answer that was paid for.")
    .addCommand(
      commandOnJournal("show")
        .summary("its runs: when, what, how far, what they cost")
        .option("--json", "as JSON", false)
        .action(async (options) => done(await (await import("./commands/journal.ts")).show(options))),
    )
    .addCommand(
      commandOnJournal("export")
        .summary("its records as JSON lines on standard output")
        .option("--run <run>", "those of one run only", whole)
        .action(async (options) => done(await (await import("./commands/journal.ts")).exportAll(options))),
    )
    .addCommand(
      commandOnJournal("prune")
        .summary("remove what is old, and give the space back")
        .option("--older-than <days>", "runs of which nothing was used for so many days", positive)
        .option("--run <run...>", "these runs", (text, runs: number[]) => [...runs, whole(text)], [])
        .option("--keep-last <count>", "all runs but the last so many", whole)
        .option("--failures", "records of refusals, so that they are asked again", false)
        .action(async (options) => done(await (await import("./commands/journal.ts")).prune(options))),
    )
    .addHelpText("after", JOURNAL_HELP);
}

/** What may help a row that failed; the prompt and what is read stay as they are. */
function retryOptions() {
  return goOnCommand("retry-failed")
    .option("--model <provider/model>", "another model for the rows that failed")
    .option("--base-url <url>", "a server that speaks the provider's API")
    .option("--max-tokens <count>", "most tokens of an answer", whole)
    .option("--temperature <number>", "sampling temperature", decimal)
    .option("--top-p <number>", "nucleus sampling", decimal)
    .addOption(
      new Option("--reasoning-effort <level>", "how much the model thinks first").choices(REASONING_EFFORTS),
    )
    .addOption(
      new Option(
        "--on-context <what>",
        "a prompt that is too long: cut the text of its longest column, or leave the row without an answer",
      ).choices(["fail", "skip", "truncate"] as const),
    )
    .option("--all", "also rows that would fail the same way, such as refused ones", false);
}

/** What goes on with a run takes the options that change nothing of what is asked. */
function goOnCommand(name: string) {
  return new Command(name)
    .argument("[run]", "number of the run, as `parrot journal show` tells it", whole)
    .option("--journal <file>", "the journal it is in", DEFAULT_JOURNAL)
    .option("--key-file <file>", "file with the API key; needed again where the run was begun with one")
    .option(
      "--trust-journal",
      "take over the answers that others, or earlier versions, have kept in the journal",
      false,
    )
    .option("--concurrency <count>", "most requests in flight", whole)
    .option("--rpm <count>", "requests a minute", positive)
    .option("--tpm <count>", "tokens a minute", positive)
    .option("--max-cost <dollars>", "stop before the whole run has cost more than this", positive)
    .option("--max-total-tokens <count>", "stop before the whole run has taken more tokens than this", whole)
    .option("--max-requests <count>", "stop after so many requests of the whole run", whole)
    .option(
      "--max-failures <count>",
      "stop when more rows than this fail, such as 50 or 2%",
      parseMaxFailures,
    )
    .option("--price <rates>", "US dollars per million tokens", parsePrice)
    .option("--timeout <seconds>", "time for one answer", positive)
    .option("--max-outage <seconds>", "how long to wait for a server that is away", positive)
    .option("--max-attempts <count>", "attempts per row", whole)
    .option("--grace <seconds>", "how long requests in flight are awaited at a stop", positive)
    .option("--overwrite", "replace an output that this run did not write, or that was changed since", false)
    .option("--quiet", "no progress and no summary", false);
}
