import type { ImagePart } from "@parallel-parrot/core";

/** An image as a template names it: an address, or a file that is still to be read. */
export interface ImageReference {
  readonly url: string;
  /** The columns that it was made of, in quotes, for messages. */
  readonly columns: string;
}

/** The columns that an image was made of; empty where they are not known. */
export function imageColumnsOf(image: ImagePart): string {
  return "columns" in image && typeof image.columns === "string" ? image.columns : "";
}
