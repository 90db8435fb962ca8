import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const PACKAGE = dirname(import.meta.dirname);
let folder: string;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "parrot-valibot-")));
  await cp(join(PACKAGE, "src"), join(folder, "src"), { recursive: true });
  await cp(join(PACKAGE, "package.json"), join(folder, "package.json"));
  const { default: manifest } = await import("../package.json", { with: { type: "json" } });
  // All that the package needs, and valibot without its converter.
  for (const name of [...Object.keys(manifest.dependencies), "valibot"]) {
    const place = join(folder, "node_modules", name);
    await mkdir(dirname(place), { recursive: true });
    await symlink(await realpath(join(PACKAGE, "node_modules", name)), place);
  }
});
afterAll(() => rm(folder, { recursive: true }));

it("a schema of valibot without its converter is refused with the command that installs it", async () => {
  await writeFile(
    join(folder, "try.ts"),
    `import * as v from "valibot";
     import { listOf, objectOf } from "./src/index.ts";
     const schema = v.object({ name: v.string() });
     const jsonSchema = { type: "object", properties: { name: { type: "string" } } };
     for (const make of [objectOf, listOf]) {
       try {
         make(schema);
         console.log("no error");
       } catch (error) {
         console.log(error.code, error.option, error.message);
       }
     }
     console.log(objectOf(schema, { jsonSchema }).shape.schema.properties);`,
  );
  const parameters = ["--conditions=@parallel-parrot/source", "--no-warnings", join(folder, "try.ts")];
  const { stdout } = await promisify(execFile)(process.execPath, parameters, {
    cwd: folder,
    // Without what the test runner has for looking packages up.
    env: {},
  });
  const refusal = "INVALID_OPTION spec Cannot tell a model what to write: valibot needs another package";
  expect(stdout.trim().split("\n")).toEqual([
    expect.stringContaining(refusal),
    expect.stringContaining("npm install @valibot/to-json-schema"),
    "{ name: { type: 'string' } }",
  ]);
});
