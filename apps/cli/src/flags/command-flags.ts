import { DEFAULT_JOURNAL } from "./default-journal.ts";
import { flag, MANDATORY } from "./flag.ts";
import { IO_FLAGS } from "./io-flags.ts";
import { choice, POSITIVE, SHARE, SWITCH, TEXT, WHOLE, WHOLES } from "./kind.ts";

/** What `parrot estimate` adds to the options of `text` and `data`. */
export const ESTIMATE_FLAGS = {
  sample: flag({
    flag: "--sample <rows>",
    kind: WHOLE,
    default: 20,
    says: "rows to look at",
    readme: "rows to look at, drawn at random from the whole input",
    library: [],
  }),
  ask: flag({
    flag: "--ask",
    kind: SWITCH,
    default: false,
    says: "ask the sampled rows for real, which costs what they cost",
    readme:
      "ask them for real: true lengths, answers asked again, the server's limits; it says what it has spent",
    otherwise: "count here, which is free",
    library: [],
  }),
  outputTokens: flag({
    flag: "--output-tokens <count>",
    kind: WHOLE,
    default: undefined,
    says: "tokens of an answer, where none is asked",
    otherwise: "`--max-tokens`, as at most",
    library: [],
  }),
  json: flag({
    flag: "--json",
    kind: SWITCH,
    default: false,
    says: "print the estimate as JSON",
    library: [],
  }),
  sampleSeed: flag({
    flag: "--sample-seed <number>",
    kind: WHOLE,
    default: 1,
    says: "another seed draws another sample",
    library: [],
  }),
};

/** What `parrot explain` adds to the options of `text` and `data`. */
export const EXPLAIN_FLAGS = {
  json: flag({
    flag: "--json",
    kind: SWITCH,
    default: false,
    says: "one line of JSON for each row that will be asked",
    library: [],
  }),
  rows: flag({
    flag: "--rows <count>",
    kind: WHOLE,
    default: 3,
    says: "rows to show of each kind",
    library: [],
  }),
};

/** Options of `parrot explode`. */
export const EXPLODE_FLAGS = {
  ...IO_FLAGS,
  column: flag({
    flag: "--column <column>",
    kind: TEXT,
    default: MANDATORY,
    says: "column that holds the JSON text",
    library: ["column"],
  }),
  onFailure: flag({
    flag: "--on-failure <what>",
    kind: choice("keep", "drop", "null", "stop"),
    default: "keep",
    says: "a row whose cell cannot be read: keep it as it is, leave it out, keep it with nulls, or stop",
    library: [],
  }),
};

const { from, delimiter, quotes, ragged, longNumbers } = IO_FLAGS;

/** Options of `parrot finetune`. */
export const FINETUNE_FLAGS = {
  promptColumn: flag({
    flag: "--prompt-column <column>",
    kind: TEXT,
    default: MANDATORY,
    says: "column with what the user says",
    library: [],
  }),
  completionColumn: flag({
    flag: "--completion-column <column>",
    kind: TEXT,
    default: MANDATORY,
    says: "column with what the model should say",
    library: [],
  }),
  output: flag({
    flag: "-o, --output <file>",
    kind: TEXT,
    default: MANDATORY,
    says: "training file; numbered when it is split",
    library: [],
  }),
  system: flag({
    flag: "--system <text>",
    kind: TEXT,
    default: undefined,
    says: "system message for every example; a template over the row, $$ is a dollar sign",
    library: [],
  }),
  model: flag({
    flag: "--model <name>",
    kind: TEXT,
    default: "gpt-4.1-mini",
    says: "model whose tokenizer counts",
    library: [],
  }),
  maxTokensPerFile: flag({
    flag: "--max-tokens-per-file <count>",
    kind: WHOLE,
    default: undefined,
    says: "start another file at so many tokens",
    library: ["maxTokensPerFile"],
  }),
  maxTokensPerExample: flag({
    flag: "--max-tokens-per-example <count>",
    kind: WHOLE,
    default: undefined,
    says: "leave longer examples out and report them",
    library: ["maxTokensPerExample"],
  }),
  overwrite: flag({
    flag: "--overwrite",
    kind: SWITCH,
    default: false,
    says: "replace files that exist",
    library: ["overwrite"],
  }),
  from: { ...from, says: "format of the input" },
  delimiter,
  quotes,
  ragged,
  longNumbers,
};

const JOURNAL_FLAGS = {
  journal: flag({
    flag: "--journal <file>",
    kind: TEXT,
    default: DEFAULT_JOURNAL,
    says: "the journal",
    library: ["journal"],
  }),
};

/** Options of `parrot journal show`. */
export const SHOW_FLAGS = {
  ...JOURNAL_FLAGS,
  json: flag({ flag: "--json", kind: SWITCH, default: false, says: "as JSON", library: [] }),
};

/** Options of `parrot journal export`. */
export const EXPORT_FLAGS = {
  ...JOURNAL_FLAGS,
  run: flag({
    flag: "--run <run>",
    kind: WHOLE,
    default: undefined,
    says: "those of one run only",
    library: [],
  }),
};

/** Options of `parrot journal prune`. */
export const PRUNE_FLAGS = {
  ...JOURNAL_FLAGS,
  olderThan: flag({
    flag: "--older-than <days>",
    kind: POSITIVE,
    default: undefined,
    says: "runs of which nothing was used for so many days",
    library: ["olderThanMs"],
    here: "--older-than, --run, --keep-last, --failures",
  }),
  run: flag({ flag: "--run <run...>", kind: WHOLES, default: [], says: "these runs", library: ["runs"] }),
  keepLast: flag({
    flag: "--keep-last <count>",
    kind: WHOLE,
    default: undefined,
    says: "all runs but the last so many",
    library: [],
  }),
  failures: flag({
    flag: "--failures",
    kind: SWITCH,
    default: false,
    says: "records of refusals, so that they are asked again",
    library: [],
  }),
};

/** Options of `parrot providers`. */
export const PROVIDERS_FLAGS = {
  json: flag({ flag: "--json", kind: SWITCH, default: false, says: "as JSON", library: [] }),
};

/** Options of `parrot simulate`. */
export const SIMULATE_FLAGS = {
  port: flag({
    flag: "--port <port>",
    kind: WHOLE,
    default: 8765,
    says: "port on 127.0.0.1; 0 takes a free one",
    library: [],
  }),
  key: flag({
    flag: "--key <key>",
    kind: TEXT,
    default: "sim-key",
    says: "key that requests must carry; a made-up one, not a real one",
    library: [],
  }),
  rpm: flag({
    flag: "--rpm <count>",
    kind: POSITIVE,
    default: undefined,
    says: "requests a minute to allow",
    library: [],
  }),
  tpm: flag({
    flag: "--tpm <count>",
    kind: POSITIVE,
    default: undefined,
    says: "tokens a minute to allow",
    library: [],
  }),
  latency: flag({
    flag: "--latency <ms>",
    kind: POSITIVE,
    default: 800,
    says: "median time of an answer",
    library: [],
  }),
  errorRate: flag({
    flag: "--error-rate <share>",
    kind: SHARE,
    default: 0,
    says: "share of requests to fail with status 500, such as 0.05",
    library: [],
  }),
};
