import { ParrotError, type Row } from "@parallel-parrot/core";
import type { Provider } from "@parallel-parrot/providers";
import { compilePrompt, type PromptTemplate } from "@parallel-parrot/template";
import { isPool } from "@parallel-parrot/transport";

/**
 * Tells before the first row that no row could be asked. A function that makes prompts may or may not give them
 * images, and a pool has members of several kinds: there each row tells.
 *
 * @throws ParrotError `INVALID_OPTION` where the prompt has images and the provider takes none
 */
export function requireImages<R extends Row>(provider: Provider, prompt: PromptTemplate<R>): void {
  if (provider.capabilities.images.length > 0 || isPool(provider) || !compilePrompt<R>(prompt).hasImages)
    return;
  throw new ParrotError("INVALID_OPTION", `Cannot ask ${provider.name} about images: it takes none`, {
    option: "prompt",
  });
}
