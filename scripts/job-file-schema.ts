/**
 * Writes the JSON Schema of job files, by which editors check and complete them, from the table of options; with `--check`
 * it only tells whether it is up to date.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import type { JobFlag } from "../apps/cli/src/flags/flag.ts";
import { ASKING_COMMANDS, JOB_ROWS } from "../apps/cli/src/flags/job-flags.ts";
import { NEGATION } from "../apps/cli/src/flags/kinds/kind.ts";
import { isOfStep } from "../apps/cli/src/flags/step-flags.ts";
import { keyOf } from "../apps/cli/src/job-file/job-keys.ts";

/** A JSON Schema as plain data. */
type Schema = Readonly<Record<string, unknown>>;

const NAMES_OF_FILES: Schema = { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] };
const FILE = "apps/cli/job-file.schema.json";

const schema = jobFileSchema();
// The formatter breaks lines in its own way.
const isFresh = isDeepStrictEqual(readJson(FILE), JSON.parse(JSON.stringify(schema)));
if (!isFresh && process.argv.includes("--check")) {
  console.error(`The JSON Schema ${FILE} is stale; run: node scripts/job-file-schema.ts`);
  process.exitCode = 1;
} else if (!isFresh) {
  writeFileSync(FILE, `${JSON.stringify(schema, null, 2)}\n`);
}

function readJson(path: string): unknown {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}

/** The JSON Schema of a job file: a key for each option that a file may give. */
function jobFileSchema(): Schema {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "A job of parrot",
    description: "What `parrot run` runs. Each option of the command line is a key, without its dashes.",
    type: "object",
    properties: {
      command: {
        enum: Object.keys(ASKING_COMMANDS),
        description: "What is asked for: one text, several columns or rows",
      },
      input: {
        ...NAMES_OF_FILES,
        description: "Files of rows, folders or patterns; as seen from the folder of this file",
      },
      steps: {
        type: "array",
        items: stepSchema(),
        minItems: 1,
        description: "Several commands, of which each is given the rows that the one before gives",
      },
      ...propertiesOf(() => true),
    },
    oneOf: [{ required: ["command"] }, { required: ["steps"] }],
    additionalProperties: false,
  };
}

/** The JSON Schema of a step: its command, and the options that are not of the whole job. */
function stepSchema(): Schema {
  return {
    type: "object",
    properties: {
      name: { type: "string", description: "What messages and lists of failed rows call the step" },
      command: {
        enum: Object.keys(ASKING_COMMANDS),
        description: "What is asked for: one text, several columns or rows",
      },
      judge: {
        type: "string",
        description: "In place of a command: a template of what is judged, which gives a score and a reason",
      },
      rubric: {
        type: "string",
        description: "What the judge goes by, and what each score means; a template too",
      },
      scale: {
        anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }],
        description: "The scores: whole numbers such as 1-5, or labels such as [good, fair, poor]",
      },
      "score-key": { type: "string", description: "Column of the score" },
      "reason-key": { type: "string", description: "Column of the reason" },
      ...propertiesOf(isOfStep),
    },
    oneOf: [{ required: ["command"] }, { required: ["judge", "rubric"] }],
    additionalProperties: false,
  };
}

function propertiesOf(isWanted: (name: string, row: JobFlag<unknown>) => boolean): Schema {
  return Object.fromEntries(
    JOB_ROWS.flatMap(([name, row]) =>
      row.isAuthority || !isWanted(name, row) ? [] : [[keyOf(row), schemaOf(row)]],
    ),
  );
}

function schemaOf({ kind, negated, inlinedAs, help }: JobFlag<unknown>): Schema {
  const description = kind === NEGATION ? `with false: ${help}` : help;
  const others = [
    ...(negated === undefined ? [] : [{ const: false }]),
    // The text of a prompt has a key of its own.
    ...(inlinedAs === undefined || inlinedAs === "promptText" ? [] : [{ type: "object" }]),
  ];
  const schema = others.length === 0 ? kind.schema : { anyOf: [kind.schema, ...others] };
  return { description, ...schema };
}
