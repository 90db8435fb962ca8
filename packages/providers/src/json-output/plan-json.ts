import type { JsonSchema, OutputShape } from "@parallel-parrot/core";
import { JSON_OBJECT, JSON_TOOL, JSON_WORDS, LOOSE_SCHEMA } from "../amendments.ts";
import type { Amendment, Capabilities } from "../provider.ts";
import { fitSchema, type SchemaDialect } from "./fit-schema.ts";
import { toLooseSchema } from "./loose-schema.ts";

/** How one request asks for JSON. */
export type JsonPlan =
  /** By the API's structured output; `isStrict` where the API enforces the schema. */
  | {
      readonly by: "schema";
      readonly name: string;
      readonly schema: JsonSchema;
      readonly isStrict: boolean;
    }
  /** By a tool that the model must call, whose arguments are the answer. */
  | { readonly by: "tool"; readonly name: string; readonly schema: JsonSchema }
  /** By a mode that gives any JSON object. */
  | { readonly by: "object" }
  /** By the words of the prompt alone. */
  | { readonly by: "instructions" };

/** A way to ask for JSON, and the amendment that says to begin with it. */
interface JsonStep {
  readonly amendment?: Amendment;
  /** `undefined` if this step cannot ask for the shape, so that the next one is tried. */
  plan(shape: JsonShape, schemas: SchemaDialect): JsonPlan | undefined;
}

type JsonShape = Extract<OutputShape, { readonly type: "json" }>;

const ENFORCED: JsonStep = {
  plan({ name, schema }, schemas) {
    const fitted = schema && fitSchema(schema, schemas);
    return fitted && { by: "schema", name, schema: fitted, isStrict: true };
  },
};
/** The schema as it is, if it has no form that the API enforces. */
const AS_GIVEN: JsonStep = {
  plan: ({ name, schema }) => schema && { by: "schema", name, schema, isStrict: false },
};
const LOOSE: JsonStep = {
  amendment: LOOSE_SCHEMA,
  plan: ({ name, schema }) =>
    schema && { by: "schema", name, schema: toLooseSchema(schema), isStrict: false },
};
const TOOL: JsonStep = {
  amendment: JSON_TOOL,
  plan: ({ name, schema }) => schema && { by: "tool", name, schema: withoutDialect(schema) },
};
const OBJECT: JsonStep = { amendment: JSON_OBJECT, plan: () => ({ by: "object" }) };
const WORDS: JsonStep = { amendment: JSON_WORDS, plan: () => ({ by: "instructions" }) };

/** The ways to ask for JSON, from the strictest to the weakest, named by the way after a refused schema. */
export const JSON_STEPS: Readonly<Record<"tool" | "object", readonly JsonStep[]>> = {
  tool: [ENFORCED, TOOL, WORDS],
  object: [ENFORCED, OBJECT, WORDS],
};

/** The ways to ask for JSON in the OpenAI dialects, for a server with these capabilities. */
export function openaiJsonSteps({ json }: Pick<Capabilities, "json">): readonly JsonStep[] {
  if (json === "instructions") return [WORDS];
  return json === "schema" ? [ENFORCED, AS_GIVEN, LOOSE, OBJECT, WORDS] : [OBJECT, WORDS];
}

/** Plans how to ask for the shape, given what was refused before; `undefined` if text is wanted. */
export function planJson(
  shape: OutputShape,
  amendments: ReadonlySet<Amendment>,
  schemas: SchemaDialect,
  steps: readonly JsonStep[],
): JsonPlan | undefined {
  if (shape.type === "text") return undefined;
  const first = steps.findLastIndex(({ amendment }) => amendment !== undefined && amendments.has(amendment));
  for (const step of steps.slice(Math.max(0, first))) {
    const plan = step.plan(shape, schemas);
    if (plan !== undefined) return plan;
  }
  return undefined;
}

function withoutDialect({ $schema: _dialect, ...schema }: JsonSchema): JsonSchema {
  return schema;
}
