import type { SimImage } from "../dialect.ts";

/** An image by its URL, which may hold it. */
export function imageOfUrl(url: string): SimImage {
  const mediaType = /^data:([\w.+/-]+)/i.exec(url)?.[1];
  if (mediaType !== undefined) return { mediaType };
  const host = URL.canParse(url) ? new URL(url).host : "";
  return host === "" ? {} : { host };
}

/** How the base64 of each kind of image begins. */
const BEGINNINGS: Readonly<Record<string, string>> = {
  iVBORw0KGgo: "image/png",
  "/9j/": "image/jpeg",
  R0lGOD: "image/gif",
  UklGR: "image/webp",
};

/** An image in base64 by how it begins; `undefined` where it is none. */
export function imageOfBase64(data: string): SimImage | undefined {
  const known = Object.entries(BEGINNINGS).find(([beginning]) => data.startsWith(beginning));
  return known === undefined ? undefined : { mediaType: known[1] };
}
