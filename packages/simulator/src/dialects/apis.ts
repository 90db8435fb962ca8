import { anthropicDialect } from "./anthropic/dialect.ts";
import { azureDialect, azureResponsesDialect } from "./azure/dialect.ts";
import { bedrockDialect } from "./bedrock/dialect.ts";
import { cohereDialect } from "./cohere/dialect.ts";
import { deepseekDialect } from "./chat-completions/vendors/deepseek.ts";
import type { Dialect, SimRoute, SimTarget } from "../dialect.ts";
import { fireworksDialect } from "./chat-completions/vendors/fireworks.ts";
import { geminiDialect, vertexDialect } from "./gemini/dialect.ts";
import { groqDialect } from "./chat-completions/vendors/groq.ts";
import { llamaCppDialect } from "./chat-completions/vendors/llama-cpp.ts";
import { vllmDialect } from "./chat-completions/vendors/vllm.ts";
import { mistralDialect } from "./mistral/dialect.ts";
import { ollamaDialect } from "./ollama/dialect.ts";
import { openaiDialect } from "./chat-completions/vendors/openai.ts";
import { openrouterDialect } from "./chat-completions/vendors/openrouter.ts";
import { responsesDialect } from "./openai-responses/dialect.ts";
import { togetherDialect } from "./chat-completions/vendors/together.ts";
import { xaiDialect } from "./chat-completions/vendors/xai.ts";

/** The dialects of one API, which share a base URL. The first one answers requests for unknown paths. */
type Dialects = readonly [Dialect, ...Dialect[]];

/** The name of an API that the simulator has. */
export type ApiName =
  | "anthropic"
  | "azure"
  | "bedrock"
  | "cohere"
  | "deepseek"
  | "fireworks"
  | "gemini"
  | "groq"
  | "llamacpp"
  | "mistral"
  | "ollama"
  | "openai"
  | "openrouter"
  | "together"
  | "vertex"
  | "vllm"
  | "xai";

const APIS: Readonly<Record<ApiName, Dialects>> = {
  openai: [openaiDialect, responsesDialect],
  azure: [azureDialect, azureResponsesDialect],
  anthropic: [anthropicDialect],
  bedrock: [bedrockDialect],
  cohere: [cohereDialect],
  gemini: [geminiDialect],
  vertex: [vertexDialect],
  mistral: [mistralDialect],
  groq: [groqDialect],
  deepseek: [deepseekDialect],
  xai: [xaiDialect],
  together: [togetherDialect],
  fireworks: [fireworksDialect],
  openrouter: [openrouterDialect],
  ollama: [ollamaDialect],
  vllm: [vllmDialect],
  llamacpp: [llamaCppDialect],
};

/** The dialect of a request, and what it asks for. */
export interface Found {
  readonly dialect: Dialect;
  readonly route: SimRoute | undefined;
  /** All dialects of its API. */
  readonly dialects: readonly Dialect[];
  /** The target with the path as the dialect knows it. */
  readonly target: SimTarget;
}

/** The APIs of one server: each at the path of its name, and one of them also at the root. */
export class Apis {
  readonly #root: Dialects;
  readonly #named: ReadonlyMap<string, Dialects> = new Map<string, Dialects>(Object.entries(APIS));

  constructor(root: Dialect) {
    this.#root = [...this.#named.values()].find((dialects) => dialects.includes(root)) ?? [root];
  }

  /** Finds the dialect that a request speaks. */
  find(target: SimTarget): Found {
    const { path } = target;
    const end = path.indexOf("/", 1);
    const named = end === -1 ? undefined : this.#named.get(path.slice(1, end));
    return named === undefined
      ? match(this.#root, target)
      : match(named, { ...target, path: path.slice(end) });
  }

  /** The base URL of each API, with the version path if the API's base URLs have one. */
  urls(origin: string): Readonly<Record<ApiName, string>> {
    const urls: Record<string, string> = {};
    for (const [name, dialects] of this.#named) {
      const mount = dialects === this.#root ? "" : `/${name}`;
      urls[name] = `${origin}${mount}${dialects[0].basePath}`;
    }
    return urls as Record<ApiName, string>;
  }
}

function match(dialects: Dialects, target: SimTarget): Found {
  for (const dialect of dialects) {
    const route = dialect.matchRoute(target);
    if (route !== undefined) return { dialect, dialects, route, target };
  }
  const call = dialects[0].batches?.match(target);
  const route: SimRoute | undefined = call === undefined ? undefined : { kind: "batch", call };
  return { dialect: dialects[0], dialects, route, target };
}
