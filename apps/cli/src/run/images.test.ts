// @module-tag slow

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator } from "@parallel-parrot/simulator";
import { expect, it } from "vitest";
import { startParrot } from "../../fixtures/run-parrot.ts";

/** A GIF of one pixel. */
const GIF = Buffer.from("R0lGODlhAQABAAAAACwAAAAAAQABAAA=", "base64");

it("a run sends the image of each row, by its bytes or its address, and tells of one that is missing", async () => {
  await using simulator = await startSimulator();
  const folder = await mkdtemp(join(tmpdir(), "parrot-images-"));
  try {
    await mkdir(join(folder, "photos"));
    await writeFile(join(folder, "photos", "a.gif"), GIF);
    await writeFile(join(folder, "in.csv"), "photo\na.gif\nhttps://example.org/b.png\n../in.csv\n");
    const parameters = [
      "--prompt",
      "What is it?",
      "--image-column",
      "photo",
      "--image-folder",
      "photos",
      "--failed",
      "failed.jsonl",
    ];
    const { code, stderr } = await startParrot(
      [
        "text",
        "in.csv",
        ...parameters,
        "--model",
        "openai/sim",
        "--base-url",
        simulator.baseUrl,
        "-o",
        "o.csv",
      ],
      { OPENAI_API_KEY: simulator.apiKey },
      folder,
    ).finished;
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining("INVALID_IMAGE") });
    const failed = await readFile(join(folder, "failed.jsonl"), "utf8");
    expect(JSON.parse(failed)).toMatchObject({
      message: expect.stringMatching(/row 3, column "photo".*outside/),
    });
    const urls = simulator.ledger.entries.map(({ body }) => JSON.stringify(body));
    expect(urls).toHaveLength(2);
    expect(urls[0]).toContain(`data:image/gif;base64,${GIF.toString("base64")}`);
    expect(urls[1]).toContain("https://example.org/b.png");
  } finally {
    await rm(folder, { recursive: true });
  }
});

it.each([
  ["a provider that takes no images", "deepseek/sim", ["--image-folder", "."], "deepseek about images"],
  ["no folder to read files from", "openai/sim", [], 'row 1, column "photo": "a.gif" is a file'],
  ["a folder that is not there", "openai/sim", ["--image-folder", "no"], 'the image folder "no"'],
])("a run with images says at once, and once, that there is %s", async (_, model, more, message) => {
  await using simulator = await startSimulator();
  const folder = await mkdtemp(join(tmpdir(), "parrot-images-"));
  try {
    await writeFile(join(folder, "in.csv"), "photo\na.gif\nb.gif\n");
    const job = ["text", "in.csv", "--prompt", "What?", "--image-column", "photo", "-o", "o.csv", ...more];
    const { code, stderr } = await startParrot(
      [...job, "--model", model, "--base-url", simulator.baseUrl],
      { OPENAI_API_KEY: simulator.apiKey },
      folder,
    ).finished;
    expect({ code, told: stderr.match(/^parrot: /gm)?.length }).toEqual({ code: 2, told: 1 });
    expect(stderr).toContain(message);
    expect(simulator.ledger.received).toBe(0);
    expect(await readdir(folder)).not.toContain("o.csv");
  } finally {
    await rm(folder, { recursive: true });
  }
});
