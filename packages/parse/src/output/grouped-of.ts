import {
  isRecord,
  stringifyJson,
  type Choice,
  type GroupedAnswer,
  type GroupedOutput,
  type OutputShape,
} from "@parallel-parrot/core";
import { instructionsOf } from "../schema/instructions.ts";
import { wrapAnswers } from "../schema/wrap-schema.ts";
import { answerOf } from "./answer-of.ts";
import { readJson } from "./read-json.ts";

/** The keys of the object that is asked for, and of the objects in its list. */
const LIST = "answers";
const ID = "id";
const ANSWER = "answer";

/** How answers of a shape come where several rows are asked in one request: as a list of objects with an id each. */
export function groupedOf(shape: OutputShape): GroupedOutput {
  const schema = shape.type === "text" ? { type: "string" } : shape.schema;
  const wrapped =
    schema === undefined ? undefined : wrapAnswers(schema, { list: LIST, id: ID, answer: ANSWER });
  const what = `an object with the key "${LIST}", a list that has for each id one object with the keys "${ID}" and "${ANSWER}"`;
  const words = instructionsOf(what, [], wrapped);
  return {
    shape: {
      type: "json",
      name: LIST,
      ...(wrapped !== undefined && { schema: wrapped }),
      // Where there is no schema, the words say what one answer is.
      instructions:
        wrapped === undefined && shape.type === "json"
          ? `${words}\nEach "${ANSWER}" is in this form: ${shape.instructions}`
          : words,
    },
    read: readGrouped,
  };
}

/** The answers that are whole. Where the token limit cut the response off, those are the ones before the cut. */
function readGrouped(choice: Choice): readonly GroupedAnswer[] {
  // A number goes on to its row as it was written.
  const json = readJson(answerOf(choice), { numbers: "written" });
  if ("ok" in json || json.status === "broken") return [];
  if (json.status === "cut") return json.elements.flatMap((element) => answerIn(element));
  // Only the model could say which of two lists is meant.
  if (json.others > 0) return [];
  return elementsOf(json.value).flatMap((element) => answerIn(element));
}

/** The list that was asked for, also where its object is missing, and one answer where even the list is. */
function elementsOf(value: unknown): readonly unknown[] {
  const list: unknown = isRecord(value) && Object.hasOwn(value, LIST) ? value[LIST] : value;
  return Array.isArray(list) ? list : [list];
}

function answerIn(element: unknown): readonly GroupedAnswer[] {
  if (!isRecord(element) || !Object.hasOwn(element, ID)) return [];
  const [id, answer] = [element[ID], element[ANSWER] ?? undefined];
  if (typeof id !== "string" || answer === undefined) return [];
  const text = typeof answer === "string" ? answer : stringifyJson(answer);
  return text === undefined ? [] : [{ id, text }];
}
