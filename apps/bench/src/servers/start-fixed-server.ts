import { join } from "node:path";
import type { Answers } from "./answers.ts";
import type { BenchServer } from "./bench-server.ts";
import { forkServer } from "./fork-server.ts";
import { findNginx, startNginx } from "./nginx.ts";

/** The fastest server there is on this machine that gives a fixed answer. */
export async function startFixedServer(
  folder: string,
  answers: Answers = { isTls: false },
): Promise<BenchServer> {
  const nginx = findNginx();
  if (nginx !== undefined) return await startNginx(nginx, folder, answers);
  const server = await forkServer(
    join(import.meta.dirname, "fixed-server-process.ts"),
    answers,
    "a server of our own with a fixed answer; nginx would be faster (Debian: apt-get install nginx-light)",
  );
  return answers.isTls ? { ...server, baseUrl: server.baseUrl.replace("http:", "https:") } : server;
}
