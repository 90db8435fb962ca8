import type { ImagePart, Message } from "@parallel-parrot/core";
import { PromptError } from "./prompt-error.ts";
import type { ProviderInfo } from "../provider-info.ts";

/** Whether a prompt has images, or empty lists of them. */
export function hasImages(messages: readonly Message[]): boolean {
  return messages.some(({ images }) => images !== undefined);
}

/** An image as a URL, which holds the bytes (`data:`) if the image is given by them. */
export function imageUrl(image: ImagePart): string {
  return "url" in image ? image.url : `data:${image.mediaType};base64,${image.data}`;
}

/**
 * Checks that a provider accepts the images of a prompt.
 *
 * @throws PromptError that names the message and the image
 */
export function checkImages(
  messages: readonly Message[],
  { displayName, capabilities }: Pick<ProviderInfo, "displayName" | "capabilities">,
): void {
  const accepted = capabilities.images;
  for (const [position, { role, images = [] }] of messages.entries()) {
    for (const [number, image] of images.entries()) {
      const refuse = (reason: string): never => {
        throw new PromptError(`Cannot send messages[${position}].images[${number}]: ${reason}`);
      };
      if (role !== "user") refuse(`only user messages can have images, and this is a ${role} message`);
      if (accepted.length === 0) refuse(`${displayName} takes no images`);
      if ("url" in image) {
        if (!/^https?:\/\//i.test(image.url))
          refuse("its url is not an http or https address; give the bytes as { mediaType, data }");
        if (!accepted.includes("url"))
          refuse(`${displayName} takes no image by its address, only a file's bytes as { mediaType, data }`);
      } else {
        if (!/^image\/[\w.+-]+$/i.test(image.mediaType))
          refuse(`"${image.mediaType}" is not the media type of an image, such as image/png`);
        if (!accepted.includes("data"))
          refuse(`${displayName} takes no image by its bytes; give its address as { url }`);
      }
    }
  }
}
