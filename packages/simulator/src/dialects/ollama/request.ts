import {
  either,
  filledText,
  flag,
  integer,
  listOf,
  number,
  oneOf,
  openObject,
  openObjectWith,
  text,
} from "../../validation/body-spec.ts";
import {
  checkBody,
  type BodyPath,
  type BodyProblem,
  type ExpectedType,
} from "../../validation/check-body.ts";
import type { Reading, SimError, SimMessage, SimRequest, SimShape } from "../../dialect.ts";
import { imageOfBase64 } from "../images.ts";
import { asText, isObject, objectsIn, type JsonObject } from "../../json-value.ts";
import { OPENAI_ROLES } from "../chat-completions/message.ts";
import { readLimits, readMessage } from "../read-message.ts";

/** The body of `POST /api/chat`. Unknown fields are ignored, as by Ollama itself. */
const SPEC = openObjectWith(
  {
    model: filledText,
    messages: listOf(
      openObjectWith({
        role: oneOf("system", "user", "assistant", "tool"),
        content: text,
        images: listOf(text),
      }),
    ),
    stream: flag,
    format: either(text, openObject),
    think: either(flag, text),
    tools: listOf(openObject),
    truncate: flag,
    shift: flag,
    options: openObjectWith({
      num_ctx: integer(),
      num_predict: integer(),
      temperature: number(),
      top_p: number(),
      top_k: integer(),
      min_p: number(),
      seed: integer(),
      repeat_penalty: number(),
      presence_penalty: number(),
      frequency_penalty: number(),
      stop: listOf(text),
    }),
  },
  ["model"],
);

/** Reads and checks the body of `POST /api/chat`. */
export function readOllamaRequest(body: unknown): Reading {
  const problem = checkBody(body, SPEC);
  if (problem !== undefined) return bad(word(problem));
  const fields = isObject(body) ? body : {};
  const message = checkTogether(fields);
  if (message !== undefined) return bad(message);
  const { model, messages, think, truncate } = fields;
  const options = isObject(fields["options"]) ? fields["options"] : {};
  const { num_predict: most } = options;
  const request: SimRequest = {
    model: asText(model),
    messages: objectsIn(messages).map(readTurn),
    n: 1,
    // A negative number means no limit.
    ...readLimits(typeof most === "number" && most > 0 ? most : undefined, options["stop"]),
    shape: readFormat(fields),
    thinks: think !== undefined && think !== null && think !== false,
    truncates: truncate !== false,
    // The API streams unless the request says otherwise.
    streams: fields["stream"] !== false,
    params: { ...options, ...fields },
  };
  return { request };
}

function readTurn({ role, content, images }: JsonObject): SimMessage {
  const message = readMessage(OPENAI_ROLES[asText(role)] ?? "user", content, () => undefined);
  const seen = readImages(images);
  return seen.length === 0 ? message : { ...message, images: seen.map((image) => image ?? {}) };
}

function readImages(images: unknown): readonly ReturnType<typeof imageOfBase64>[] {
  return Array.isArray(images) ? images.map((data) => imageOfBase64(asText(data))) : [];
}

function readFormat({ format }: JsonObject): SimShape {
  if (isObject(format)) return { type: "jsonSchema", schema: format };
  return format === "json" ? { type: "jsonObject" } : { type: "text" };
}

/** Checks values beyond their types. */
function checkTogether({ format, messages }: JsonObject): string | undefined {
  if (typeof format === "string" && format !== "" && format !== "json")
    return `invalid format: "${format}"; expected "json" or a valid JSON Schema object`;
  const isUnread = objectsIn(messages).some(({ images }) => readImages(images).includes(undefined));
  return isUnread ? "Failed to load image or audio file" : undefined;
}

const GO_TYPES: Readonly<Record<ExpectedType, string>> = {
  string: "string",
  stringOrList: "string",
  number: "float32",
  integer: "int",
  boolean: "bool",
  list: "[]",
  object: "map[string]interface {}",
};

function word(problem: BodyProblem): string {
  const field = formatPath(problem.path);
  switch (problem.kind) {
    case "missing":
      return `${field} is required`;
    case "wrongType": {
      const type = GO_TYPES[problem.expected];
      const option = problem.path[0] === "options" ? problem.path.at(1) : undefined;
      if (option !== undefined) return `option "${option}" must be of type ${type}`;
      return `json: cannot unmarshal ${typeof problem.value} into Go struct field ChatRequest.${field} of type ${type}`;
    }
    case "wrongValue":
      return `invalid ${String(problem.path.at(-1))}: ${asText(problem.value)}, must be one of [${problem.values.join(", ")}]`;
    case "unknown":
    case "outOfRange":
    default:
      return `${field} is required`;
  }
}

function formatPath(path: BodyPath): string {
  return path.filter((step) => typeof step === "string").join(".");
}

function bad(message: string): { readonly error: SimError } {
  return { error: { kind: "badRequest", message } };
}
