import {
  faultOf,
  isFailed,
  mapConcurrentStream,
  NO_USAGE,
  ParrotError,
  rowName,
  type Failed,
  type ImagePart,
  type Message,
  type Prompted,
  type Row,
  type Stage,
} from "@parallel-parrot/core";
import { ImageError, readImageFile, realFolder, type ImageFolder } from "./image-file.ts";
import { imageColumnsOf } from "./image-reference.ts";

/** Which image files prompts may have. */
export interface ImageOptions {
  /** The only folder whose files are read, with its subfolders. @default no file is read */
  readonly imageFolder?: string;
  /** How many bytes one file may have. @default 20971520 */
  readonly maxImageBytes?: number;
}

/** How many rows have their images read at the same time. */
const CONCURRENCY = 4;
/** While the rows and images in this stage have more bytes than this, no more files are read. */
const WINDOW_BYTES = 64 * 2 ** 20;

/**
 * Reads the image files of prompts; addresses stay as they are. A row whose image cannot be read fails. Without the
 * folder every row would fail, so where the first row that names a file has none, the run fails.
 */
export function imageStream<R extends Row>(
  options: ImageOptions,
): Stage<Prompted<R> | Failed<R>, Prompted<R> | Failed<R>> {
  const folder = folderOf(options);
  let hasGoneOn = false;
  async function withImages(item: Prompted<R> | Failed<R>): Promise<Prompted<R> | Failed<R>> {
    if (isFailed<R>(item)) return item;
    // Decided before anything is awaited, and so in the order of the rows.
    const isFirst = !hasGoneOn;
    hasGoneOn ||= item.prompt.messages.every(({ images = [] }) => images.every(isAddress));
    try {
      const messages = await readImages(item.prompt.messages, folder);
      hasGoneOn = true;
      return { ...item, prompt: { ...item.prompt, messages } };
    } catch (error) {
      if (!(error instanceof ImageError)) return faultOf<R>(item, "template", error);
      const { index, row } = item;
      const message = `Cannot get the image of ${rowName(index)}${error.message}`;
      if (error.isAboutFolder && isFirst)
        throw new ParrotError("INVALID_OPTION", message, { cause: error, row: index, option: "imageFolder" });
      const code = "INVALID_IMAGE";
      return { index, row, failure: { stage: "template", code, message, attempts: 0, usage: NO_USAGE } };
    }
  }
  return mapConcurrentStream(withImages, {
    concurrency: CONCURRENCY,
    window: 16,
    windowBytes: WINDOW_BYTES,
    sizeOf: imageBytes,
  });
}

function isAddress(image: ImagePart): boolean {
  return !("url" in image) || /^https:\/\//i.test(image.url);
}

function folderOf({ imageFolder, maxImageBytes: maxBytes = 20 * 2 ** 20 }: ImageOptions): ImageFolder {
  if (imageFolder === undefined) return { maxBytes };
  let root: Promise<string> | undefined;
  return { maxBytes, root: () => (root ??= realFolder(imageFolder)) };
}

async function readImages(messages: readonly Message[], folder: ImageFolder): Promise<readonly Message[]> {
  const read: Message[] = [];
  for (const message of messages) {
    const { images } = message;
    read.push(images === undefined ? message : { ...message, images: await readAll(images, folder) });
  }
  return read;
}

async function readAll(images: readonly ImagePart[], folder: ImageFolder): Promise<readonly ImagePart[]> {
  const read: ImagePart[] = [];
  for (const image of images) {
    try {
      read.push(await readOne(image, folder));
    } catch (error) {
      if (!(error instanceof ImageError)) throw error;
      const columns = imageColumnsOf(image);
      throw new ImageError(`${columns === "" ? "" : `, column ${columns}`}: ${error.message}`, {
        cause: error,
        isAboutFolder: error.isAboutFolder,
      });
    }
  }
  return read;
}

async function readOne(image: ImagePart, folder: ImageFolder): Promise<ImagePart> {
  if (!("url" in image)) return image;
  const { url } = image;
  if (isAddress(image)) return { url };
  if (url.trim() === "") throw new ImageError("the image's address or path is empty");
  const [, scheme] = /^([a-z][a-z\d+.-]+):/i.exec(url) ?? [];
  if (scheme !== undefined)
    throw new ImageError(`an image's address must begin with https:, and this one begins with ${scheme}:`);
  return readImageFile(url, folder);
}

function imageBytes(item: Prompted | Failed): number {
  if (isFailed(item)) return 0;
  let bytes = 0;
  for (const { images = [] } of item.prompt.messages)
    for (const image of images) bytes += "data" in image ? image.data.length : image.url.length;
  return bytes;
}
