import { appendFile, link, mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LabelFile } from "./label-file.ts";

let folder: string;
let journal: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parrot-labels-"));
  vi.stubEnv("XDG_STATE_HOME", join(folder, "state"));
  journal = join(folder, "journal.db");
  file = `${journal}.labels.jsonl`;
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const [ONE, TWO] = ["1".repeat(32), "2".repeat(32)];

describe("LabelFile", () => {
  it("labels are there the next time, the latest of each answer, in a file for the user alone", async () => {
    const labels = new LabelFile(journal);
    expect(await labels.list()).toEqual({ labels: new Map() });
    await labels.keep(ONE, { verdict: "bad", note: "‮<b>\n" });
    await labels.keep(TWO, { verdict: "good" });
    await labels.keep(ONE, { verdict: "good" });
    expect((await labels.list()).labels.get(ONE)).toEqual({ verdict: "good" });
    await labels.keep(ONE, {});
    const { labels: kept, note } = await new LabelFile(journal).list();
    expect([[...kept], note]).toEqual([[[TWO, { verdict: "good" }]], undefined]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it("the same map is given until a label is another, by whichever page", async () => {
    const [labels, other] = [new LabelFile(journal), new LabelFile(journal)];
    await labels.keep(ONE, { verdict: "good" });
    const { labels: before } = await labels.list();
    expect((await labels.list()).labels).toBe(before);
    await other.keep(ONE, { verdict: "bad" });
    expect((await labels.list()).labels.get(ONE)).toEqual({ verdict: "bad" });
  });

  it("lines that the user has not signed, changed ones and what is no line are left out, and counted", async () => {
    await new LabelFile(journal).keep(ONE, { verdict: "bad" });
    const line = await readFile(file, "utf8");
    await appendFile(file, line.replace('"bad"', '"good"'));
    await appendFile(file, line.replace(ONE, TWO));
    await appendFile(
      file,
      `{"answer":"${TWO}","at":9e15,"verdict":"good","signature":"00"}\nnot JSON\nnull\n`,
    );
    const { labels, note } = await new LabelFile(journal).list();
    expect([...labels]).toEqual([[ONE, { verdict: "bad" }]]);
    expect(note).toMatch(/^5 lines of .*labels\.jsonl are not signed by you or damaged, and left out$/);
  });

  it("a label that is kept behind a line without an end, as a full disk leaves one, is not lost", async () => {
    await writeFile(file, '{"answer":"');
    const labels = new LabelFile(journal);
    await labels.keep(ONE, { verdict: "bad" });
    const { labels: kept, note } = await labels.list();
    expect([...kept]).toEqual([[ONE, { verdict: "bad" }]]);
    expect(note).toContain("1 line of ");
    expect((await readFile(file, "utf8")).split("\n")).toHaveLength(3);
  });

  it("an earlier label that somebody has put behind a later one does not come back", async () => {
    const clock = vi.spyOn(Date, "now").mockReturnValueOnce(1000).mockReturnValueOnce(2000);
    const labels = new LabelFile(journal);
    await labels.keep(ONE, { verdict: "bad" });
    const earlier = await readFile(file, "utf8");
    await labels.keep(ONE, { verdict: "good" });
    clock.mockRestore();
    await appendFile(file, earlier);
    expect((await labels.list()).labels.get(ONE)).toEqual({ verdict: "good" });
  });

  it.each([
    ["a link", async (path: string) => symlink(join(folder, "precious"), path)],
    ["a second name of another file", async (path: string) => link(join(folder, "precious"), path)],
  ])("%s in the place of the file is neither read nor written", async (_, make) => {
    await writeFile(join(folder, "precious"), "kept\n");
    await make(file);
    const labels = new LabelFile(journal);
    await expect(labels.list()).rejects.toThrow("Cannot use the labels in");
    await expect(labels.keep(ONE, { verdict: "good" })).rejects.toThrow("Cannot use the labels in");
    expect(await readFile(join(folder, "precious"), "utf8")).toBe("kept\n");
  });
});
