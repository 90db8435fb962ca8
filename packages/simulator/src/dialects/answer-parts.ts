import type { SimChoice, SimFinish, SimShape } from "../dialect.ts";
import { isObject, parseJson, type JsonObject } from "../json-value.ts";

/** A part of an answer. */
export type AnswerPart =
  | { readonly type: "thinking" | "text" | "refusal"; readonly text: string }
  | { readonly type: "tool"; readonly name: string; readonly text: string; readonly input: JsonObject };

/** The parts of a choice, in the order in which the model wrote them; an empty text is not a part. */
export function partsOf(choice: SimChoice, shape: SimShape): readonly AnswerPart[] {
  const { text, finish, thinking } = choice;
  const parts: AnswerPart[] = thinking === undefined ? [] : [{ type: "thinking", text: thinking }];
  const tool = finish === "refusal" ? undefined : toolOf(choice, shape);
  if (tool !== undefined) parts.push(tool);
  else if (text !== "") parts.push({ type: finish === "refusal" ? "refusal" : "text", text });
  return parts;
}

/** A call of the tool that was asked for; if it was cut off, it has no arguments. */
function toolOf({ text, finish }: SimChoice, shape: SimShape): AnswerPart | undefined {
  if (shape.type !== "jsonSchema" || shape.tool === undefined || text === "") return undefined;
  const input = parseJson(text);
  if (isObject(input)) return { type: "tool", name: shape.tool, text, input };
  return finish === "length" ? { type: "tool", name: shape.tool, text, input: {} } : undefined;
}

/** Joins the texts of the parts of some types. */
export function joinParts(parts: readonly AnswerPart[], ...types: readonly AnswerPart["type"][]): string {
  return parts
    .filter(({ type }) => types.includes(type))
    .map(({ text }) => text)
    .join("");
}

/** An API's words for why a choice ended; `contentFilter` if it filters answers. */
export type FinishWords = Readonly<
  Record<Exclude<SimFinish, "contentFilter"> | "stopText" | "tool", string> & { contentFilter?: string }
>;

/** Finds the API's word for why a choice ended. */
export function finishWord(choice: SimChoice, parts: readonly AnswerPart[], words: FinishWords): string {
  if (choice.finish !== "stop") return words[choice.finish] ?? words.failed;
  if (parts.some(({ type }) => type === "tool")) return words.tool;
  return choice.stopText === undefined ? words.stop : words.stopText;
}
