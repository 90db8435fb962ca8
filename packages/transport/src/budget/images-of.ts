import type { Call } from "@parallel-parrot/providers";

/** How many images a prompt has, and how many characters their bytes take in the body of the request. */
export function imagesOf({ prompt }: Call): { readonly count: number; readonly characters: number } {
  let count = 0;
  let characters = 0;
  for (const { images } of prompt.messages) {
    if (images === undefined) continue;
    for (const image of images) {
      count += 1;
      if ("data" in image) characters += image.data.length;
    }
  }
  return { count, characters };
}
