// @module-tag slow
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startParrot } from "../../fixtures/run-parrot.ts";
import { Workplace } from "../../fixtures/workplace.ts";

/** A server that takes each key for a number of requests, as if it expired then. */
let server: Server;
let place: Workplace;
/** The keys that came, in order, with the status that each got. */
let seen: [key: string, status: number][];
/** How many requests a key is taken for. */
let life: number;
let isKnown: (key: string) => boolean;

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume().once("end", () => {
      const key = request.headers.authorization?.replace("Bearer ", "") ?? "";
      const uses = seen.filter(([used, status]) => used === key && status === 200).length;
      const status = isKnown(key) && uses < life ? 200 : 401;
      seen.push([key, status]);
      const body =
        status === 200
          ? { choices: [{ message: { content: "fine" }, finish_reason: "stop" }] }
          : { error: { message: "The token has expired", code: "invalid_api_key" } };
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => void server.once("listening", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  place = await Workplace.open({ baseUrl, apiKey: "" });
  await place.write("in.csv", `text\n${Array.from({ length: 10 }, (_, row) => `row ${row}\n`).join("")}`);
  // Prints another key each time, and counts how often it was run.
  await place.write(
    "next-key.mjs",
    `import { appendFileSync, readFileSync } from "node:fs";
     appendFileSync("runs", "x");
     console.log("SECRET-key-" + readFileSync("runs", "utf8").length);`,
  );
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await place.close();
});
beforeEach(async () => {
  seen = [];
  life = Infinity;
  isKnown = (key) => key.startsWith("SECRET-key");
  await place.write("runs", "");
});

const RUN = ["text", "in.csv", "--prompt", "Say: ${text}", "--model", "openai/m", "--concurrency", "2"];
const NEXT_KEY = `'${process.execPath}' next-key.mjs`;
const runs = async (): Promise<number> => (await readFile(place.path("runs"), "utf8")).length;

describe("--key-command", () => {
  it("--key-command is run once for a key that holds, and the journal keeps neither the command nor the key", async () => {
    const command = ["--key-command", `${NEXT_KEY} # SECRET-word`];
    const { code, stderr } = await place.run(...RUN, ...command, "-o", "once.csv", "--overwrite");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(await runs()).toBe(1);
    expect(new Set(seen.map(([key]) => key))).toEqual(new Set(["SECRET-key-1"]));
    expect(stderr).not.toContain("SECRET");
    const journal = await readFile(place.path(".parrot/journal.db"), "latin1");
    expect(journal).not.toMatch(/SECRET|next-key/);
  });

  it("--key-command is run again when the server refuses a key that it took before, and no row fails", async () => {
    life = 4;
    const { code, stderr } = await place.run(...RUN, "--key-command", NEXT_KEY, "--no-journal");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    // After a refusal, a row that was answered may be asked again, to see whose fault it is.
    expect(seen.filter(([, status]) => status === 200).length).toBeGreaterThanOrEqual(10);
    expect(await runs()).toBeGreaterThanOrEqual(3);
  });

  it("--key-command is not run again for a key that was never taken: the run stops", async () => {
    isKnown = () => false;
    const { code, stderr } = await place.run(...RUN, "--key-command", NEXT_KEY, "--no-journal");
    expect(code).toBe(2);
    expect(stderr).toContain("The server refused the API key");
    expect(await runs()).toBe(1);
  });

  it("--key-command is run again before the key expires", async () => {
    await place.write(
      "short-key.mjs",
      `import { appendFileSync } from "node:fs";
       appendFileSync("runs", "x");
       console.log(JSON.stringify({ accessToken: "SECRET-key", expires_on: Date.now() / 1000 - 1 }));`,
    );
    const command = `'${process.execPath}' short-key.mjs`;
    const { code } = await place.run(...RUN, "--key-command", command, "--no-journal");
    expect(code).toBe(0);
    // Once at first, and before each of the ten requests, or those that go together.
    expect(await runs()).toBeGreaterThan(5);
  });

  it.each([
    [
      "fails",
      `'${process.execPath}' -e 'console.log("SECRET"); console.error("not signed in"); process.exit(3)'`,
      /exit code 3, saying: not signed in/,
    ],
    ["is not there", "no-such-program-anywhere", /Cannot get a key by --key-command/],
    ["prints nothing", `'${process.execPath}' -e 0`, /there is no key in it/],
  ])("a --key-command that %s stops the run before anything is sent", async (_what, command, words) => {
    const { code, stderr } = await place.run(...RUN, "--key-command", command, "--no-journal");
    expect(code).toBe(2);
    expect(stderr).toMatch(words);
    expect(stderr).not.toContain("SECRET");
    expect(seen).toEqual([]);
  });

  it("--key-command and --key-file together are refused", async () => {
    await place.write("key", "SECRET-key");
    const both = ["--key-file", "key", "--key-command", NEXT_KEY];
    const { code, stderr } = await place.run(...RUN, ...both, "--no-journal");
    expect(code).toBe(2);
    expect(stderr).toContain("give either --key-file or --key-command");
    expect(await runs()).toBe(0);
  });

  it("--key-command is named in the command by which a stopped run goes on, and has to be given anew", async () => {
    const command = ["--key-command", NEXT_KEY];
    const half = await place.run(...RUN, ...command, "--fresh", "-o", "half.csv", "--max-requests", "4");
    expect(half.stderr).toMatch(/Go on with: parrot resume --key-command .*next-key\.mjs/);
    const without = await place.run("resume", "--max-requests", "100");
    expect(without.code).not.toBe(0);
    expect(without.stderr).toContain("The server refused the API key");
    expect(await runs()).toBe(1);
    const gone = await place.run("resume", "--max-requests", "100", ...command);
    expect(gone).toMatchObject({ code: 0 });
    expect(await runs()).toBe(2);
  });

  it("--key-command is not run where nothing is asked", async () => {
    const { code } = await place.run("explain", ...RUN, "--key-command", NEXT_KEY);
    expect(code).toBe(0);
    expect(await runs()).toBe(0);
  });
});

describe("--dotenv", () => {
  it("--dotenv sets what the environment does not have, with quotes, comments and export", async () => {
    await place.write(
      ".env",
      '# mine\nexport OPENAI_API_KEY="SECRET-key-env"\nOPENAI_BASE_URL=http://127.0.0.1:9/v1\n',
    );
    const { code, stderr } = await place.run(...RUN, "--dotenv", ".env", "--no-journal");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(new Set(seen.map(([key]) => key))).toEqual(new Set(["SECRET-key-env"]));
  });

  it("--dotenv is not read unless it is named", async () => {
    await place.write(".env", "OPENAI_API_KEY=SECRET-key-env\n");
    await place.run(...RUN, "--no-journal");
    expect(seen.map(([key]) => key)).not.toContain("SECRET-key-env");
  });

  it("--dotenv is called by no name that Node.js reads for itself, as NODE_OPTIONS in a file would run a program", async () => {
    const marker = place.path("ran");
    await place.write("run.cjs", `require("node:fs").writeFileSync(${JSON.stringify(marker)}, "")`);
    await place.write(
      ".env",
      `OPENAI_API_KEY=SECRET-key-env\nNODE_OPTIONS=--require ${place.path("run.cjs")}\n`,
    );
    const { code, stderr } = await place.run(...RUN, "--dotenv", ".env", "--no-journal");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(await place.files()).not.toContain("ran");
  });

  it("--dotenv does not make libraries that look for credentials run a program of the folder", async () => {
    await place.write("profile", `[default]\ncredential_process = touch ${place.path("ran")}\n`);
    await place.write(
      ".env",
      `AWS_CONFIG_FILE=${place.path("profile")}\nAWS_REGION=eu-west-1\nDATABASE=other\n`,
    );
    const { OPENAI_BASE_URL: baseUrl = "" } = place.environment;
    const command = RUN.map((word) => (word === "openai/m" ? "bedrock/m" : word));
    // No other place has credentials.
    const nowhere = { AWS_SHARED_CREDENTIALS_FILE: place.path("none"), AWS_EC2_METADATA_DISABLED: "true" };
    const { stderr } = await startParrot(
      [...command, "--base-url", baseUrl, "--dotenv", ".env", "--no-journal"],
      { ...place.environment, ...nowhere },
      place.folder,
    ).finished;
    expect(stderr).toContain("Not taken from .env: AWS_CONFIG_FILE. Such a file gives keys");
    expect(await place.files()).not.toContain("ran");
  });

  it("--dotenv says nothing to the program of --key-command, which could be made to run another one", async () => {
    await place.write("run.cjs", 'require("node:fs").writeFileSync("ran", "")');
    await place.write(".env", `TEAM=red\nNODE_OPTIONS=--require ${place.path("run.cjs")}\n`);
    const command = `'${process.execPath}' -p "'SECRET-key-' + process.env.TEAM"`;
    const options = ["--key-command", command, "--dotenv", ".env", "--header", "x-team: $TEAM"];
    const { code, stderr } = await place.run(...RUN, ...options, "--no-journal");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(new Set(seen.map(([key]) => key))).toEqual(new Set(["SECRET-key-undefined"]));
    expect(await place.files()).not.toContain("ran");
  });

  it("--dotenv does not say where the user's signature is", async () => {
    const state = place.path("state");
    await place.write(".env", `OPENAI_API_KEY=SECRET-key-env\nXDG_STATE_HOME=${state}\nHOME=${state}\n`);
    const environment = { ...place.environment, XDG_STATE_HOME: "", HOME: "" };
    await startParrot([...RUN, "--dotenv", ".env", "-o", "signed.csv"], environment, place.folder).finished;
    expect(await place.files()).not.toContain("state");
  });

  it("a file of --dotenv that is not there, or is empty, stops the run before anything is sent", async () => {
    const missing = await place.run(...RUN, "--dotenv", "nowhere.env", "--no-journal");
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain("nowhere.env");
    await place.write("empty.env", "\n");
    const empty = await place.run(...RUN, "--dotenv", "empty.env", "--no-journal");
    expect(empty).toMatchObject({ code: 2 });
    expect(empty.stderr).toContain("empty.env, given as --dotenv: it is empty");
    expect(seen).toEqual([]);
  });
});

describe("--key-file", () => {
  it("--key-file may be a file of variables, of which the provider's own is taken", async () => {
    await place.write("keys.env", "GROQ_API_KEY=other\nOPENAI_API_KEY='SECRET-key-file'\n");
    const { code } = await place.run(...RUN, "--key-file", "keys.env", "--no-journal");
    expect(code).toBe(0);
    expect(new Set(seen.map(([key]) => key))).toEqual(new Set(["SECRET-key-file"]));
  });
});
