import { availableParallelism } from "node:os";
import {
  aText,
  checkOptions,
  oneOf,
  ParrotError,
  required,
  wholeNumber,
  type OptionChecks,
} from "@parallel-parrot/core";
import { allParamsBut } from "../../generation-params.ts";
import type { Provider } from "../../provider.ts";
import type { ProviderInfo } from "../../provider-info.ts";
import { fromEnvironment } from "../../request/credentials.ts";
import { functionProvider } from "../function-provider.ts";
import { LlamaEngine, type EngineOptions } from "./llama-engine.ts";
import { inspectModelFile } from "./model-file.ts";

/** What is known of {@linkcode localLlama} before it is made. */
export const LOCAL_LLAMA: ProviderInfo = {
  name: "local",
  displayName: "a GGUF file, in this process",
  isInProcess: true,
  keyVariables: [],
  needsKey: false,
  baseUrlVariables: [],
  otherVariables: ["LLAMA_ARG_N_PARALLEL", "LLAMA_ARG_CTX_SIZE", "LLAMA_ARG_THREADS"],
  capabilities: {
    nativeN: false,
    json: "schema",
    images: [],
    limits: "none",
    params: allParamsBut("reasoningEffort", "endUser"),
  },
};

/** Options of {@linkcode localLlama}. */
export interface LocalLlamaOptions {
  /** The path of a GGUF file. */
  readonly model: string;
  /** How many requests the model works on at once. @default the variable LLAMA_ARG_N_PARALLEL, else 4 */
  readonly sequences?: number;
  /**
   * The most tokens of a prompt and its answer together.
   * @default the variable LLAMA_ARG_CTX_SIZE, which all sequences share; else what the model takes, and 4096 at most
   */
  readonly contextTokens?: number;
  /** Threads of the processor. @default the variable LLAMA_ARG_THREADS, else one less than there are cores */
  readonly threads?: number;
  /** Whether a graphics card may be used. @default "auto" */
  readonly gpu?: "auto" | false;
}

const OPTIONS: OptionChecks<LocalLlamaOptions> = {
  model: required(aText, "the path of a GGUF file"),
  sequences: wholeNumber(1),
  contextTokens: wholeNumber(1),
  threads: wholeNumber(1),
  gpu: oneOf("auto", false),
};

/**
 * A model of llama.cpp in this process, from a GGUF file: without a server, a key or a network. The package
 * node-llama-cpp has to be installed. The model is loaded at the first request, and stays loaded for as long as the
 * provider is used.
 *
 * A journal knows the model by the content of its file, which may be moved.
 *
 * @throws ParrotError `INVALID_OPTION` where the file is not there or is none of that form
 */
export function localLlama(options: LocalLlamaOptions): Provider {
  checkOptions("localLlama", options, OPTIONS);
  const file = inspectModelFile(options.model);
  const engineOptions = engineOptionsOf(options, file.path);
  let engine: Promise<LlamaEngine> | undefined;
  const provider = functionProvider({
    name: LOCAL_LLAMA.name,
    model: file.name,
    price: { input: 0, output: 0 },
    async complete(request, { signal }) {
      engine ??= LlamaEngine.load(engineOptions);
      return (await engine).complete(request, signal);
    },
  });
  const baseUrl = `local:${file.fingerprint}`;
  return {
    ...provider,
    baseUrl,
    // A grammar enforces the shape; the model sees it in words alone.
    capabilities: LOCAL_LLAMA.capabilities,
    concurrency: engineOptions.sequences,
    buildRequest: (call, amendments) => ({ ...provider.buildRequest(call, amendments), url: baseUrl }),
  };
}

function engineOptionsOf(options: LocalLlamaOptions, path: string): EngineOptions {
  const { gpu = "auto" } = options;
  const sequences = options.sequences ?? countFrom("LLAMA_ARG_N_PARALLEL") ?? 4;
  const shared = countFrom("LLAMA_ARG_CTX_SIZE");
  // The threads of llama.cpp spin while they wait: with one for each core, a busy machine is ten times slower.
  const threads =
    options.threads ?? countFrom("LLAMA_ARG_THREADS") ?? Math.max(1, availableParallelism() - 1);
  const ofEach = shared === undefined ? undefined : Math.max(1, Math.floor(shared / sequences));
  return { path, sequences, contextTokens: options.contextTokens ?? ofEach, threads, gpu };
}

/** The number in a variable of llama.cpp's own; it counts 0 as not set, and -1 as its own choice. */
function countFrom(variable: string): number | undefined {
  const text = fromEnvironment([variable])?.trim();
  if (text === undefined || text === "0" || text === "-1") return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new ParrotError("INVALID_OPTION", `Cannot use "${text}", which is set as ${variable}, as a number`, {
    option: variable,
  });
}
