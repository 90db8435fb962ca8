import { hash } from "node:crypto";
import type { ImagePart, Prompt } from "@parallel-parrot/core";

/** A hash that tells a prompt from all others. */
export function promptHash(prompt: Prompt): string {
  return hash("sha256", saidIn(prompt), "base64url");
}

/** What a prompt says, as a text: two prompts are equal when this is. */
export function saidIn({ messages }: Prompt): string {
  return JSON.stringify(
    messages.map(({ role, content, images = [] }) => [role, content, ...images.map(imageText)]),
  );
}

/** A short text for an image; one that is given by its bytes is hashed, as they may be megabytes. */
function imageText(image: ImagePart): readonly string[] {
  return "url" in image ? [image.url] : [image.mediaType, hash("sha256", image.data, "base64url")];
}
