import type { SimError } from "../../dialect.ts";
import { isObject, objectsIn } from "../../json-value.ts";
import { bad, isGiven, missing, wrongType, wrongValue } from "./problems.ts";
import { checkStrictSchema } from "./strict-schema.ts";

/** Checks a `response_format`; `undefined` if the API accepts it. */
export function checkResponseFormat(
  format: unknown,
  messages: unknown,
  { isStrict }: { readonly isStrict: boolean },
): SimError | undefined {
  if (!isGiven(format)) return undefined;
  if (!isObject(format)) return wrongType("response_format", "an object");
  switch (format["type"]) {
    case "text":
      return undefined;
    case "json_object":
      return mentionsJson(messages)
        ? undefined
        : bad(
            "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
            { param: "messages" },
          );
    case "json_schema":
      return checkJsonSchema(
        format["json_schema"],
        "response_format.json_schema",
        "response_format",
        isStrict,
      );
    default:
      return wrongValue("response_format.type", format["type"], ["json_object", "json_schema", "text"]);
  }
}

/**
 * Checks a schema with a name; `undefined` if the API accepts it.
 *
 * @param param The path to the definition.
 * @param schemaParam The parameter that the error for an invalid schema names.
 * @param isStrict Whether a strict schema may only have what OpenAI accepts.
 */
export function checkJsonSchema(
  definition: unknown,
  param: string,
  schemaParam: string,
  isStrict = true,
): SimError | undefined {
  if (!isObject(definition)) return missing(param);
  const { name, schema, strict } = definition;
  if (name === undefined) return missing(`${param}.name`);
  if (typeof name !== "string" || !/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
    return bad(
      `Invalid '${param}.name': string does not match pattern. Expected a string that matches the pattern ` +
        "'^[a-zA-Z0-9_-]+$', of at most 64 characters.",
      { param: `${param}.name`, code: "invalid_value" },
    );
  }
  if (!isObject(schema)) return missing(`${param}.schema`);
  const problem = strict === true && isStrict ? checkStrictSchema(schema) : undefined;
  if (problem === undefined) return undefined;
  return bad(`Invalid schema for response_format '${name}': ${problem}`, {
    param: schemaParam,
    code: "invalid_json_schema",
  });
}

function mentionsJson(messages: unknown): boolean {
  return objectsIn(messages)
    .flatMap(({ content }) =>
      typeof content === "string" ? content : objectsIn(content).map(({ text }) => text),
    )
    .some((text) => typeof text === "string" && /json/i.test(text));
}
