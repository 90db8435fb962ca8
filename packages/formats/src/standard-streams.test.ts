import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const INDEX = JSON.stringify(new URL("index.ts", import.meta.url).href);
const NODE = ["--no-warnings", "--conditions=@parallel-parrot/source", "--input-type=module", "--eval"];

describe("standard streams", () => {
  it("standard input and output are read and written under the name -", async () => {
    const script = `
      import { openSink, openSource } from ${INDEX};
      await openSource("-", { format: "csv" }).pipeTo(await openSink("-", { format: "jsonl" }));
      console.log("still open");
    `;
    const run = promisify(execFile)(process.execPath, [...NODE, script]);
    run.child.stdin?.end("a,b\n1,2\n3,4\n");
    expect(await run).toEqual({
      stdout: '{"a":"1","b":"2"}\n{"a":"3","b":"4"}\nstill open\n',
      stderr: "",
    });
  });

  it("an error of standard input names the line of bad input", async () => {
    const script = `
      import { openSource } from ${INDEX};
      try { for await (const row of openSource("-", { format: "jsonl" })); } catch (error) { console.log(error.message); }
    `;
    const run = promisify(execFile)(process.execPath, [...NODE, script]);
    run.child.stdin?.end("{}\n[]\n");
    expect((await run).stdout).toBe("Cannot read standard input, line 2: expected an object, got an array\n");
  });

  it("standard input ends when its reader needs no more", async () => {
    const script = `
      import { openSource } from ${INDEX};
      for await (const row of openSource("-", { format: "jsonl" })) { console.log(row.a); break; }
    `;
    const run = spawn(process.execPath, [...NODE, script], { stdio: ["pipe", "pipe", "inherit"] });
    const stdout = text(run.stdout);
    // Never ended: the process must go although more could come.
    run.stdin.write('{"a":1}\n');
    const [code] = (await once(run, "exit")) as [number];
    expect(code).toBe(0);
    expect(await stdout).toBe("1\n");
    run.stdin.destroy();
  });

  it.skipIf(process.platform !== "linux")(
    "standard output says so when the disk behind it is full",
    async () => {
      const script = `
      import { openSink } from ${INDEX};
      const writer = (await openSink("-", { format: "jsonl" })).getWriter();
      try { await writer.write({ a: 1 }); await writer.close(); } catch ({ code, message }) { console.error(code, message); }
    `;
      const full = await open("/dev/full", "w");
      const run = spawn(process.execPath, [...NODE, script], { stdio: ["ignore", full.fd, "pipe"] });
      expect(run.stderr && (await text(run.stderr))).toBe(
        "OUTPUT_UNWRITABLE Cannot write standard output: ENOSPC: no space left on device, write\n",
      );
      await full.close();
    },
  );

  it("standard output reports a reader that is gone as EPIPE, with no uncaught error", async () => {
    const script = `
      import { openSink } from ${INDEX};
      const rows = new ReadableStream({ pull: (controller) => controller.enqueue({ text: "x".repeat(10_000) }) });
      try {
        await rows.pipeTo(await openSink("-", { format: "jsonl" }));
      } catch (error) {
        process.stderr.write(String(error.code));
        process.exitCode = 7;
      }
    `;
    const run = spawn(process.execPath, [...NODE, script]);
    const stderr = text(run.stderr);
    await once(run.stdout, "data");
    run.stdout.destroy();
    expect(await once(run, "exit")).toEqual([7, null]);
    expect(await stderr).toBe("EPIPE");
  });
});
