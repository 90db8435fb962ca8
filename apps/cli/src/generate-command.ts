import { Command, Option, type CommandUnknownOpts } from "@commander-js/extra-typings";
import type { ReasoningEffort } from "@parallel-parrot/providers";
import { DEFAULT_JOURNAL } from "./flags/default-journal.ts";
import { parseMaxFailures } from "./flags/parse-max-failures.ts";
import type { ExitCode } from "./exit-code.ts";
import { DATA_HELP, ESTIMATE_HELP, EXPLAIN_HELP, EXPLODE_HELP, TEXT_HELP } from "./help.ts";
import { decimal, integer, list, positive, whole } from "./flags/parse-number.ts";
import { parsePrice } from "./flags/parse-price.ts";

/** What `--reasoning-effort` takes. */
export const REASONING_EFFORTS: readonly ReasoningEffort[] = [
  "none",
  "minimal",
  "low",
  "medium",
  "high",
  "xhigh",
  "max",
];

/** What `--from` and `--to` take. */
export const FORMATS: readonly ["csv", "tsv", "jsonl", "json"] = ["csv", "tsv", "jsonl", "json"];

/** Gets the exit code of the command that ran. */
type Done = (code: ExitCode) => void;

/** `parrot text`. */
export function textCommand(done: Done): CommandUnknownOpts {
  return textOptions()
    .summary("one text per row, in a new column")
    .description("Asks for a text for each row and adds it as a column.")
    .addHelpText("after", TEXT_HELP)
    .action(async (input, options) =>
      done(await (await import("./commands/generate.ts")).generateText(input, options)),
    );
}

/** `parrot data`. */
export function dataCommand(done: Done): CommandUnknownOpts {
  return dataOptions()
    .summary("objects per row, exploded into rows")
    .description("Asks for a list of objects for each row and makes a row of each.")
    .addHelpText("after", DATA_HELP)
    .action(async (input, options) =>
      done(await (await import("./commands/generate.ts")).generateData(input, options)),
    );
}

/** `parrot explode`. */
export function explodeCommand(done: Done): CommandUnknownOpts {
  return ioCommand("explode")
    .summary("explode a column that holds JSON, with no LLM")
    .description("Makes a row of each element of the JSON list in a column. No LLM is asked.")
    .requiredOption("--column <column>", "column that holds the JSON text")
    .addOption(
      new Option(
        "--on-failure <what>",
        "a row whose cell cannot be read: keep it as it is, leave it out, keep it with nulls, or stop",
      )
        .choices(["keep", "drop", "null", "stop"] as const)
        .default("keep" as const),
    )
    .addHelpText("after", EXPLODE_HELP)
    .action(async (input, options) =>
      done(await (await import("./commands/explode.ts")).explode(input, options)),
    );
}

/** `parrot estimate text …` takes what `parrot text …` takes, so that a word more is all there is to type. */
export function estimateCommand(done: Done): CommandUnknownOpts {
  const [sample, ask, outputTokens, json, seed] = [
    new Option("--sample <rows>", "rows to look at").argParser(whole).default(20),
    new Option("--ask", "ask the sampled rows for real, which costs what they cost").default(false),
    new Option("--output-tokens <count>", "tokens of an answer, where none is asked").argParser(whole),
    new Option("--json", "print the estimate as JSON").default(false),
    new Option("--sample-seed <number>", "another seed draws another sample").argParser(whole).default(1),
  ] as const;
  const text = textOptions()
    .addOption(sample)
    .addOption(ask)
    .addOption(outputTokens)
    .addOption(json)
    .addOption(seed)
    .summary("what `parrot text` would take")
    .action(async (input, options) =>
      done(await (await import("./estimate/estimate.ts")).estimateText(input, options)),
    );
  const data = dataOptions()
    .addOption(sample)
    .addOption(ask)
    .addOption(outputTokens)
    .addOption(json)
    .addOption(seed)
    .summary("what `parrot data` would take")
    .action(async (input, options) =>
      done(await (await import("./estimate/estimate.ts")).estimateData(input, options)),
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
export function explainCommand(done: Done): CommandUnknownOpts {
  const [json, rows] = [
    new Option("--json", "one line of JSON for each row that will be asked").default(false),
    new Option("--rows <count>", "rows to show of each kind").argParser(whole).default(3),
  ] as const;
  const text = textOptions()
    .addOption(json)
    .addOption(rows)
    .summary("what `parrot text` would ask, and why")
    .action(async (input, options) =>
      done(await (await import("./explain/explain.ts")).explainText(input, options)),
    );
  const data = dataOptions()
    .addOption(json)
    .addOption(rows)
    .summary("what `parrot data` would ask, and why")
    .action(async (input, options) =>
      done(await (await import("./explain/explain.ts")).explainData(input, options)),
    );
  return new Command("explain")
    .summary("which rows of a run would be asked, and why")
    .description(
      "Compares a run with what the journal has: which rows are answered, and which will be asked because the prompt, a parameter or the row itself is new. Nothing is asked.",
    )
    .addCommand(text)
    .addCommand(data)
    .addHelpText("after", EXPLAIN_HELP);
}

/** How numbers of JSON come that a number would change. */
export function longNumbers(): Option<
  "--long-numbers <how>",
  undefined,
  undefined,
  undefined,
  false,
  "number" | "text"
> {
  return new Option(
    "--long-numbers <how>",
    "JSON numbers of the input with more digits than a double has, as numbers (integers exact, decimals rounded) or as text; without, number",
  ).choices(["number", "text"] as const);
}

/** What becomes of rows of a table that are too short. */
export function ragged(): Option<"--ragged <how>", undefined, undefined, undefined, false, "error" | "pad"> {
  return new Option(
    "--ragged <how>",
    "a row of CSV or TSV with too few cells: refuse the input, or fill it with empty cells; without, error",
  ).choices(["error", "pad"] as const);
}

/** A command with rows in and rows out. */
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
    .option("--no-quotes", "take quotes in CSV and TSV as ordinary characters")
    .addOption(ragged())
    .addOption(longNumbers())
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

function generateCommand(name: string) {
  return ioCommand(name)
    .addOption(
      new Option(
        "--on-failure <what>",
        "a row that failed: leave it out, keep it with nulls, or stop the run; without, null where each row has one answer (text, --single), drop where it has a list",
      ).choices(["drop", "null", "stop"] as const),
    )
    .option("--journal <file>", "where answers are kept and found", DEFAULT_JOURNAL)
    .option("--no-journal", "keep no answers: a run that ends early is paid for again")
    .option(
      "--trust-journal",
      "take over the answers that others, or earlier versions, have kept in the journal",
      false,
    )
    .option("--fresh", "ask every row, also those that were answered before", false)
    .option(
      "--ask-equal-once",
      "ask rows with the same prompt once, and give all of them that answer; without, each has one of its own",
      false,
    )
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
    .option(
      "--image-column <column>",
      "column with an image for the prompt: an https address or a file; may be given again",
      (column: string, columns: string[]) => [...columns, column],
      [],
    )
    .option("--image-folder <folder>", "the only folder that image files are read from")
    .option("--model <provider/model>", "whom to ask, such as openai/gpt-4.1-mini")
    .option("--base-url <url>", "a server that speaks the provider's API, such as http://localhost:8000/v1")
    .option("--key-file <file>", "file with the API key; without, the provider's environment variable")
    .option("--n <count>", "choices per row; equal ones are merged", whole, 1)
    .option("--temperature <number>", "sampling temperature", decimal)
    .option("--top-p <number>", "nucleus sampling", decimal)
    .option("--max-tokens <count>", "most tokens of an answer", whole)
    .addOption(
      new Option(
        "--reasoning-effort <level>",
        "how much the model thinks first; models know a part of these",
      ).choices(REASONING_EFFORTS),
    )
    .option("--thoughts <column>", "keep what the model thought in a column; without, it is left out")
    .addOption(
      new Option(
        "--on-context <what>",
        "a row whose prompt is too long for the model: fail it, leave it without an answer (skip), or cut the text of its longest column until it fits (truncate); without, it fails",
      ).choices(["fail", "skip", "truncate"] as const),
    )
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
      "US dollars per million tokens, such as input=0.4,output=1.6,cached=0.1, and max-output=4096 tokens where the model is not known; without, that of the list",
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
    .option(
      "--lineage",
      "add columns with the position of row, choice and item, and the row's warnings",
      false,
    )
    .option("--preview <rows>", "ask for so many rows only, show them and write nothing", whole);
}

/** The options of `parrot text`. */
function textOptions() {
  return generateCommand("text").option("--output-key <column>", "column for the answers", "output");
}

/** The options of `parrot data`. */
function dataOptions() {
  return generateCommand("data")
    .option("--keys <keys>", "keys of the objects, separated by commas; every value is text", list)
    .option("--schema <file>", "JSON Schema of one object, or of an array of them")
    .option("--single", "one object per row instead of a list", false);
}
