/** Prints how much of a limit real processes use together, and how much is refused. `print-processes.ts [seconds]` */
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { createServerWindow } from "../../limiter/simulation/server-window.ts";
import { startPostgres } from "../fixtures/start-postgres.ts";

const seconds = Number(process.argv[2] ?? 15);
const SKIP = 3;
const program = join(import.meta.dirname, "../fixtures/limit-process.ts");

await using postgres = await startPostgres();
for (const perSecond of [100, 1000]) for (const processes of [1, 4]) await measure(perSecond, processes);

async function measure(perSecond: number, processes: number): Promise<void> {
  const window = createServerWindow("short bucket", 60 * perSecond, 0);
  const bySecond: number[] = [];
  let firstAt: number | undefined;
  let refused = 0;
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    createInterface({ input: socket }).on("line", () => {
      const now = performance.now();
      firstAt ??= now;
      const isLetIn = window.wait(1, now) === 0;
      if (isLetIn) {
        window.take(1, now);
        const second = Math.floor((now - firstAt) / 1000);
        bySecond[second] = (bySecond[second] ?? 0) + 1;
      } else refused += 1;
      socket.write(isLetIn ? "1\n" : "0\n");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const sent = await Promise.all(
    Array.from({ length: processes }, () => run([postgres.url, port, perSecond, seconds].map(String))),
  );
  server.close();
  const counted = bySecond.slice(SKIP, seconds - 1);
  const use = counted.reduce((sum, count) => sum + count, 0) / (counted.length * perSecond);
  const all = sent.reduce((sum, count) => sum + count, 0);
  console.log(
    `${perSecond}/s, ${processes} processes: ${(100 * use).toFixed(1)} % used, ${((100 * refused) / all).toFixed(2)} % refused, sent ${sent.join(", ")}`,
  );
}

function run(args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--conditions=@parallel-parrot/source", program, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
    child.once("error", reject);
    child.once("exit", (code) =>
      code === 0 ? resolve(Number(text)) : reject(new Error(`it ended with ${code}`)),
    );
  });
}
