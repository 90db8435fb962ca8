import { ParrotError } from "@parallel-parrot/core";
import type { Provider } from "@parallel-parrot/providers";

/** @throws ParrotError `INVALID_OPTION` where the prompt has images and the provider takes none */
export function requireImages(
  { imageColumn = [] }: { readonly imageColumn?: readonly string[] | undefined },
  { name, capabilities }: Pick<Provider, "name" | "capabilities">,
): void {
  if (imageColumn.length === 0 || capabilities.images.length > 0) return;
  throw new ParrotError(
    "INVALID_OPTION",
    `Cannot ask ${name} about images: it takes none; leave --image-column out or name another provider (parrot providers lists those that take images)`,
    { option: "--image-column" },
  );
}
