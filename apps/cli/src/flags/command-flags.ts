import { DEFAULT_JOURNAL } from "./default-journal.ts";
import { flag, MANDATORY } from "./flag.ts";
import { choice, NAMES, POSITIVE, SHARE, SWITCH, TEXT, WHOLE, WHOLES } from "./kinds/kind.ts";
import { READING_FLAGS } from "./groups/reading-flags.ts";
import { WRITING_FLAGS } from "./groups/writing-flags.ts";

/** What `parrot estimate` adds to the options of `text` and `data`. */
export const ESTIMATE_FLAGS = {
  lookAt: flag({
    flag: "--look-at <rows>",
    kind: WHOLE,
    default: 20,
    help: "rows to look at, drawn at random from those that would be asked",
    readme: "rows to look at, drawn at random from all that would be asked; `--sample-seed` draws others",
    libraryNames: [],
  }),
  ask: flag({
    flag: "--ask",
    kind: SWITCH,
    default: false,
    help: "ask the rows that are looked at for real, which is paid for",
    readme:
      "ask them for real: true lengths, answers asked again, the server's limits; it says what it has spent",
    readmeDefault: "count here, which is free",
    libraryNames: [],
  }),
  outputTokens: flag({
    flag: "--output-tokens <count>",
    kind: WHOLE,
    default: undefined,
    help: "tokens of an answer to assume when nothing is asked",
    readmeDefault: "`--max-tokens`, as at most",
    libraryNames: [],
  }),
  json: flag({
    flag: "--json",
    kind: SWITCH,
    default: false,
    help: "print the estimate as JSON",
    libraryNames: [],
  }),
};

/** What `parrot explain` adds to the options of `text` and `data`. */
export const EXPLAIN_FLAGS = {
  json: flag({
    flag: "--json",
    kind: SWITCH,
    default: false,
    help: "one line of JSON for each row that will be asked",
    libraryNames: [],
  }),
  rows: flag({
    flag: "--rows <count>",
    kind: WHOLE,
    default: 3,
    help: "rows to show of each kind",
    libraryNames: [],
  }),
};

/** Options of `parrot explode`. */
export const EXPLODE_FLAGS = {
  ...READING_FLAGS,
  ...WRITING_FLAGS,
  column: flag({
    flag: "--column <column>",
    kind: TEXT,
    default: MANDATORY,
    help: "column that holds the JSON text",
    libraryNames: ["column"],
  }),
  columns: flag({
    flag: "--columns <columns>",
    kind: NAMES,
    default: undefined,
    help: "columns of the output in their order, separated by commas; others are left out",
    readmeDefault: "all",
    libraryNames: [],
  }),
  onFailure: flag({
    flag: "--on-failure <what>",
    kind: choice("keep", "drop", "null", "stop"),
    default: "keep",
    help: "a row whose cell cannot be read: keep it as it is, leave it out, keep it with nulls, or stop",
    libraryNames: [],
  }),
};

/** Options of `parrot finetune`. */
export const FINETUNE_FLAGS = {
  promptColumn: flag({
    flag: "--prompt-column <column>",
    kind: TEXT,
    default: undefined,
    help: "column with what the user says",
    libraryNames: ["prompt"],
    errorWords: "--prompt-column or --messages-column",
  }),
  completionColumn: flag({
    flag: "--completion-column <column>",
    kind: TEXT,
    default: undefined,
    help: "column with what the model should say",
    libraryNames: ["completion"],
  }),
  messagesColumn: flag({
    flag: "--messages-column <column>",
    kind: TEXT,
    default: undefined,
    help: "column with a conversation, a list of messages, in place of the prompt; it ends with the answer, where there is no --completion-column",
    libraryNames: ["messages"],
  }),
  rejectedColumn: flag({
    flag: "--rejected-column <column>",
    kind: TEXT,
    default: undefined,
    help: "column with a worse answer, to learn from pairs of answers (DPO)",
    libraryNames: ["rejected"],
  }),
  form: flag({
    flag: "--form <vendor>",
    kind: choice("openai", "mistral", "together", "gemini", "trl"),
    default: "openai",
    help: "whose form the files have, and whose checks hold; trl is that of Hugging Face",
    libraryNames: ["form"],
  }),
  validation: flag({
    flag: "--validation <share>",
    kind: SHARE,
    default: 0,
    help: "share of the examples for a file of its own to validate with, such as 0.1; equal prompts are never in both",
    readmeDefault: "none",
    libraryNames: ["validation"],
  }),
  output: flag({
    flag: "-o, --output <file>",
    kind: TEXT,
    default: MANDATORY,
    help: "training file; numbered when it is split",
    libraryNames: [],
  }),
  system: flag({
    flag: "--system <text>",
    kind: TEXT,
    default: undefined,
    help: "system message for every example; a template over the row, $$ is a dollar sign",
    libraryNames: [],
  }),
  model: flag({
    flag: "--model <name>",
    kind: TEXT,
    default: "gpt-4.1-mini",
    help: "model whose tokenizer counts",
    libraryNames: [],
  }),
  maxTokensPerFile: flag({
    flag: "--max-tokens-per-file <count>",
    kind: WHOLE,
    default: undefined,
    help: "start another file at so many tokens",
    libraryNames: ["maxTokensPerFile"],
  }),
  maxTokensPerExample: flag({
    flag: "--max-tokens-per-example <count>",
    kind: WHOLE,
    default: undefined,
    help: "leave longer examples out and report them",
    libraryNames: ["maxTokensPerExample"],
  }),
  overwrite: flag({
    flag: "--overwrite",
    kind: SWITCH,
    default: false,
    help: "replace files that exist",
    libraryNames: ["overwrite"],
  }),
  ...READING_FLAGS,
};

const JOURNAL_FLAGS = {
  journal: flag({
    flag: "--journal <file>",
    kind: TEXT,
    default: DEFAULT_JOURNAL,
    help: "the journal",
    libraryNames: ["journal"],
  }),
};

/** Options of `parrot journal show`. */
export const SHOW_FLAGS = {
  ...JOURNAL_FLAGS,
  json: flag({ flag: "--json", kind: SWITCH, default: false, help: "as JSON", libraryNames: [] }),
};

/** Options of `parrot journal export`. */
export const EXPORT_FLAGS = {
  ...JOURNAL_FLAGS,
  run: flag({
    flag: "--run <run>",
    kind: WHOLE,
    default: undefined,
    help: "those of one run only",
    libraryNames: [],
  }),
};

/** Options of `parrot journal prune`. */
export const PRUNE_FLAGS = {
  ...JOURNAL_FLAGS,
  olderThan: flag({
    flag: "--older-than <days>",
    kind: POSITIVE,
    default: undefined,
    help: "runs that were not used for so many days",
    libraryNames: ["olderThanMs"],
    errorWords: "--older-than, --run, --keep-last, --failures",
  }),
  run: flag({
    flag: "--run <run...>",
    kind: WHOLES,
    default: [],
    help: "these runs",
    libraryNames: ["runs"],
  }),
  keepLast: flag({
    flag: "--keep-last <count>",
    kind: WHOLE,
    default: undefined,
    help: "all runs except the last so many",
    libraryNames: [],
  }),
  failures: flag({
    flag: "--failures",
    kind: SWITCH,
    default: false,
    help: "records of refusals, so that they are asked again",
    libraryNames: [],
  }),
};

/** Options of `parrot providers`. */
export const PROVIDERS_FLAGS = {
  json: flag({ flag: "--json", kind: SWITCH, default: false, help: "as JSON", libraryNames: [] }),
};

/** Options of `parrot simulate`. */
export const SIMULATE_FLAGS = {
  port: flag({
    flag: "--port <port>",
    kind: WHOLE,
    default: 8765,
    help: "port on 127.0.0.1; 0 takes a free one",
    libraryNames: [],
  }),
  key: flag({
    flag: "--key <key>",
    kind: TEXT,
    default: "sim-key",
    help: "key that requests must carry; a made-up one, not a real one",
    libraryNames: [],
  }),
  rpm: flag({
    flag: "--rpm <count>",
    kind: POSITIVE,
    default: undefined,
    help: "requests a minute to allow",
    libraryNames: [],
  }),
  tpm: flag({
    flag: "--tpm <count>",
    kind: POSITIVE,
    default: undefined,
    help: "tokens a minute to allow",
    libraryNames: [],
  }),
  latency: flag({
    flag: "--latency <ms>",
    kind: POSITIVE,
    default: 800,
    help: "median time of an answer",
    libraryNames: [],
  }),
  errorRate: flag({
    flag: "--error-rate <share>",
    kind: SHARE,
    default: 0,
    help: "share of requests to fail with status 500, such as 0.05",
    libraryNames: [],
  }),
};
