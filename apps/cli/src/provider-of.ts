import { readFile } from "node:fs/promises";
import { ParrotError } from "@parallel-parrot/core";
import type { Provider } from "@parallel-parrot/providers";
import { findModel } from "./find-provider.ts";

/** The options that say whom to ask. */
export interface ProviderOptions {
  readonly model?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** Stands for the key where nothing is sent. */
const NO_KEY = "none";

/** The provider that `--model PROVIDER/MODEL` names. Without `asks` it needs no key. */
export async function providerOf(
  { model = "", baseUrl, keyFile }: ProviderOptions,
  { asks }: { readonly asks: boolean } = { asks: true },
): Promise<Provider> {
  const found = findModel(model);
  const fileKey = keyFile === undefined ? undefined : await readKey(keyFile);
  const apiKey = asks ? fileKey : NO_KEY;
  return found.entry.create({
    model: found.model,
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(apiKey === undefined ? {} : { apiKey }),
  });
}

async function readKey(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (cause) {
    throw new ParrotError("INPUT_UNREADABLE", `Cannot read the key file ${file}`, {
      cause,
      file,
      option: "--key-file",
    });
  }
}
