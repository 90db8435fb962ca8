import type { JobFlag } from "../flags/flag.ts";
import { NEGATION } from "../flags/kinds/kind.ts";
import { ASKING_COMMANDS, JOB_ROWS } from "../flags/job-flags.ts";
import { keyOf } from "./job-keys.ts";

/** A JSON Schema as plain data. */
type Schema = Readonly<Record<string, unknown>>;

const NAMES_OF_FILES: Schema = { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] };

/** The JSON Schema of a job file: a key for each option that a file may give. */
export function jobFileSchema(): Schema {
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
      ...Object.fromEntries(
        JOB_ROWS.flatMap(([, row]) => (row.isAuthority ? [] : [[keyOf(row), schemaOf(row)]])),
      ),
    },
    required: ["command"],
    additionalProperties: false,
  };
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
