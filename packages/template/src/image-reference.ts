import type { ImagePart } from "@parallel-parrot/core";

/** An image as a template names it: an address, or a file that is still to be read. */
export interface ImageReference {
  readonly url: string;
  /** The columns it comes from, quoted, for messages. */
  readonly columns: string;
}

/** The columns that an image comes from; empty where it is not known. */
export function imageColumnsOf(image: ImagePart): string {
  return "columns" in image && typeof image.columns === "string" ? image.columns : "";
}
