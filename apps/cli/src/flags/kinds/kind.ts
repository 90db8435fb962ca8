import type { Format } from "@parallel-parrot/formats";
import type { ReasoningEffort } from "@parallel-parrot/providers";
import { parseMaxFailures } from "./parse-max-failures.ts";
import { decimal, integer, likeness, list, positive, share, whole } from "./parse-number.ts";
import { duration } from "./parse-duration.ts";
import { parseLogitBias } from "./parse-logit-bias.ts";
import { parsePrice } from "./parse-price.ts";
import { isShare, parseShares } from "./parse-shares.ts";

/** What kind of value an option has: how it is read from a command line, and how it is written in one. */
export interface Kind<T> {
  /** Reads the text after the flag; `before` is the value so far, for a flag that may be given again. */
  read(text: string, before: T | undefined): T;
  /** The texts that it may be. @default any that `read` takes */
  readonly choices?: readonly string[];
  /** The JSON Schema of its value in a job file. */
  readonly schema: KindSchema;
  /** The words that give this value in a command. The value may come from a stranger's journal, and be of any type. */
  words(flag: string, value: unknown): readonly string[];
}

/** A JSON Schema as plain data. */
type KindSchema = Readonly<Record<string, unknown>>;

const A_TEXT: KindSchema = { type: "string" };
const A_NUMBER: KindSchema = { type: "number" };
const A_WHOLE_NUMBER: KindSchema = { type: "integer" };
const A_SWITCH: KindSchema = { type: "boolean" };
/** Something by name, such as `{ input: 0.4, output: 1.6 }`; as a text, as on the command line. */
const NUMBERS_BY_NAME: KindSchema = {
  anyOf: [{ type: "object", additionalProperties: { type: "number" } }, A_TEXT],
};

function oneOrSeveral(one: KindSchema): KindSchema {
  return { anyOf: [one, { type: "array", items: one }] };
}

/** A flag without a value: `--quiet`. */
export const SWITCH: Kind<boolean> = {
  read: () => true,
  schema: A_SWITCH,
  words: (flag, value) => (value === true ? [flag] : []),
};

/** A flag that turns off what is on without it: `--no-quotes`. */
export const NEGATION: Kind<boolean> = {
  read: () => false,
  schema: A_SWITCH,
  words: (flag, value) => (value === false ? [flag] : []),
};

export const TEXT: Kind<string> = { read: (text) => text, schema: A_TEXT, words: plainWords };
/** A model. Where the flag is given again, each stands in a line of its own until `typedJob` takes them apart. */
export const MODEL: Kind<string> = {
  read: (text, before) => (before === undefined ? text : `${before}\n${text}`),
  schema: oneOrSeveral(A_TEXT),
  words: plainWords,
};
/** Texts without commas, each after a flag of its own or several with commas between. */
export const JOINED: Kind<string> = {
  read: (text, before) => (before === undefined ? text : `${before},${text}`),
  schema: oneOrSeveral(A_TEXT),
  words: plainWords,
};
/** A text, or `false` where its `--no-…` is given. */
export const TEXT_OR_NONE: Kind<string | false> = { read: (text) => text, schema: A_TEXT, words: plainWords };
/** The name of a folder, which may be typed with a slash behind it. */
export const FOLDER: Kind<string> = {
  read: (text) => text.replace(/(?<=[^/\\])[/\\]+$/, ""),
  schema: A_TEXT,
  words: plainWords,
};
export const WHOLE: Kind<number> = { read: whole, schema: A_WHOLE_NUMBER, words: plainWords };
export const INTEGER: Kind<number> = { read: integer, schema: A_WHOLE_NUMBER, words: plainWords };
export const POSITIVE: Kind<number> = { read: positive, schema: A_NUMBER, words: plainWords };
export const DECIMAL: Kind<number> = { read: decimal, schema: A_NUMBER, words: plainWords };
export const SHARE: Kind<number> = { read: share, schema: A_NUMBER, words: plainWords };

/** A time with its unit, as it was written: `6h`. */
export const DURATION: Kind<string> = { read: duration, schema: A_TEXT, words: plainWords };

/** How much two texts have in common. */
export const LIKENESS: Kind<number> = { read: likeness, schema: A_NUMBER, words: plainWords };

/** A value that each row may give itself: a text with `$` in it is a template, which is filled for each row. */
export interface RowKind<T> extends Kind<T | string> {
  /** What the filled template has to be. */
  readonly ofRow: Kind<T>;
}

/** The same kind of value, or a template of such values. */
export function orTemplate<T>(kind: Kind<T>): RowKind<T> {
  return {
    read: (text) => (text.includes("$") ? text : kind.read(text, undefined)),
    schema: { anyOf: [kind.schema, A_TEXT] },
    words: plainWords,
    ofRow: kind,
  };
}

/** Whether the values of a kind may be templates. */
export function isRowKind(kind: Kind<unknown>): kind is RowKind<unknown> {
  return "ofRow" in kind;
}

/** One of a few texts. */
export function choice<const C extends string>(...choices: readonly C[]): Kind<C> {
  return {
    read: (text) => choices.find((each) => each === text) ?? fail(text),
    choices,
    schema: { enum: choices },
    words: plainWords,
  };
}

function fail(text: string): never {
  throw new RangeError(`Not one of the choices: ${text}`);
}

/** Names separated by commas. */
export const NAMES: Kind<readonly string[]> = {
  read: list,
  schema: oneOrSeveral(A_TEXT),
  words: (flag, value) => (Array.isArray(value) ? withValue(flag, value.filter(isPlain).join(",")) : []),
};

/** Texts, each after a flag of its own or several after one. */
export const TEXTS: Kind<readonly string[]> = {
  read: (text, before = []) => [...before, text],
  schema: oneOrSeveral(A_TEXT),
  words: wordsOfEach,
};

/** Whole numbers, each after a flag of its own or several after one. */
export const WHOLES: Kind<readonly number[]> = {
  read: (text, before = []) => [...before, whole(text)],
  schema: oneOrSeveral(A_WHOLE_NUMBER),
  words: wordsOfEach,
};

/** Every format has to be here. The help is shown without the code of the formats, so their own table is not asked. */
const FORMATS: Readonly<Record<Format, true>> = {
  csv: true,
  tsv: true,
  jsonl: true,
  json: true,
  parquet: true,
  arrow: true,
  xlsx: true,
  sqlite: true,
};

export const FORMAT_NAMES: readonly Format[] = Object.keys(FORMATS) as Format[];

export const FORMAT: Kind<Format> = choice(...FORMAT_NAMES);

export const REASONING_EFFORT: Kind<ReasoningEffort> = choice(
  "none",
  "minimal",
  "low",
  "medium",
  "high",
  "xhigh",
  "max",
);

/** A number of rows, or a share of them. */
export const MAX_FAILURES: Kind<ReturnType<typeof parseMaxFailures>> = {
  read: parseMaxFailures,
  schema: { anyOf: [A_WHOLE_NUMBER, A_TEXT] },
  words: (flag, value) => {
    const { rows, share: part } = fieldsOf(value);
    return plainWords(flag, typeof part === "number" ? `${Number((part * 100).toFixed(6))}%` : rows);
  },
};

/** The price of a model. */
export const PRICE: Kind<ReturnType<typeof parsePrice>> = {
  read: parsePrice,
  schema: NUMBERS_BY_NAME,
  words: (flag, value) => {
    const { input, output, cachedInput, maxOutputTokens } = fieldsOf(value);
    const rates = Object.entries({ input, output, cached: cachedInput, "max-output": maxOutputTokens })
      .filter(([, rate]) => typeof rate === "number")
      .map(([name, rate]) => `${name}=${String(rate)}`);
    return withValue(flag, rates.join(","));
  },
};

/** Shares of the rows, by the names of splits. */
export const SHARES: Kind<Readonly<Record<string, number>>> = {
  read: parseShares,
  schema: NUMBERS_BY_NAME,
  words: (flag, value) => {
    const shares = Object.entries(fieldsOf(value));
    return shares.length > 0 && shares.every(([name, share]) => isShare(name, share))
      ? withValue(flag, shares.map(([name, share]) => `${name}=${String(share)}`).join(","))
      : [];
  },
};

/** Changes of the likelihood of tokens. */
export const LOGIT_BIAS: Kind<Readonly<Record<string, number>>> = {
  read: parseLogitBias,
  schema: NUMBERS_BY_NAME,
  words: (flag, value) => {
    const biases = Object.entries(fieldsOf(value)).filter(([, bias]) => typeof bias === "number");
    return withValue(flag, biases.map(([token, bias]) => `${token}=${String(bias)}`).join(","));
  },
};

function plainWords(flag: string, value: unknown): readonly string[] {
  return isPlain(value) ? withValue(flag, String(value)) : [];
}

function wordsOfEach(flag: string, value: unknown): readonly string[] {
  return Array.isArray(value) ? value.flatMap((each) => plainWords(flag, each)) : [];
}

/** Whether a value has a text: what a stranger has made of an object can throw where it is asked for one. */
function isPlain(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}

/** What looks like an option, or is nothing, is the value all the same. */
function withValue(flag: string, value: string): readonly string[] {
  return value === "" || value.startsWith("-") ? [`${flag}=${value}`] : [flag, value];
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
