import { providers } from "@parallel-parrot/providers";

/**
 * The address of a model where `--base-url` is not given; `undefined` for providers that make it of several
 * variables.
 */
export function usualBaseUrl(model = ""): string | undefined {
  const entry = providers.find(({ name }) => model.startsWith(`${name}/`));
  const set = entry?.baseUrlVariables.map((name) => process.env[name]).find((value) => value);
  return set ?? entry?.baseUrl;
}
