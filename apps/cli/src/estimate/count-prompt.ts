import type { OutputShape, Prompt } from "@parallel-parrot/core";
import { loadTokenCounter } from "@parallel-parrot/formats";
import type { Provider } from "@parallel-parrot/providers";
import { shapeTextOf } from "./shape-text.ts";

/** Counts the tokens of prompts on this machine. */
export interface PromptCounter {
  /** Tokens of one request's input. */
  count(prompt: Prompt, shape: OutputShape): number;
  /** Tokens of the part of it that the prompts of all rows share; 0 where none is known. */
  countPrefix(prompt: Prompt, shape: OutputShape): number;
  /** How it counts, in words for the user. */
  readonly method: string;
}

const CHARS_PER_TOKEN = 4;
/** What the chat format puts around each message, and around the whole. Source: OpenAI's cookbook on counting tokens. */
const TOKENS_PER_MESSAGE = 3;
const TOKENS_PER_REQUEST = 3;

/** Counts OpenAI's models with their tokenizer and all others by characters, as many have no public tokenizer. */
export async function createPromptCounter(provider: Provider): Promise<PromptCounter> {
  const { model } = provider;
  const isOpenAI = /^(ft:)?(gpt-\d|o\d|chatgpt-)/.test(model);
  if (!isOpenAI) return byCharacters(provider);
  return counterOf(provider, await loadTokenCounter(model), "counted with the model's tokenizer");
}

function byCharacters(provider: Provider): PromptCounter {
  return counterOf(
    provider,
    (text) => Math.ceil(text.length / CHARS_PER_TOKEN),
    `estimated at ${CHARS_PER_TOKEN} characters a token`,
  );
}

function counterOf(provider: Provider, countText: (text: string) => number, method: string): PromptCounter {
  let last: { readonly shape: OutputShape; readonly tokens: number } | undefined;
  /** The shape is that of all rows, and a schema may be long. */
  const countShape = (shape: OutputShape): number => {
    if (last?.shape !== shape) {
      const { text, isMessage } = shapeTextOf(provider, shape);
      last = { shape, tokens: countText(text) + (isMessage ? TOKENS_PER_MESSAGE : 0) };
    }
    return last.tokens;
  };
  const countTexts = (texts: readonly string[], shape: OutputShape): number =>
    texts.reduce((sum, text) => sum + countText(text) + TOKENS_PER_MESSAGE, TOKENS_PER_REQUEST) +
    countShape(shape);
  return {
    method,
    count: ({ messages }, shape) =>
      countTexts(
        messages.map(({ content }) => content),
        shape,
      ),
    countPrefix({ messages, prefix }, shape) {
      if (prefix === undefined) return 0;
      const whole = messages.slice(0, prefix.messages).map(({ content }) => content);
      const beginning = messages[prefix.messages]?.content.slice(0, prefix.characters) ?? "";
      return countTexts(beginning === "" ? whole : [...whole, beginning], shape);
    },
  };
}

/** The counters of the models that rows choose; mostly there is one. */
export class PromptCounters {
  readonly #byModel = new Map<string, PromptCounter>();

  async load(provider: Provider): Promise<void> {
    const { model } = provider;
    if (!this.#byModel.has(model)) this.#byModel.set(model, await createPromptCounter(provider));
  }

  /** The counter of a provider's model. */
  of(provider: Provider): PromptCounter {
    return this.#byModel.get(provider.model) ?? byCharacters(provider);
  }

  /** How they count, in words for the user. @param provider whom would be asked where there are no rows */
  method(provider: Provider): string {
    const methods = new Set(Array.from(this.#byModel.values(), (counter) => counter.method));
    return methods.size === 0 ? this.of(provider).method : [...methods].join(", or ");
  }
}
