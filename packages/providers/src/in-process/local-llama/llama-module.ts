import { messageOf } from "@parallel-parrot/core";
import { fieldsOf } from "../../json-fields.ts";
import { VerdictError } from "../verdict-error.ts";

/** The part of node-llama-cpp that is used here. */
export interface LlamaModule {
  getLlama(options: {
    readonly gpu: "auto" | false;
    readonly build: "never";
    readonly skipDownload: true;
    readonly maxThreads: number;
    readonly logger: (level: string, message: string) => void;
  }): Promise<Llama>;
  readonly LlamaChat: new (options: { readonly contextSequence: LlamaSequence }) => LlamaChat;
  readonly TokenBias: { for(model: LlamaModel): LlamaTokenBias };
}

export interface Llama {
  loadModel(options: { readonly modelPath: string }): Promise<LlamaModel>;
  createGrammarForJsonSchema(schema: object): Promise<LlamaGrammar>;
  getGrammarFor(type: "json"): Promise<LlamaGrammar>;
}

export interface LlamaModel {
  readonly trainContextSize: number;
  readonly tokenizer: LlamaTokenizer;
  createContext(options: {
    readonly sequences: number;
    readonly contextSize: number;
    readonly threads: number;
    readonly failedCreationRemedy: false;
  }): Promise<{ getSequence(): LlamaSequence }>;
}

/** One conversation that the model works on; all sequences of a context are worked on at once. */
export interface LlamaSequence {
  readonly contextSize: number;
  readonly tokenMeter: LlamaTokenMeter;
}

interface LlamaTokenMeter {
  getState(): object;
  diff(state: object): { readonly usedInputTokens: number; readonly usedOutputTokens: number };
}

export interface LlamaChat {
  readonly chatWrapper: {
    generateContextState(options: { readonly chatHistory: readonly LlamaTurn[] }): {
      readonly contextText: { tokenize(tokenizer: LlamaTokenizer): readonly unknown[] };
    };
  };
  generateResponse(history: readonly LlamaTurn[], options: LlamaSampling): Promise<LlamaResponse>;
}

export type LlamaTurn =
  | { readonly type: "system" | "user"; readonly text: string }
  | { readonly type: "model"; readonly response: readonly string[] };

export interface LlamaSampling {
  readonly signal: AbortSignal;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  readonly minP: number;
  readonly seed?: number;
  readonly grammar?: LlamaGrammar;
  readonly customStopTriggers?: readonly string[];
  readonly repeatPenalty: false | { readonly frequencyPenalty: number; readonly presencePenalty: number };
  readonly tokenBias?: LlamaTokenBias;
  readonly contextShift: { readonly size: number; readonly strategy: () => never };
}

export interface LlamaResponse {
  /** The text without the thoughts. */
  readonly response: string;
  readonly fullResponse: readonly (string | { readonly type: string; readonly text?: string })[];
  readonly metadata: { readonly stopReason: string };
}

interface LlamaTokenBias {
  set(token: number, bias: { readonly logit: number }): void;
}

/** These are only handed back to node-llama-cpp. */
export type LlamaGrammar = object;
type LlamaTokenizer = object;

/** A name that no bundler sees: one that looked for the package would fail the build of whoever does without. */
const PACKAGE: string = "node-llama-cpp";

/** @throws VerdictError that stops the run and tells what to install */
export async function loadLlamaModule(): Promise<LlamaModule> {
  try {
    const module: unknown = await import(PACKAGE);
    return module as LlamaModule;
  } catch (error) {
    const isMissing = fieldsOf(error)["code"] === "ERR_MODULE_NOT_FOUND";
    const why = isMissing ? "it is not installed beside parallel-parrot" : messageOf(error);
    const message = `A model in this process needs the package ${PACKAGE}: ${why}; run npm install ${PACKAGE} (or npm install --global, where parrot is)`;
    throw new VerdictError({ verdict: "stop", code: "SETUP_FAILED", message }, error);
  }
}
