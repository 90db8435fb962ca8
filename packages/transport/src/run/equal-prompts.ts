import { hash } from "node:crypto";
import type { ImagePart, Prompt } from "@parallel-parrot/core";
import { Occurrences } from "@parallel-parrot/journal";

/**
 * Counts equal prompts as `completionStream` does: exactly, and in constant memory. Two prompts are equal when they
 * have the same messages with the same images.
 */
export class EqualPrompts {
  readonly #occurrences = new Occurrences();

  /**
   * How many prompts before this one were equal to it.
   *
   * @throws ParrotError `JOURNAL_FAILED` where the folder for temporary files has no room, or may not be written to
   */
  next(prompt: Prompt): number {
    return this.#occurrences.next(saidIn(prompt));
  }

  /** How many different prompts there were so far. */
  get distinct(): number {
    return this.#occurrences.distinct;
  }

  /** Removes the temporary file. */
  close(): void {
    this.#occurrences.close();
  }
}

/** A hash that tells a prompt from all others. */
export function promptHash(prompt: Prompt): string {
  return hash("sha256", saidIn(prompt), "base64url");
}

function saidIn({ messages }: Prompt): string {
  return JSON.stringify(
    messages.map(({ role, content, images = [] }) => [role, content, ...images.map(imageText)]),
  );
}

/** A short text for an image; one that is given by its bytes is hashed, as they may be megabytes. */
function imageText(image: ImagePart): readonly string[] {
  return "url" in image ? [image.url] : [image.mediaType, hash("sha256", image.data, "base64url")];
}
