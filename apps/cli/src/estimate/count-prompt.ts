import type { OutputShape, Prompt } from "@parallel-parrot/core";
import { loadTokenCounter } from "@parallel-parrot/formats";

/** Counts the tokens of prompts on this machine. */
export interface PromptCounter {
  /** Tokens of one request's input. */
  count(prompt: Prompt, shape: OutputShape): number;
  /** How it counts, in words for the user. */
  readonly method: string;
}

const CHARS_PER_TOKEN = 4;
/** What the chat format puts around each message, and around the whole. Source: OpenAI's cookbook on counting tokens. */
const TOKENS_PER_MESSAGE = 3;
const TOKENS_PER_REQUEST = 3;

/** Counts OpenAI's models with their tokenizer and all others by characters, as many have no public tokenizer. */
export async function createPromptCounter(model: string): Promise<PromptCounter> {
  const isOpenAI = /^(ft:)?(gpt-\d|o\d|chatgpt-)/.test(model);
  const countText = isOpenAI
    ? await loadTokenCounter(model)
    : (text: string): number => Math.ceil(text.length / CHARS_PER_TOKEN);
  return {
    method: isOpenAI
      ? "counted with the model's tokenizer"
      : `estimated at ${CHARS_PER_TOKEN} characters a token`,
    count(prompt, shape) {
      const texts = prompt.messages.map(({ content }) => content);
      const messages = texts.reduce((sum, text) => sum + countText(text) + TOKENS_PER_MESSAGE, 0);
      return TOKENS_PER_REQUEST + messages + countText(shapeText(shape));
    },
  };
}

function shapeText(shape: OutputShape): string {
  if (shape.type === "text") return "";
  return shape.schema === undefined ? shape.instructions : JSON.stringify(shape.schema);
}
