// @module-tag slow
import { execFile } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const isRoot = process.getuid?.() === 0;
const run = promisify(execFile);

let home: string;
const path = (): string => join(home, ".local", "state", "parallel-parrot", "secret");

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "parrot-home-"));
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

interface Told {
  readonly secret: string;
  readonly problem?: string;
}

/** What a process of its own gets, or what it says. */
async function secretOf(environment: Readonly<Record<string, string>> = { HOME: home }): Promise<Told> {
  const script = join(import.meta.dirname, "../../fixtures/print-secret.ts");
  const { stdout } = await run(process.execPath, ["--conditions=@parallel-parrot/source", script], {
    env: environment,
  });
  return JSON.parse(stdout) as Told;
}

describe.skipIf(process.platform === "win32")("the secret of a user", () => {
  it("the user's secret is made once, in a file and folder that nobody else can read, and stays the same", async () => {
    const first = await secretOf();
    expect(first).toEqual({ secret: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(await secretOf()).toEqual(first);
    expect((await readFile(path())).toString("hex")).toBe(first.secret);
    expect((await stat(path())).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(path()))).mode & 0o777).toBe(0o700);
    expect(await readdir(dirname(path()))).toEqual(["secret"]);
  });

  it("many first runs at once make one secret and all use it", async () => {
    const secrets = await Promise.all(Array.from({ length: 8 }, () => secretOf()));
    expect(new Set(secrets.map(({ secret }) => secret)).size).toBe(1);
  });

  it("the user's secret is where XDG_STATE_HOME says, if that is an absolute path", async () => {
    const state = join(home, "elsewhere");
    const { secret } = await secretOf({ HOME: home, XDG_STATE_HOME: state });
    expect((await readFile(join(state, "parallel-parrot", "secret"))).toString("hex")).toBe(secret);
    expect((await secretOf({ HOME: home, XDG_STATE_HOME: "relative" })).secret).not.toBe(secret);
  });

  it.each([
    [0o640, "others may read it. If nobody has read it: chmod 600 "],
    [0o604, "others may read it"],
    [0o620, "others may read it"],
  ])("a secret file with mode %o is refused", async (mode, message) => {
    await secretOf();
    await chmod(path(), mode);
    await expect(secretOf()).rejects.toThrow(message);
  });

  it("a secret file that was cut short is refused", async () => {
    await secretOf();
    await writeFile(path(), "short");
    await expect(secretOf()).rejects.toThrow("it has 5 bytes instead of 32. Delete it");
  });

  it("a pipe in place of the secret file is refused and not waited for", async () => {
    await secretOf();
    await rm(path());
    await run("mkfifo", [path()]);
    await expect(secretOf()).rejects.toThrow("it is not a file. Delete it");
  });

  it.skipIf(!isRoot)(
    "the secret of a user is refused where it is somebody else's, and not made in somebody else's home",
    async () => {
      await secretOf();
      await chown(path(), 54_321, 0);
      await expect(secretOf()).rejects.toThrow("it belongs to another user. Make it yours");
      const other = join(home, "other");
      await mkdir(other);
      await chown(other, 54_321, 0);
      expect((await secretOf({ HOME: other })).problem).toContain("belongs to another user");
      expect(await readdir(other)).toEqual([]);
    },
  );

  it("where no secret file can be made, the secret lasts as long as the process", async () => {
    await writeFile(join(home, ".local"), "a file in the way");
    const [one, other] = await Promise.all([secretOf(), secretOf()]);
    expect([one.problem, one.secret === other.secret]).toEqual([expect.stringContaining("ENOTDIR"), false]);
  });
});
