import { aText, wholeNumber, type OptionChecks } from "@parallel-parrot/core";
import type { ImageOptions } from "./image-stream.ts";

/** The checks of the options for images. */
export const IMAGE_OPTIONS: OptionChecks<ImageOptions> = {
  imageFolder: aText,
  maxImageBytes: wholeNumber(1),
};
