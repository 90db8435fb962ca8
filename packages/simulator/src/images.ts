import type { SimImage } from "./dialect.ts";

/** An image by its URL, which may hold it. */
export function imageOfUrl(url: string): SimImage {
  const mediaType = /^data:([\w.+/-]+)/i.exec(url)?.[1];
  if (mediaType !== undefined) return { mediaType };
  const host = URL.canParse(url) ? new URL(url).host : "";
  return host === "" ? {} : { host };
}

/** A sentence for each image, from what is known of it. */
export function describeImages(images: readonly SimImage[]): string {
  return images.map(describeImage).join(" ");
}

function describeImage({ mediaType, host }: SimImage): string {
  const type = mediaType === undefined ? "" : ` of type ${mediaType}`;
  if (host !== undefined) return `The image${type} comes from ${host}.`;
  return type === "" ? "The image comes from a file." : `The image is${type}.`;
}
