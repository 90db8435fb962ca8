import { aText, wholeNumber, type OptionChecks } from "@parallel-parrot/core";
import type { ImageOptions } from "./image-stream.ts";

/** The options for images: what there is, and what each may be. */
export const IMAGE_OPTIONS: OptionChecks<ImageOptions> = {
  imageFolder: aText,
  maxImageBytes: wholeNumber(1),
};
