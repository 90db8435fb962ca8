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
  it("is made once, in a file and folder that nobody else can read, and is the same ever after", async () => {
    const first = await secretOf();
    expect(first).toEqual({ secret: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(await secretOf()).toEqual(first);
    expect((await readFile(path())).toString("hex")).toBe(first.secret);
    expect((await stat(path())).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(path()))).mode & 0o777).toBe(0o700);
    expect(await readdir(dirname(path()))).toEqual(["secret"]);
  });

  it("is one, however many first runs there are at once", async () => {
    const secrets = await Promise.all(Array.from({ length: 8 }, () => secretOf()));
    expect(new Set(secrets.map(({ secret }) => secret)).size).toBe(1);
  });

  it("is where XDG_STATE_HOME says, if that is a whole path", async () => {
    const state = join(home, "elsewhere");
    const { secret } = await secretOf({ HOME: home, XDG_STATE_HOME: state });
    expect((await readFile(join(state, "parallel-parrot", "secret"))).toString("hex")).toBe(secret);
    expect((await secretOf({ HOME: home, XDG_STATE_HOME: "relative" })).secret).not.toBe(secret);
  });

  it.each([
    [0o640, "others may read it. If nobody has read it: chmod 600 "],
    [0o604, "others may read it"],
    [0o620, "others may read it"],
  ])("is refused with mode %o", async (mode, message) => {
    await secretOf();
    await chmod(path(), mode);
    await expect(secretOf()).rejects.toThrow(message);
  });

  it("is refused where it is cut short", async () => {
    await secretOf();
    await writeFile(path(), "short");
    await expect(secretOf()).rejects.toThrow("it has 5 bytes where there should be 32. Delete it");
  });

  it("is refused, and not waited for, where it is a pipe", async () => {
    await secretOf();
    await rm(path());
    await run("mkfifo", [path()]);
    await expect(secretOf()).rejects.toThrow("it is not a file. Delete it");
  });

  it.skipIf(!isRoot)(
    "is refused where it is somebody else's, and not made in somebody else's home",
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

  it("is one of the process alone where there is no place for it", async () => {
    await writeFile(join(home, ".local"), "a file in the way");
    const [one, other] = await Promise.all([secretOf(), secretOf()]);
    expect([one.problem, one.secret === other.secret]).toEqual([expect.stringContaining("ENOTDIR"), false]);
  });
});
