import { constants } from "node:fs";
import { open, realpath, stat } from "node:fs/promises";
import { relative, resolve, isAbsolute, sep } from "node:path";
import { quote, type ImagePart } from "@parallel-parrot/core";
import { mediaTypeOf } from "./image-media-type.ts";

/** Where image files may be, and how large. */
export interface ImageFolder {
  /** Finds the only folder whose files are read, those of its subfolders too. Absent: no file is. */
  readonly root?: () => Promise<string>;
  /** Most bytes of one file. */
  readonly maxBytes: number;
}

/** Why an image cannot be had; the row fails with it. */
export class ImageError extends Error {
  override readonly name: string = "ImageError";
  /** Whether it is for want of the folder, which every file wants. */
  readonly isAboutFolder: boolean;

  constructor(
    message: string,
    { isAboutFolder = false, cause }: ErrorOptions & { isAboutFolder?: boolean } = {},
  ) {
    super(message, { cause });
    this.isAboutFolder = isAboutFolder;
  }
}

/**
 * Reads an image file below the folder. Links are followed only where they stay in it.
 *
 * @throws ImageError that says what is wrong with the file
 */
export async function readImageFile(
  path: string,
  { root: findRoot, maxBytes }: ImageFolder,
): Promise<ImagePart> {
  if (findRoot === undefined)
    throw new ImageError(
      `${quote(path)} is a file; name the folder that image files may be read from as imageFolder`,
      { isAboutFolder: true },
    );
  const root = await findRoot();
  const file = await realFile(path, root);
  if (!isInside(file, root)) throw new ImageError(`${quote(path)} is outside the folder of images`);
  const bytes = await readBytes(file, path, maxBytes);
  const mediaType = mediaTypeOf(bytes);
  if (mediaType === undefined)
    throw new ImageError(`${quote(path)} is no image; PNG, JPEG, GIF and WebP are read`);
  return { mediaType, data: bytes.toString("base64") };
}

/**
 * A folder without links in its path.
 *
 * @throws ImageError where there is none
 */
export async function realFolder(folder: string): Promise<string> {
  const isAboutFolder = true;
  const root = await realpath(folder).catch((cause: unknown) => {
    throw new ImageError(`the folder of images ${quote(folder)} cannot be read`, { cause, isAboutFolder });
  });
  if ((await stat(root)).isDirectory()) return root;
  throw new ImageError(`${quote(folder)} is no folder of images`, { isAboutFolder });
}

async function realFile(path: string, root: string): Promise<string> {
  const file = resolve(root, path);
  // What is outside is not even looked for: a message must not tell whether it exists.
  if (path.includes("\0") || !isInside(file, root))
    throw new ImageError(`${quote(path)} is outside the folder of images`);
  return realpath(file).catch((cause: unknown) => {
    throw new ImageError(`there is no file ${quote(path)} in the folder of images`, { cause });
  });
}

function isInside(file: string, root: string): boolean {
  const path = relative(root, file);
  return path !== "" && path !== ".." && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}

async function readBytes(file: string, path: string, maxBytes: number): Promise<Buffer> {
  // A pipe in the folder must not hang the run, nor a link put there meanwhile lead out of it.
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);
  const handle = await open(file, flags).catch((cause: unknown) => {
    throw new ImageError(`${quote(path)} cannot be read`, { cause });
  });
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new ImageError(`${quote(path)} is no file`);
    if (stat.size > maxBytes)
      throw new ImageError(
        `${quote(path)} has ${stat.size} bytes, and ${maxBytes} are allowed (maxImageBytes)`,
      );
    return await readUpTo(handle, stat.size);
  } finally {
    await handle.close();
  }
}

/** What the file had when it was looked at; one that grows meanwhile stays below the limit. */
async function readUpTo(handle: Awaited<ReturnType<typeof open>>, size: number): Promise<Buffer> {
  const bytes = Buffer.alloc(size);
  let end = 0;
  while (end < size) {
    const { bytesRead } = await handle.read(bytes, end, size - end, end);
    if (bytesRead === 0) break;
    end += bytesRead;
  }
  return bytes.subarray(0, end);
}
