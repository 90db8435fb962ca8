import { flag, MANDATORY } from "../flag.ts";
import { READING_FLAGS } from "../groups/reading-flags.ts";
import { LEAVING_OUT_FLAGS } from "../groups/selection-flags.ts";
import { choice, SHARE, SWITCH, TEXT, WHOLE } from "../kinds/kind.ts";

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
  ...LEAVING_OUT_FLAGS,
};
