import { readFile } from "node:fs/promises";
import { ParrotError } from "@parallel-parrot/core";
import { openai, type Provider } from "@parallel-parrot/providers";

/** The options that say whom to ask. */
export interface ProviderOptions {
  readonly model?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** Stands for the key where nothing is sent. */
const NO_KEY = "none";

type Create = (options: { model: string; baseUrl?: string; apiKey?: string }) => Provider;

const PROVIDERS: Readonly<Record<string, Create>> = { openai };

/** The provider that `--model PROVIDER/MODEL` names. Without `asks` it needs no key. */
export async function providerOf(
  { model = "", baseUrl, keyFile }: ProviderOptions,
  { asks }: { readonly asks: boolean } = { asks: true },
): Promise<Provider> {
  const [, name = "", modelName = ""] = /^([^/]*)\/(.+)$/.exec(model) ?? [];
  const create = PROVIDERS[name];
  if (create === undefined || modelName === "") {
    const known = Object.keys(PROVIDERS).join(", ");
    const given = model === "" ? "no --model was given" : `--model is "${model}"`;
    throw new ParrotError(
      "INVALID_OPTION",
      `Cannot tell whom to ask: ${given}; write --model PROVIDER/MODEL, such as --model openai/gpt-4.1-mini (providers: ${known})`,
      { option: "--model" },
    );
  }
  const fileKey = keyFile === undefined ? undefined : await readKey(keyFile);
  const apiKey = asks ? fileKey : NO_KEY;
  return create({
    model: modelName,
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
