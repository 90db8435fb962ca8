import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import type { ExitCode } from "./exit-code.ts";
import { DEFAULT_JOURNAL } from "./default-journal.ts";
import { parseMaxFailures } from "./parse-max-failures.ts";
import { parsePrice } from "./parse-price.ts";

const FORMATS = ["csv", "tsv", "jsonl", "json"] as const;

/** The command line. `done` gets the exit code of the command that ran. */
export function createProgram(version: string, done: (code: ExitCode) => void): Command {
  // Each command loads its code when it runs, so that help is there at once.
  const program = new Command("parrot")
    .description("An LLM's answer for every row of a table, in parallel, right at the rate limit.")
    .version(version)
    .showHelpAfterError("(add --help for the options and examples)")
    .addHelpText("after", MAIN_HELP);

  program.addCommand(
    textCommand()
      .summary("one text per row, in a new column")
      .description("Asks for a text for each row and adds it as a column.")
      .addHelpText("after", TEXT_HELP)
      .action(async (input, options) =>
        done(await (await import("./generate.ts")).generateText(input, options)),
      ),
  );
  program.addCommand(
    dataCommand()
      .summary("objects per row, exploded into rows")
      .description("Asks for a list of objects for each row and makes a row of each.")
      .addHelpText("after", DATA_HELP)
      .action(async (input, options) =>
        done(await (await import("./generate.ts")).generateData(input, options)),
      ),
  );
  program.addCommand(
    goOnCommand("resume")
      .summary("go on with a run that was stopped or killed")
      .description(
        "Goes on with the last run that is not finished, or with the one named. What was answered is not asked again.",
      )
      .addHelpText("after", RESUME_HELP)
      .action(async (id, options) => done(await (await import("./resume.ts")).resume(id, options))),
  );
  program.addCommand(
    goOnCommand("retry-failed")
      .summary("ask the rows that failed again")
      .description(
        "Asks the failed rows of the last run that has some, or of the one named, and writes the output again with all rows in their places.",
      )
      .addHelpText("after", RETRY_HELP)
      .action(async (id, options) => done(await (await import("./resume.ts")).retryFailed(id, options))),
  );
  program.addCommand(explainCommand(done));
  program.addCommand(journalCommand(done));
  program.addCommand(estimateCommand(done));
  program.addCommand(
    ioCommand("explode")
      .summary("explode a column that holds JSON, with no LLM")
      .description("Makes a row of each element of the JSON list in a column. No LLM is asked.")
      .requiredOption("--column <column>", "column that holds the JSON text")
      .addHelpText("after", EXPLODE_HELP)
      .action(async (input, options) => done(await (await import("./explode.ts")).explode(input, options))),
  );
  program.addCommand(
    new Command("finetune")
      .summary("chat-format training files from two columns")
      .description("Writes fine-tuning examples in chat format, JSONL.")
      .argument("<input>", "file of rows: .csv .tsv .jsonl .json, or .gz/.zst of them")
      .requiredOption("--prompt-column <column>", "column with what the user says")
      .requiredOption("--completion-column <column>", "column with what the model should say")
      .requiredOption("-o, --output <file>", "training file; numbered when it is split")
      .option("--system <text>", "system message for every example")
      .option("--model <name>", "model whose tokenizer counts", "gpt-4.1-mini")
      .option("--max-tokens-per-file <count>", "start another file at so many tokens", whole)
      .option("--max-tokens-per-example <count>", "leave longer examples out and report them", whole)
      .option("--overwrite", "replace files that exist", false)
      .addOption(new Option("--from <format>", "format of the input").choices(FORMATS))
      .addHelpText("after", FINETUNE_HELP)
      .action(async (input, options) => done(await (await import("./finetune.ts")).finetune(input, options))),
  );
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
      .action(async (options) => done(await (await import("./simulate.ts")).simulate(options))),
  );
  return program;
}

function ioCommand(name: string) {
  return new Command(name)
    .argument(
      "<input>",
      'file of rows: .csv .tsv .jsonl .json, or .gz/.zst of them; "-" reads standard input',
    )
    .option("-o, --output <file>", 'file for the rows, format by its name; "-" writes standard output', "-")
    .option("--overwrite", "replace an output that exists", false)
    .addOption(
      new Option("--from <format>", "format of the input, where its name does not tell").choices(FORMATS),
    )
    .addOption(
      new Option("--to <format>", "format of the output; without, that of its name or of the input").choices(
        FORMATS,
      ),
    )
    .option("--delimiter <character>", "what separates the cells of CSV, such as ';'")
    .addOption(
      new Option("--on-collision <what>", "when an answer's column is in the input already")
        .choices(["suffix", "overwrite", "keep", "error"] as const)
        .default("suffix" as const),
    )
    .addOption(
      new Option("--on-empty <what>", "a row without answers: one row of nulls, or none")
        .choices(["null", "drop"] as const)
        .default("null" as const),
    )
    .addOption(
      new Option(
        "--on-failure <what>",
        "a row that failed: leave it out, keep it with nulls, or stop the run",
      )
        .choices(["drop", "null", "stop"] as const)
        .default("drop" as const),
    )
    .option(
      "--failed <file>",
      "where failed rows go, format by its name: .jsonl, or .csv with the columns of the input; without, OUTPUT.failed.jsonl",
    )
    .option(
      "--no-escape-formulas",
      "in CSV, leave answers that a spreadsheet would run as formulas as they are",
    )
    .option("--quiet", "no progress and no summary", false);
}

function textCommand() {
  return generateCommand("text").option("--output-key <column>", "column for the answers", "output");
}

function dataCommand() {
  return generateCommand("data")
    .option("--keys <keys>", "keys of the objects, separated by commas; every value is text", list)
    .option("--schema <file>", "JSON Schema of one object, or of an array of them")
    .option("--single", "one object per row instead of a list", false);
}

/** `parrot estimate text …` takes what `parrot text …` takes, so that a word more is all there is to type. */
function estimateCommand(done: (code: ExitCode) => void): Command {
  const [sample, ask, outputTokens, json, seed] = [
    new Option("--sample <rows>", "rows to look at").argParser(whole).default(20),
    new Option("--ask", "ask the sampled rows for real, which costs what they cost").default(false),
    new Option("--output-tokens <count>", "tokens of an answer, where none is asked").argParser(whole),
    new Option("--json", "print the estimate as JSON").default(false),
    new Option("--sample-seed <number>", "another seed draws another sample").argParser(whole).default(1),
  ] as const;
  const text = textCommand()
    .addOption(sample)
    .addOption(ask)
    .addOption(outputTokens)
    .addOption(json)
    .addOption(seed)
    .summary("what `parrot text` would take")
    .action(async (input, options) =>
      done(await (await import("./estimate.ts")).estimateText(input, options)),
    );
  const data = dataCommand()
    .addOption(sample)
    .addOption(ask)
    .addOption(outputTokens)
    .addOption(json)
    .addOption(seed)
    .summary("what `parrot data` would take")
    .action(async (input, options) =>
      done(await (await import("./estimate.ts")).estimateData(input, options)),
    );
  return new Command("estimate")
    .summary("tokens, money and time of a run, from a sample of its rows")
    .description(
      "Reads the whole input, looks at a random sample of its rows and tells what a run would take. Nothing is asked unless --ask is given.",
    )
    .addCommand(text)
    .addCommand(data)
    .addHelpText("after", ESTIMATE_HELP);
}

/** `parrot explain text …` takes what `parrot text …` takes. */
function explainCommand(done: (code: ExitCode) => void): Command {
  const [json, rows] = [
    new Option("--json", "one line of JSON for each row that will be asked").default(false),
    new Option("--rows <count>", "rows to show of each kind").argParser(whole).default(3),
  ] as const;
  const text = textCommand()
    .addOption(json)
    .addOption(rows)
    .summary("what `parrot text` would ask, and why")
    .action(async (input, options) => done(await (await import("./explain.ts")).explainText(input, options)));
  const data = dataCommand()
    .addOption(json)
    .addOption(rows)
    .summary("what `parrot data` would ask, and why")
    .action(async (input, options) => done(await (await import("./explain.ts")).explainData(input, options)));
  return new Command("explain")
    .summary("which rows of a run would be asked, and why")
    .description(
      "Compares a run with what the journal has: which rows are answered, and which will be asked because the prompt, a parameter or the row itself is new. Nothing is asked.",
    )
    .addCommand(text)
    .addCommand(data)
    .addHelpText("after", EXPLAIN_HELP);
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
        .action(async (options) => done(await (await import("./journal-command.ts")).show(options))),
    )
    .addCommand(
      commandOnJournal("export")
        .summary("its records as JSON lines on standard output")
        .option("--run <run>", "those of one run only", whole)
        .action(async (options) => done(await (await import("./journal-command.ts")).exportAll(options))),
    )
    .addCommand(
      commandOnJournal("prune")
        .summary("remove what is old, and give the space back")
        .option("--older-than <days>", "runs that ended so many days ago", positive)
        .option("--run <run...>", "these runs", (text, runs: number[]) => [...runs, whole(text)], [])
        .option("--keep-last <count>", "all runs but the last so many", whole)
        .option("--failures", "records of refusals, so that they are asked again", false)
        .action(async (options) => done(await (await import("./journal-command.ts")).prune(options))),
    )
    .addHelpText("after", JOURNAL_HELP);
}

/** What goes on with a run takes the options that change nothing of what is asked. */
function goOnCommand(name: string) {
  return new Command(name)
    .argument("[run]", "number of the run, as `parrot journal show` tells it", whole)
    .option("--journal <file>", "the journal it is in", DEFAULT_JOURNAL)
    .option("--key-file <file>", "file with the API key; without, as the run was begun")
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
    .option("--overwrite", "replace an output that was changed since", false)
    .option("--quiet", "no progress and no summary", false);
}

function generateCommand(name: string) {
  return ioCommand(name)
    .option("--journal <file>", "where answers are kept and found", DEFAULT_JOURNAL)
    .option("--no-journal", "keep no answers: a run that ends early is paid for again")
    .option("--fresh", "ask every row, also those that were answered before", false)
    .option("--reparse", "ask nothing: read stored answers anew, with other keys or another schema", false)
    .option(
      "--max-failures <count>",
      "stop when more rows than this fail, such as 50 or 2%",
      parseMaxFailures,
    )
    .option(
      "--grace <seconds>",
      "how long requests in flight are awaited at a stop; without, to their end after Ctrl-C, 25 after SIGTERM",
      positive,
    )
    .option("--prompt <text>", "prompt template with ${column} in it")
    .option("--prompt-file <file>", "the template from a file")
    .option("--system <text>", "system message; a template too")
    .option("--model <provider/model>", "whom to ask, such as openai/gpt-4.1-mini")
    .option("--base-url <url>", "a server that speaks the provider's API, such as http://localhost:8000/v1")
    .option("--key-file <file>", "file with the API key; without, the provider's environment variable")
    .option("--n <count>", "choices per row; equal ones are merged", whole, 1)
    .option("--temperature <number>", "sampling temperature", decimal)
    .option("--top-p <number>", "nucleus sampling", decimal)
    .option("--max-tokens <count>", "most tokens of an answer", whole)
    .option("--seed <number>", "sampling seed", integer)
    .option("--stop <text...>", "texts at which the model stops")
    .option("--concurrency <count>", "most requests in flight", whole)
    .option("--rpm <count>", "requests a minute; without, learned from the server", positive)
    .option("--tpm <count>", "tokens a minute; without, learned from the server", positive)
    .option("--max-cost <dollars>", "stop before more than this is spent", positive)
    .option(
      "--max-total-tokens <count>",
      "stop before more tokens than this are spent, input and output",
      whole,
    )
    .option("--max-requests <count>", "stop after so many requests", whole)
    .option(
      "--price <rates>",
      "US dollars per million tokens, such as input=0.4,output=1.6,cached=0.1; without, that of the list",
      parsePrice,
    )
    .option("--timeout <seconds>", "time for one answer", positive, 900)
    .option("--max-outage <seconds>", "how long to wait for a server that is away", positive, 900)
    .option("--max-attempts <count>", "attempts per row; waiting at the rate limit is none", whole, 10)
    .addOption(
      new Option("--order <what>", "order of the output")
        .choices(["input", "completion"] as const)
        .default("input" as const),
    )
    .option("--lineage", "add columns with the position of row, choice and item", false)
    .option("--preview <rows>", "ask for so many rows only, show them and write nothing", whole);
}

function number(text: string, isRight: (value: number) => boolean, expected: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!isRight(value)) throw new InvalidArgumentError(`Expected ${expected}.`);
  return value;
}

function whole(text: string): number {
  return number(text, (value) => Number.isInteger(value) && value >= 0, "a whole number");
}

function integer(text: string): number {
  return number(text, Number.isInteger, "a whole number");
}

function positive(text: string): number {
  return number(text, (value) => value > 0 && Number.isFinite(value), "a number above 0");
}

function decimal(text: string): number {
  return number(text, Number.isFinite, "a number");
}

function share(text: string): number {
  return number(text, (value) => value >= 0 && value <= 1, "a number from 0 to 1");
}

function list(text: string): string[] {
  const keys = text.split(",").map((key) => key.trim());
  if (keys.includes("")) throw new InvalidArgumentError("Expected names separated by commas.");
  return keys;
}

const MAIN_HELP = `
Examples:
  # the sentiment of each review, as a new column
  parrot text reviews.csv --prompt 'Positive, negative or neutral? Answer in one word: \${review}' \\
    --output-key sentiment --model openai/gpt-4.1-mini -o sentiments.csv

  # question and answer pairs: one row each
  parrot data articles.jsonl --prompt 'Write five question and answer pairs about: \${text}' \\
    --keys question,answer --model openai/gpt-4.1-mini -o pairs.csv

  # try it without a key: a simulator on this machine
  parrot simulate --port 8765 --rpm 600

Keys come from the environment (OPENAI_API_KEY) or from --key-file, never from an argument.
Every answer is kept in ${DEFAULT_JOURNAL} and never paid for twice: a run that ended early goes on with parrot resume.
Exit codes: 0 all rows answered, 2 wrong usage or setup, 3 some rows failed, 4 stopped on the way, 130 Ctrl-C.`;

const RESUME_HELP = `
Examples:
  parrot resume
  # the budget of the whole run was too small
  parrot resume --max-cost 20`;

const RETRY_HELP = `
Examples:
  parrot retry-failed
  parrot retry-failed 12 --max-attempts 20`;

const EXPLAIN_HELP = `
Example:
  parrot explain text reviews.csv --prompt 'Sum up: \${review}' --model openai/gpt-4.1-mini -o out.csv`;

const JOURNAL_HELP = `
Examples:
  parrot journal show
  parrot journal export --run 3 > answers.jsonl
  parrot journal prune --older-than 30`;

const TEXT_HELP = `
Examples:
  parrot text reviews.csv --prompt-file prompt.txt --output-key summary --model openai/gpt-4.1-mini -o out.csv
  parrot text reviews.csv --prompt 'Translate into French: \${review}' --model openai/gpt-4.1-mini --preview 3
  cat rows.jsonl | parrot text - --from jsonl --prompt 'Title for: \${text}' --model openai/gpt-4.1-mini > out.jsonl
  parrot text notes.csv --prompt 'Summarise: \${Note text}' --model openai/llama-3.3 --base-url http://localhost:8000/v1 -o out.csv

A template has \${column}, $column, \${any column name}, \${path.to.value}, \${column:-default}; $$ is a dollar sign.`;

const DATA_HELP = `
Examples:
  parrot data articles.jsonl --prompt 'Question and answer pairs about: \${text}' --keys question,answer \\
    --model openai/gpt-4.1-mini -o pairs.csv
  parrot data tickets.csv --prompt 'Sort this ticket: \${body}' --schema ticket.schema.json --single \\
    --model openai/gpt-4.1-mini -o sorted.jsonl
  parrot data articles.jsonl --prompt 'Entities in: \${text}' --keys name,kind --model openai/gpt-4.1-mini --preview 2`;

const ESTIMATE_HELP = `
Examples:
  # counted here, with answers of about 60 tokens; costs nothing
  parrot estimate text reviews.csv --prompt 'Summarise: \${review}' --model openai/gpt-4.1-mini --output-tokens 60
  # 40 rows asked for real
  parrot estimate data articles.jsonl --prompt-file prompt.txt --keys question,answer \\
    --model openai/gpt-4.1-mini --ask --sample 40`;

const EXPLODE_HELP = `
Example:
  parrot explode answers.csv --column entities -o entities.csv`;

const FINETUNE_HELP = `
Example:
  parrot finetune pairs.csv --prompt-column question --completion-column answer -o train.jsonl --max-tokens-per-file 2000000`;

const SIMULATE_HELP = `
Example, in two terminals:
  parrot simulate --port 8765 --rpm 600
  OPENAI_API_KEY=sim-key parrot text reviews.csv --prompt 'Summarise: \${review}' \\
    --model openai/simulated --base-url http://127.0.0.1:8765/v1 -o out.csv`;
