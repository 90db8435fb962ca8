import { providers } from "@parallel-parrot/providers";

/** Where a model is asked without `--base-url`; `undefined` where that takes more to tell. */
export function usualBaseUrl(model = ""): string | undefined {
  const entry = providers.find(({ name }) => model.startsWith(`${name}/`));
  const set = entry?.baseUrlVariables.map((name) => process.env[name]).find((value) => value);
  return set ?? entry?.baseUrl;
}
