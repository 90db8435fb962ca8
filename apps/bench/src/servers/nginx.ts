import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { answerBody, FUNCTION_ANSWER_BODY, FUNCTION_ANSWER_PATH } from "../answer.ts";
import { MORE_HEADERS, type Answers } from "./answers.ts";
import { CERTIFICATE, CERTIFICATE_KEY } from "./certificate.ts";
import { freePort } from "./free-port.ts";
import type { BenchServer } from "./bench-server.ts";

/** Where nginx is on this machine, if it is. */
export function findNginx(): string | undefined {
  const folders = [
    "/usr/sbin",
    "/usr/local/sbin",
    "/opt/homebrew/bin",
    ...(process.env["PATH"] ?? "").split(delimiter),
  ];
  return folders.map((folder) => join(folder, "nginx")).find((path) => existsSync(path));
}

/** One nginx process with a fixed answer to everything, on loopback. */
export async function startNginx(nginx: string, folder: string, answers: Answers): Promise<BenchServer> {
  const port = await freePort();
  const home = join(folder, "nginx");
  await mkdir(home, { recursive: true });
  const config = join(home, "nginx.conf");
  await writeFile(config, configure(port, home, answers));
  const server = spawn(nginx, ["-p", home, "-c", config, "-e", "stderr"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  await waitUntilUp(port, () => server.exitCode !== null);
  return {
    name: "nginx with a fixed answer, one process",
    baseUrl: `http${answers.isTls ? "s" : ""}://127.0.0.1:${port}/v1`,
    async stop() {
      const exit = once(server, "exit");
      server.kill();
      await exit;
    },
  };
}

/** Text between quotes of nginx's configuration. */
function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/** A longer parameter is more than nginx takes. */
const PIECE_LENGTH = 2000;

/** A response with a body of any length, put together from pieces. */
function respond(body: string): string {
  const pieces = body.match(new RegExp(`.{1,${PIECE_LENGTH}}`, "gsu")) ?? [];
  return [
    ...pieces.map((piece, number) => `set $piece${number} ${quote(piece)};`),
    `return 200 "${pieces.map((_, number) => `\${piece${number}}`).join("")}";`,
  ].join("\n      ");
}

function configure(port: number, home: string, { bytes, isTls }: Answers): string {
  const headers = isTls ? MORE_HEADERS.map(([name, value]) => `add_header ${name} ${quote(value)};`) : [];
  const tls = isTls ? [`ssl_certificate ${CERTIFICATE};`, `ssl_certificate_key ${CERTIFICATE_KEY};`] : [];
  return `
daemon off;
master_process off;
worker_rlimit_nofile 20000;
pid ${home}/nginx.pid;
events { worker_connections 16384; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 1h;
  client_body_temp_path ${home}/body;
  proxy_temp_path ${home}/proxy;
  fastcgi_temp_path ${home}/fastcgi;
  uwsgi_temp_path ${home}/uwsgi;
  scgi_temp_path ${home}/scgi;
  server {
    listen 127.0.0.1:${port}${isTls ? " ssl" : ""} backlog=4096;
    ${[...tls, ...headers].join("\n    ")}
    location / {
      default_type application/json;
      ${respond(answerBody(bytes))}
    }
    location ${FUNCTION_ANSWER_PATH} {
      default_type application/json;
      return 200 ${quote(FUNCTION_ANSWER_BODY)};
    }
  }
}
`;
}

async function waitUntilUp(port: number, hasEnded: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (hasEnded()) throw new Error("nginx ended before it served anything");
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch {
      await sleep(50);
    } finally {
      socket.destroy();
    }
  }
  throw new Error("nginx did not come up within five seconds");
}
