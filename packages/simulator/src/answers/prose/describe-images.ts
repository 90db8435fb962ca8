import type { SimImage } from "../../dialect.ts";

/** Writes a sentence about each image, from what is known without looking at it. */
export function describeImages(images: readonly SimImage[]): string {
  return images.map(describeImage).join(" ");
}

function describeImage({ mediaType, host }: SimImage): string {
  const type = mediaType === undefined ? "" : ` of type ${mediaType}`;
  if (host !== undefined) return `The image${type} comes from ${host}.`;
  return type === "" ? "The image comes from a file." : `The image is${type}.`;
}
