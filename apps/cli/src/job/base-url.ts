import { providers } from "@parallel-parrot/providers";

/**
 * The address of a model where `--base-url` is not given; `undefined` for providers that make it of several
 * variables.
 */
export function usualBaseUrl(model = ""): string | undefined {
  const entry = providers.find(({ name }) => model.startsWith(`${name}/`));
  if (entry === undefined) return undefined;
  const set = entry.baseUrlVariables.map((name) => process.env[name]).find((value) => value);
  const hasPlace = entry.placeVariables?.some((name) => process.env[name]) === true;
  return set ?? (hasPlace ? undefined : entry.baseUrl);
}
