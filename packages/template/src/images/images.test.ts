import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readAll, sourceOf } from "@parallel-parrot/core/testing";
import type { Failed, Prompted, Row } from "@parallel-parrot/core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { promptStream, type ImageOptions } from "../index.ts";

const PNG = Buffer.from("\x89PNG\r\n\x1A\npixels", "latin1");
let base: string;
let folder: string;

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), "images-")));
  folder = join(base, "photos");
  await mkdir(join(folder, "sub"), { recursive: true });
  await writeFile(join(base, "secret.png"), PNG);
  await mkdir(join(base, "photos-2"));
  await writeFile(join(base, "photos-2", "a.png"), PNG);
  await writeFile(join(folder, "a.png"), PNG);
  await writeFile(join(folder, "sub", "b.txt"), Buffer.from("\xFF\xD8\xFFpixels", "latin1"));
  await writeFile(join(folder, "note.png"), "no image at all");
  await symlink(join(base, "secret.png"), join(folder, "out.png"));
  await symlink(join(folder, "a.png"), join(folder, "in.png"));
});
afterAll(() => rm(base, { recursive: true }));

async function ask(photos: unknown[], options: ImageOptions = { imageFolder: folder }) {
  const rows: Row[] = photos.map((photo) => ({ photo }));
  const stage = promptStream<Row>({ user: "What is it?", images: ["${photo}"] }, options);
  return readAll<Prompted | Failed>(sourceOf(rows).pipeThrough(stage));
}

it("image files of the folder are read in the order of the rows, and their type is told by their first bytes", async () => {
  const items = await ask([
    "a.png",
    "sub/b.txt",
    "in.png",
    join(folder, "a.png"),
    "https://example.org/c.png",
  ]);
  const images = items.map((item) => ("prompt" in item ? item.prompt.messages[0]?.images : item.failure));
  const png = [{ mediaType: "image/png", data: PNG.toString("base64") }];
  expect(images).toEqual([
    png,
    [{ mediaType: "image/jpeg", data: Buffer.from("\xFF\xD8\xFFpixels", "latin1").toString("base64") }],
    png,
    png,
    [{ url: "https://example.org/c.png" }],
  ]);
});

it.each([
  ["../secret.png", /outside the image folder/],
  ["sub/../../secret.png", /outside the image folder/],
  ["../photos-2/a.png", /outside the image folder/],
  ["/etc/hostname", /outside the image folder/],
  ["out.png", /outside the image folder/],
  ["a.png\0.txt", /outside the image folder/],
  [".", /outside the image folder/],
  ["sub", /is not a file/],
  ["none.png", /there is no file "none\.png"/],
  ["note.png", /is not a PNG, JPEG, GIF or WebP image/],
  ["", /address or path is empty/],
  ["http://example.org/a.png", /must begin with https:/],
  ["file:///etc/hostname", /begins with file:/],
])(
  "an image that cannot be read fails the row of %j alone, naming row and column",
  async (photo, message) => {
    const [first, second] = await ask(["a.png", photo]);
    expect(first).toHaveProperty("prompt");
    expect(second).toMatchObject({ index: 1, failure: { stage: "template", code: "INVALID_IMAGE" } });
    const text = second !== undefined && "failure" in second ? second.failure.message : "";
    expect(text).toMatch(/^Cannot get the image of row 2, column "photo": /);
    expect(text).toMatch(message);
  },
);

it("an image file is not read where it is too large, nor any without a folder", async () => {
  expect(await ask(["a.png"], { imageFolder: folder, maxImageBytes: PNG.length })).toMatchObject([
    { prompt: {} },
  ]);
  expect(await ask(["a.png"], { imageFolder: folder, maxImageBytes: PNG.length - 1 })).toMatchObject([
    { failure: { message: expect.stringContaining(`has ${PNG.length} bytes`) } },
  ]);
  expect(await ask(["https://example.org/a.png", "a.png"], {})).toMatchObject([
    { prompt: {} },
    { failure: { code: "INVALID_IMAGE", message: expect.stringContaining("imageFolder") } },
  ]);
});

it.each([
  [{}, /row 2, column "photo": "a\.png" is a file, and files are read only from a folder .* imageFolder$/],
  [{ imageFolder: "nowhere" }, /row 2, column "photo": the image folder "nowhere" cannot be read$/],
  [{ imageFolder: import.meta.filename }, /row 2, column "photo": the image folder ".*" is not a folder$/],
])("the run fails at the first image file where none can be read, with %j", async (options, message) => {
  await expect(ask(["", "a.png", "b.png"], options)).rejects.toMatchObject({
    code: "INVALID_OPTION",
    row: 1,
    option: "imageFolder",
    message: expect.stringMatching(message),
  });
});

it("images are refused in a message that is not the user's, and a missing column is found", async () => {
  const messages = [
    { role: "assistant", content: "x", images: ["$photo"] },
    { role: "user", content: "y" },
  ] as const;
  expect(() => promptStream({ messages })).toThrow("only user messages can have images");
  const run = readAll(
    sourceOf<Row>([{ foto: 1 }]).pipeThrough(promptStream({ user: "x", images: ["$photo"] })),
  );
  await expect(run).rejects.toMatchObject({ code: "MISSING_COLUMN", column: "photo" });
});
