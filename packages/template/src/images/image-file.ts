import { constants } from "node:fs";
import { open, realpath, stat } from "node:fs/promises";
import { relative, resolve, isAbsolute, sep } from "node:path";
import { quote, type ImagePart } from "@parallel-parrot/core";
import { mediaTypeOf } from "./image-media-type.ts";

/** Which files may be read as images. */
export interface ImageFolder {
  /** Finds the only folder whose files are read, with its subfolders. Without it no file is read. */
  readonly root?: () => Promise<string>;
  /** How many bytes one file may have. */
  readonly maxBytes: number;
}

/** Why an image cannot be read. Its row fails with it. */
export class ImageError extends Error {
  override readonly name: string = "ImageError";
  /** Whether the folder is missing, without which no file can be read. */
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
 * Reads an image file from the folder. Symbolic links are followed only to places in the folder.
 *
 * @throws ImageError that says what is wrong with the file
 */
export async function readImageFile(
  path: string,
  { root: findRoot, maxBytes }: ImageFolder,
): Promise<ImagePart> {
  if (findRoot === undefined)
    throw new ImageError(
      `${quote(path)} is a file, and files are read only from a folder that you name with imageFolder`,
      { isAboutFolder: true },
    );
  const root = await findRoot();
  const file = await realFile(path, root);
  if (!isInside(file, root)) throw new ImageError(`${quote(path)} is outside the image folder`);
  const bytes = await readBytes(file, path, maxBytes);
  const mediaType = mediaTypeOf(bytes);
  if (mediaType === undefined) throw new ImageError(`${quote(path)} is not a PNG, JPEG, GIF or WebP image`);
  return { mediaType, data: bytes.toString("base64") };
}

/**
 * The path of a folder with its symbolic links resolved.
 *
 * @throws ImageError where there is none
 */
export async function realFolder(folder: string): Promise<string> {
  const isAboutFolder = true;
  const root = await realpath(folder).catch((cause: unknown) => {
    throw new ImageError(`the image folder ${quote(folder)} cannot be read`, { cause, isAboutFolder });
  });
  if ((await stat(root)).isDirectory()) return root;
  throw new ImageError(`the image folder ${quote(folder)} is not a folder`, { isAboutFolder });
}

async function realFile(path: string, root: string): Promise<string> {
  const file = resolve(root, path);
  // A file outside the folder is not looked for, so that no message tells whether it exists.
  if (path.includes("\0") || !isInside(file, root))
    throw new ImageError(`${quote(path)} is outside the image folder`);
  return realpath(file).catch((cause: unknown) => {
    throw new ImageError(`there is no file ${quote(path)} in the image folder`, { cause });
  });
}

function isInside(file: string, root: string): boolean {
  const path = relative(root, file);
  return path !== "" && path !== ".." && !path.startsWith(`..${sep}`) && !isAbsolute(path);
}

async function readBytes(file: string, path: string, maxBytes: number): Promise<Buffer> {
  // A named pipe in the folder must not block the run, and a link that was put there meanwhile must not be followed.
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);
  const handle = await open(file, flags).catch((cause: unknown) => {
    throw new ImageError(`${quote(path)} cannot be read`, { cause });
  });
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new ImageError(`${quote(path)} is not a file`);
    if (stat.size > maxBytes)
      throw new ImageError(`${quote(path)} has ${stat.size} bytes, and maxImageBytes allows ${maxBytes}`);
    return await readUpTo(handle, stat.size);
  } finally {
    await handle.close();
  }
}

/** Reads as many bytes as the file had when its size was checked, also where it has grown since. */
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
