import { hash } from "node:crypto";
import type { SimMessage, SimRequest } from "../dialect.ts";
import type { Caching } from "./caching.ts";
import { countPromptTokens, countTokens } from "../tokens.ts";

/** Options of a {@linkcode PromptCache}. */
export interface PromptCacheOptions {
  /** The shortest beginning that is kept, in tokens. @default 1024 */
  readonly minTokens?: number;
  /** For how long it is kept after its last use. @default five minutes */
  readonly lifetimeMs?: number;
}

/** What a request reads from the cache, and writes to it. */
export interface CacheUse {
  readonly readTokens: number;
  readonly writtenTokens: number;
  /** Makes what it writes readable, as its answer begins. */
  readonly keep: () => void;
}

const NO_USE: CacheUse = { readTokens: 0, writtenTokens: 0, keep: () => undefined };
const BLOCK_TOKENS = 128;
const BLOCK_CHARACTERS = BLOCK_TOKENS * 4;
const MAX_MARKS = 4;

/** A beginning of a prompt. */
interface Beginning {
  readonly key: string;
  readonly tokens: number;
}

/** The beginnings of prompts that an API keeps: whoever begins the same reads them. */
export class PromptCache {
  readonly #minTokens: number;
  readonly #lifetimeMs: number;
  readonly #now: () => number;
  /** When each beginning was used last. */
  readonly #kept = new Map<string, number>();

  constructor({ minTokens = 1024, lifetimeMs = 300_000 }: PromptCacheOptions, now: () => number) {
    this.#minTokens = minTokens;
    this.#lifetimeMs = lifetimeMs;
    this.#now = now;
  }

  clear(): void {
    this.#kept.clear();
  }

  /** What a request finds now. */
  look(request: SimRequest): CacheUse {
    const { caching } = request;
    if (caching === undefined) return NO_USE;
    const beginnings = beginningsOf(request, caching)
      .filter(({ tokens }) => tokens >= this.#minTokens)
      .toSorted((a, b) => a.tokens - b.tokens);
    const longest = beginnings.at(-1)?.tokens ?? 0;
    const readTokens = beginnings.findLast(({ key }) => this.#has(key))?.tokens ?? 0;
    for (const { key, tokens } of beginnings) if (tokens <= readTokens) this.#use(key);
    return {
      readTokens,
      writtenTokens: caching === "blocks" ? 0 : longest - readTokens,
      keep: () => {
        for (const { key } of beginnings) this.#use(key);
      },
    };
  }

  #has(key: string): boolean {
    return this.#now() - (this.#kept.get(key) ?? Number.NEGATIVE_INFINITY) < this.#lifetimeMs;
  }

  #use(key: string): void {
    this.#kept.set(key, this.#now());
  }
}

function beginningsOf(request: SimRequest, caching: Caching): readonly Beginning[] {
  if (caching === "blocks") return blocksOf(request);
  const marked = request.messages.flatMap(({ marks = [] }, message) =>
    marks.map((characters) => beginning(request, message, characters)),
  );
  if (caching === "marks") return marked.slice(-MAX_MARKS);
  return [...marked.slice(1 - MAX_MARKS), beginning(request, request.messages.length, 0)];
}

/** So many whole messages, and the first characters of the next one. */
function beginning(request: SimRequest, messages: number, characters: number): Beginning {
  const whole = request.messages.slice(0, messages);
  const next = textOf(request.messages[messages]).slice(0, characters);
  const tokens = characters === 0 ? countPromptTokens(whole) : countPromptTokens(whole) + countTokens(next);
  return { key: keyOf(request, JSON.stringify([whole.map(contentOf), next])), tokens };
}

function blocksOf(request: SimRequest): readonly Beginning[] {
  const text = request.messages.map((message) => `${message.role}\n${textOf(message)}\n`).join("");
  return Array.from({ length: Math.floor(text.length / BLOCK_CHARACTERS) }, (_, block) => ({
    key: keyOf(request, text.slice(0, (block + 1) * BLOCK_CHARACTERS)),
    tokens: (block + 1) * BLOCK_TOKENS,
  }));
}

/** What the model is told of the wanted shape comes before all messages. */
function keyOf({ model, shape }: SimRequest, text: string): string {
  return hash("sha256", JSON.stringify([model, shape, text]));
}

function textOf(message: SimMessage | undefined): string {
  return message?.parts.join("\n") ?? "";
}

function contentOf({ role, parts, images = [] }: SimMessage): unknown {
  return [role, parts, images];
}
