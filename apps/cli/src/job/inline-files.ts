import { providers } from "@parallel-parrot/providers";
import type { GenerateOptions } from "./plan.ts";
import { readText } from "../files/read-text.ts";

type Given = GenerateOptions & { readonly schema?: string | undefined };

/**
 * Options with what they take from files and from the environment: a run that is taken up again, perhaps in
 * another terminal, must not find them changed. Keys are no part of it.
 */
export async function inlineFiles<T extends Given>(
  options: T,
): Promise<T & { readonly promptText?: string; readonly schemaText?: string }> {
  const { promptFile, schema } = options;
  const baseUrl = options.baseUrl ?? usualBaseUrl(options.model);
  return {
    ...options,
    ...(promptFile === undefined ? {} : { promptText: await readText(promptFile, "--prompt-file") }),
    ...(schema === undefined ? {} : { schemaText: await readText(schema, "--schema") }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
  };
}

/** Where a model is asked without `--base-url`; `undefined` where that takes more to tell. */
export function usualBaseUrl(model = ""): string | undefined {
  const entry = providers.find(({ name }) => model.startsWith(`${name}/`));
  const set = entry?.baseUrlVariables.map((name) => process.env[name]).find((value) => value);
  return set ?? entry?.baseUrl;
}
