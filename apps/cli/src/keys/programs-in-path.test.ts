import { spawnSync } from "node:child_process";
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findProgramsInPathAlone } from "./programs-in-path.ts";

describe("findProgramsInPathAlone", () => {
  it("on Windows alone the variable is set that keeps the current folder out of the search for programs", () => {
    const [windows, linux]: NodeJS.ProcessEnv[] = [{}, {}];
    findProgramsInPathAlone(windows, "win32");
    findProgramsInPathAlone(linux, "linux");
    expect([windows, linux]).toEqual([{ NoDefaultCurrentDirectoryInExePath: "1" }, {}]);
  });

  it.runIf(process.platform === "win32")(
    "a program that a stranger has put into the current folder is not the one that is started by its name",
    async () => {
      findProgramsInPathAlone();
      const folder = await mkdtemp(join(tmpdir(), "parrot-programs-"));
      try {
        await copyFile(process.execPath, join(folder, "planted.exe"));
        for (const shell of [false, true]) {
          const started = spawnSync("planted", ["--version"], { cwd: folder, shell, encoding: "utf8" });
          expect(started.stdout ?? "").toBe("");
        }
      } finally {
        await rm(folder, { recursive: true });
      }
    },
  );
});
