import { openai, OPENAI } from "./openai.ts";
import type { ProviderEntry } from "./provider-info.ts";

/** Every provider that can be chosen by name, in the order to show them. */
export const providers: readonly ProviderEntry[] = [{ ...OPENAI, create: openai }];
