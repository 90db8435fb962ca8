import { link, mkdir, mkdtemp, open, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileId } from "./file-id.ts";

let folder: string;
const at = (name: string): string => join(folder, name);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-file-id-"));
  await mkdir(at("deep"));
  await writeFile(at("in.csv"), "a\n1\n");
  await writeFile(at("other.csv"), "a\n1\n");
  await symlink("in.csv", at("link.csv"));
  await symlink("nothing.csv", at("dangling.csv"));
  await symlink("deep", at("shallow"));
  await link(at("in.csv"), at("hard.csv"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("fileId", () => {
  it.each([
    ["in.csv", "in.csv"],
    ["in.csv", "deep/../in.csv"],
    ["in.csv", "./in.csv"],
    ["in.csv", "link.csv"],
    ["in.csv", "hard.csv"],
    ["hard.csv", "link.csv"],
    ["nothing.csv", "dangling.csv"],
    ["deep/new.csv", "shallow/new.csv"],
    ["nowhere/new.csv", "nowhere/deep/../new.csv"],
  ])("fileId is one for %s and %s", async (one, other) => {
    expect(await fileId(at(one))).toBe(await fileId(`${folder}/${other}`));
    expect(await fileId(at(one))).not.toBe(undefined);
  });

  it.each([
    ["in.csv", "other.csv"],
    ["in.csv", "nothing.csv"],
    ["dangling.csv", "deep/nothing.csv"],
  ])("fileId is another for %s and %s", async (one, other) => {
    expect(await fileId(at(one))).not.toBe(await fileId(at(other)));
  });

  it("fileId of an open file is that of its path, and there is none for what is no file", async () => {
    const handle = await open(at("in.csv"));
    expect(await fileId(handle.fd)).toBe(await fileId(at("in.csv")));
    await handle.close();
    expect(await fileId(at("deep"))).toBe(undefined);
    expect(await fileId("/dev/null")).toBe(undefined);
  });
});
