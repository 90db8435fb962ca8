import type { SimImage } from "../dialect.ts";

/** What is known about an image by its URL, which may contain the image. */
export function imageOfUrl(url: string): SimImage {
  const mediaType = /^data:([\w.+/-]+)/i.exec(url)?.[1];
  if (mediaType !== undefined) return { mediaType };
  const host = URL.canParse(url) ? new URL(url).host : "";
  return host === "" ? {} : { host };
}

/** The beginnings of images in base64, and their media types. */
const BEGINNINGS: Readonly<Record<string, string>> = {
  iVBORw0KGgo: "image/png",
  "/9j/": "image/jpeg",
  R0lGOD: "image/gif",
  UklGR: "image/webp",
};

/** What is known about an image in base64 by its beginning; `undefined` if it is not an image. */
export function imageOfBase64(data: string): SimImage | undefined {
  const known = Object.entries(BEGINNINGS).find(([beginning]) => data.startsWith(beginning));
  return known === undefined ? undefined : { mediaType: known[1] };
}
