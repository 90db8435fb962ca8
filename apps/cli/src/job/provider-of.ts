import type { Provider } from "@parallel-parrot/providers";
import { ParrotError } from "@parallel-parrot/core";
import { extraBodyOf, type ExtraBodyOptions } from "./extra-body.ts";
import { findModel } from "./find-provider.ts";
import { readText } from "../files/read-text.ts";
import { runKeyCommand } from "../keys/key-command.ts";
import { readHeaders } from "../keys/read-headers.ts";
import { readKeyText } from "../keys/read-key-text.ts";
import { renewingProvider } from "../keys/renewing-provider.ts";

/** The options that say whom to ask. */
export interface ProviderOptions extends ExtraBodyOptions {
  readonly model?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly keyCommand?: string | undefined;
  readonly stream?: boolean | undefined;
  readonly header?: readonly string[] | undefined;
}

/** The key where nothing is sent. */
const NO_KEY = "none";

/** The provider that `--model PROVIDER/MODEL` names. Without `asks` it needs no key. */
export async function providerOf(
  { model = "", baseUrl, keyFile, keyCommand, header = [], stream = false, ...body }: ProviderOptions,
  { asks }: { readonly asks: boolean } = { asks: true },
): Promise<Provider> {
  const { entry, model: name } = findModel(model);
  const variables = entry.keyVariables;
  if (keyFile !== undefined && keyCommand !== undefined) {
    throw new ParrotError(
      "INVALID_OPTION",
      "Cannot take the key from two places: give either --key-file or --key-command",
      { option: "--key-command" },
    );
  }
  const extraBody = extraBodyOf(body);
  const headers = asks ? await readHeaders(header) : {};
  const create = (apiKey: string | undefined): Provider =>
    entry.create({
      model: name,
      ...(baseUrl === undefined ? {} : { baseUrl }),
      ...(extraBody === undefined ? {} : { extraBody }),
      ...headers,
      ...(apiKey === undefined ? {} : { apiKey }),
      ...(stream ? { stream } : {}),
    });
  const fileKey = keyFile === undefined ? undefined : await readKeyFile(keyFile, variables);
  if (!asks) return create(NO_KEY);
  if (keyCommand === undefined) return create(fileKey);
  return renewingProvider({ create, getKey: () => runKeyCommand(keyCommand, variables) });
}

async function readKeyFile(file: string, variables: readonly string[]): Promise<string> {
  const source = `${file}, given as --key-file`;
  return readKeyText(await readText(file, "--key-file"), { source, variables }).key;
}
