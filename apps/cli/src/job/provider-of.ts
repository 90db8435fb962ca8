import type { Provider } from "@parallel-parrot/providers";
import { findModel } from "./find-provider.ts";
import { readText } from "../files/read-text.ts";

/** The options that say whom to ask. */
export interface ProviderOptions {
  readonly model?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** The key where nothing is sent. */
const NO_KEY = "none";

/** The provider that `--model PROVIDER/MODEL` names. Without `asks` it needs no key. */
export async function providerOf(
  { model = "", baseUrl, keyFile }: ProviderOptions,
  { asks }: { readonly asks: boolean } = { asks: true },
): Promise<Provider> {
  const found = findModel(model);
  const fileKey = keyFile === undefined ? undefined : (await readText(keyFile, "--key-file")).trim();
  const apiKey = asks ? fileKey : NO_KEY;
  return found.entry.create({
    model: found.model,
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(apiKey === undefined ? {} : { apiKey }),
  });
}
