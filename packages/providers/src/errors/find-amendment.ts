import type { ErrorBody } from "./error-body.ts";
import type { Amendment } from "../provider.ts";
import { isNamed, isRefusal } from "./refused-parameter.ts";
import {
  JSON_OBJECT,
  JSON_WORDS,
  LOOSE_SCHEMA,
  AS_DEVELOPER,
  AS_USER,
  nextAmendment,
} from "../amendments.ts";

/** The amendments to try, one after the other, for each name of a parameter that an API may refuse. */
const STEPS: Readonly<Record<string, readonly Amendment[]>> = {
  max_completion_tokens: ["use:max_tokens", "omit:max_tokens"],
  max_output_tokens: ["omit:max_tokens"],
  max_tokens: ["use:max_completion_tokens", "omit:max_tokens"],
  response_format: [JSON_OBJECT, JSON_WORDS],
  text: [JSON_OBJECT, JSON_WORDS],
  temperature: ["omit:temperature"],
  top_p: ["omit:top_p"],
  random_seed: ["omit:seed"],
  seed: ["omit:seed"],
  stop: ["omit:stop"],
  reasoning_effort: ["omit:reasoning_effort"],
  reasoning: ["omit:reasoning_effort"],
  thinking: ["omit:reasoning_effort"],
  n: ["omit:n"],
  presence_penalty: ["omit:presence_penalty"],
  frequency_penalty: ["omit:frequency_penalty"],
  logit_bias: ["omit:logit_bias"],
  user: ["omit:end_user"],
  safety_identifier: ["omit:end_user"],
};

/** The names that are looked for in messages. "user" is mostly the role there. */
const NAMES: readonly string[] = Object.keys(STEPS).filter((name) => name !== "user");

/** The chat templates of local servers refuse a system message by listing the roles that they support. */
const OTHER_ROLES = /\broles\b.{0,20}\bsupported|roles must alternate/i;

/**
 * The next amendment to try in the OpenAI dialects after an error that names a refused parameter; `undefined` if it
 * names none, or if nothing is left to try.
 *
 * @param hasDeveloper whether system messages may also be sent with the role of the developer
 */
export function findAmendment(
  error: ErrorBody,
  amendments: ReadonlySet<Amendment>,
  hasDeveloper: boolean,
): Amendment | undefined {
  const isUnsupported = error.code === "unsupported_parameter" || error.code === "unsupported_value";
  if (!isUnsupported && !isRefusal(error.message) && !OTHER_ROLES.test(error.message)) return undefined;
  return nextAmendment(amendments, ...stepsFor(error, hasDeveloper));
}

/**
 * The error must name the parameter in a field, in quotes, or by calling it a parameter: a message may repeat words of
 * the prompt.
 */
function stepsFor(error: ErrorBody, hasDeveloper: boolean): readonly Amendment[] {
  const { message, param } = error;
  if (isAboutSystem(error)) return hasDeveloper ? [AS_DEVELOPER, AS_USER] : [AS_USER];
  const root = param.split(/[.[]/)[0] ?? "";
  const isSchemaFault = /\bschema\b|\bstrict\b|\bgrammar\b/i.test(message);
  const ofRoot = STEPS[root];
  if (ofRoot?.[0] === JSON_OBJECT && isSchemaFault) return [LOOSE_SCHEMA, ...ofRoot];
  if (ofRoot !== undefined) return ofRoot;
  if (/json_schema|json_object|response_format|\bjson.?schema\b|\bgrammar\b/i.test(message))
    return isSchemaFault ? [LOOSE_SCHEMA, JSON_OBJECT, JSON_WORDS] : [JSON_OBJECT, JSON_WORDS];
  const name = NAMES.find((name) => isNamed(name, message) || isNamed(camelCase(name), message));
  return name === undefined ? [] : (STEPS[name] ?? []);
}

/** APIs say that the role is not supported; the chat templates of local servers say which roles are. */
function isAboutSystem({ message, param }: ErrorBody): boolean {
  const isRole = /\brole$/.test(param) || /\broles?\b/i.test(message);
  return (
    (isRole && /['"`](?:system|developer)['"`]/i.test(message)) ||
    /\bsystem (?:role|messages?|prompts?)\b.{0,20}\bnot\b/i.test(message) ||
    /\bonly user,? (?:and )?assistant\b.{0,30}\broles\b/i.test(message) ||
    /\broles must alternate\b/i.test(message)
  );
}

/** Some servers call a parameter by the name in their own code: `reasoningEffort`. */
function camelCase(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
