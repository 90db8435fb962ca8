import { ParrotError, type Row } from "@parallel-parrot/core";
import type { Provider } from "@parallel-parrot/providers";
import { compilePrompt, type PromptTemplate } from "@parallel-parrot/template";
import { isPool } from "@parallel-parrot/transport";

/**
 * Refuses a prompt with images, before the first row, where the provider takes none. Whether a function gives its prompts
 * images is not known beforehand, and the members of a pool may differ: in these cases single rows fail instead.
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
