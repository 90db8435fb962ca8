import { messageOf, type JsonSchema, type Message, type OutputShape } from "@parallel-parrot/core";
import type { FunctionCompletion } from "../function-answer.ts";
import type { FunctionRequest } from "../function-provider.ts";
import type { GenerationParams } from "../../generation-params.ts";
import { VerdictError } from "../verdict-error.ts";
import { ChatPool, type PooledChat } from "./chat-pool.ts";
import { grammarSchemaOf } from "./grammar-schema.ts";
import {
  loadLlamaModule,
  type Llama,
  type LlamaGrammar,
  type LlamaModel,
  type LlamaModule,
  type LlamaResponse,
  type LlamaSampling,
  type LlamaTurn,
} from "./llama-module.ts";

/** How a model is loaded. */
export interface EngineOptions {
  /** The path of the file. */
  readonly path: string;
  /** How many requests it works on at once. */
  readonly sequences: number;
  /** The most tokens of prompt and answer; `undefined` for {@linkcode USUAL_CONTEXT}, or what the model takes. */
  readonly contextTokens: number | undefined;
  readonly threads: number;
  readonly gpu: "auto" | false;
}

/** Models take far more than most rows need, and memory is set aside for all of it. */
const USUAL_CONTEXT = 4096;

/** How llama.cpp samples by default. */
const USUAL_SAMPLING = { temperature: 0.8, topP: 0.95, topK: 40, minP: 0.05 };

/** A model of llama.cpp in this process. */
export class LlamaEngine {
  readonly #module: LlamaModule;
  readonly #llama: Llama;
  readonly #model: LlamaModel;
  readonly #pool: ChatPool;
  readonly #grammars = new Map<string, Promise<LlamaGrammar>>();

  private constructor(module: LlamaModule, llama: Llama, model: LlamaModel, pool: ChatPool) {
    this.#module = module;
    this.#llama = llama;
    this.#model = model;
    this.#pool = pool;
  }

  /** Loads the model, which takes from part of a second to minutes. @throws VerdictError that stops the run */
  static async load({ path, sequences, contextTokens, threads, gpu }: EngineOptions): Promise<LlamaEngine> {
    const module = await loadLlamaModule();
    const said: string[] = [];
    try {
      const llama = await module.getLlama({
        gpu,
        build: "never",
        skipDownload: true,
        maxThreads: threads,
        logger: (level, message) => {
          if (level === "error" || level === "fatal") said.push(message.trim());
        },
      });
      const model = await llama.loadModel({ modelPath: path });
      const contextSize = contextTokens ?? Math.min(USUAL_CONTEXT, model.trainContextSize);
      const context = await model.createContext({
        sequences,
        contextSize,
        threads,
        failedCreationRemedy: false,
      });
      const chats = Array.from({ length: sequences }, (): PooledChat => {
        const sequence = context.getSequence();
        return { sequence, chat: new module.LlamaChat({ contextSequence: sequence }) };
      });
      return new LlamaEngine(module, llama, model, new ChatPool(chats));
    } catch (error) {
      const why = [messageOf(error), ...said.slice(-2)].join(": ");
      const message = `node-llama-cpp cannot load ${path} for ${sequences} requests at once: ${why}`;
      throw new VerdictError({ verdict: "stop", code: "SETUP_FAILED", message }, error);
    }
  }

  /** Answers one request as soon as a conversation is free. */
  async complete(request: FunctionRequest, signal: AbortSignal): Promise<FunctionCompletion> {
    const grammar = await this.#grammarOf(request.shape);
    return this.#pool.lend(signal, (pooled) => this.#answer(pooled, request, { signal, grammar }));
  }

  async #answer(
    { chat, sequence }: PooledChat,
    { messages, params }: FunctionRequest,
    { signal, grammar }: { readonly signal: AbortSignal; readonly grammar: LlamaGrammar | undefined },
  ): Promise<FunctionCompletion> {
    const history = [...messages.map(turnOf), { type: "model", response: [] } satisfies LlamaTurn];
    const { contextText } = chat.chatWrapper.generateContextState({ chatHistory: history });
    const prompt = contextText.tokenize(this.#model.tokenizer).length;
    const room = sequence.contextSize - prompt - RESERVED;
    if (room <= 0) throw tooLong(prompt, sequence.contextSize - RESERVED);
    const before = sequence.tokenMeter.getState();
    const answer = await chat.generateResponse(history, {
      ...samplingOf(params),
      ...this.#biasOf(params),
      ...(grammar === undefined ? {} : { grammar }),
      maxTokens: Math.min(params.maxTokens ?? room, room),
      signal,
    });
    const { usedInputTokens, usedOutputTokens } = sequence.tokenMeter.diff(before);
    return {
      ...readResponse(answer),
      usage: {
        inputTokens: prompt,
        outputTokens: usedOutputTokens,
        // Only the tokens used were evaluated; the others were in the sequence from the request before.
        cachedInputTokens: Math.max(0, prompt - usedInputTokens),
      },
    };
  }

  /** The grammar of a run's shape, which is made once. */
  #grammarOf(shape: OutputShape): Promise<LlamaGrammar> | undefined {
    if (shape.type === "text") return undefined;
    const key = JSON.stringify(shape.schema ?? null);
    let grammar = this.#grammars.get(key);
    if (grammar === undefined) this.#grammars.set(key, (grammar = this.#makeGrammar(shape.schema)));
    return grammar;
  }

  #makeGrammar(schema: JsonSchema | undefined): Promise<LlamaGrammar> {
    const fitted = schema === undefined ? undefined : grammarSchemaOf(schema);
    // What no grammar enforces is in the prompt in words, and is checked when the answer is read.
    return fitted === undefined
      ? this.#llama.getGrammarFor("json")
      : this.#llama.createGrammarForJsonSchema(fitted);
  }

  #biasOf({ logitBias }: GenerationParams): Pick<LlamaSampling, "tokenBias"> {
    if (logitBias === undefined) return {};
    const tokenBias = this.#module.TokenBias.for(this.#model);
    for (const [token, logit] of Object.entries(logitBias)) tokenBias.set(Number(token), { logit });
    return { tokenBias };
  }
}

/** The context is never full to its last token, or node-llama-cpp would make room by cutting the prompt. */
const RESERVED = 2;

function tooLong(prompt: number, allowed: number): VerdictError {
  return new VerdictError({
    verdict: "fail",
    code: "CONTEXT_TOO_LONG",
    message: `The prompt has ${prompt} tokens, and the context of a request ${allowed}`,
    contextSize: { allowed, prompt },
  });
}

function turnOf({ role, content }: Message): LlamaTurn {
  return role === "assistant" ? { type: "model", response: [content] } : { type: role, text: content };
}

type Sampling = Omit<LlamaSampling, "signal" | "maxTokens" | "grammar" | "tokenBias">;

function samplingOf(params: GenerationParams): Sampling {
  const { temperature, topP, seed, stop, frequencyPenalty = 0, presencePenalty = 0 } = params;
  const isPenal = frequencyPenalty !== 0 || presencePenalty !== 0;
  return {
    ...USUAL_SAMPLING,
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(seed === undefined ? {} : { seed }),
    ...(stop === undefined ? {} : { customStopTriggers: stop }),
    repeatPenalty: isPenal ? { frequencyPenalty, presencePenalty } : false,
    contextShift: { size: 1, strategy: refuseToShift },
  };
}

function refuseToShift(): never {
  throw new Error("the context of the request is full");
}

function readResponse({
  response,
  fullResponse,
  metadata,
}: LlamaResponse): Pick<FunctionCompletion, "text" | "thoughts" | "finishReason"> {
  const thoughts = fullResponse
    .map((part) => (typeof part === "object" && part.type === "segment" ? (part.text ?? "") : ""))
    .join("");
  return {
    text: response,
    ...(thoughts === "" ? {} : { thoughts }),
    finishReason: metadata.stopReason === "maxTokens" ? "length" : "stop",
  };
}
