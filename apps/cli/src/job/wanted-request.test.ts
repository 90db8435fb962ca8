// @module-tag slow
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { readdir, readFile } from "node:fs/promises";
import { json } from "node:stream/consumers";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

const SECRET = "canary-9f8e7d6c5b4a";

/** A gateway that wants a header of its own, and repeats what it got where it is not there or wrong. */
let server: Server;
let place: Workplace;
let seen: { readonly headers: IncomingHttpHeaders; readonly body: unknown }[];
/** How many requests are answered before it breaks down with an error that repeats all headers. */
let good: number;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { headers } = request;
  seen.push({ headers, body: await json(request) });
  const isGood = headers["x-gateway-key"] === SECRET && seen.length <= good;
  const body = isGood
    ? { choices: [{ message: { content: "fine" }, finish_reason: "stop" }] }
    : { error: { message: `Refused: ${JSON.stringify(headers)}`, type: "gateway" } };
  response.writeHead(isGood ? 200 : 422, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

beforeAll(async () => {
  server = createServer((request, response) => void answer(request, response)).listen(0, "127.0.0.1");
  await new Promise((resolve) => void server.once("listening", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  place = await Workplace.open({ baseUrl, apiKey: "sk-of-the-user" });
  place.environment["GATEWAY_KEY"] = SECRET;
  await place.write("in.csv", `text\n${Array.from({ length: 6 }, (_, row) => `row ${row}\n`).join("")}`);
  await place.write("more.json", '{"metadata":{"team":"red"},"chat_template_kwargs":{"a":1}}');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await place.close();
});
beforeEach(() => {
  seen = [];
  good = Infinity;
});

const RUN = ["text", "in.csv", "--prompt", "Say: ${text}", "--model", "openai/m", "--concurrency", "2"];
const KEY = ["--header", "X-Gateway-Key: $GATEWAY_KEY"];

/** Everything that a run has left in its folder. */
async function everything(): Promise<string> {
  const names = await readdir(place.path("."), { recursive: true, withFileTypes: true });
  const files = names.filter((each) => each.isFile() && !["in.csv", "more.json"].includes(each.name));
  const texts = await Promise.all(files.map((each) => readFile(`${each.parentPath}/${each.name}`, "latin1")));
  return texts.join("\n");
}

describe("--header", () => {
  it("--header is sent with every request, and neither the journal nor the output has its value", async () => {
    const more = ["--header", "x-team: red", "-o", "headers.csv"];
    const { code, stdout, stderr } = await place.run(...RUN, ...KEY, ...more);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(seen).toHaveLength(6);
    for (const { headers } of seen)
      expect(headers).toMatchObject({
        "x-gateway-key": SECRET,
        "x-team": "red",
        authorization: "Bearer sk-of-the-user",
      });
    expect(stdout + stderr + (await everything())).not.toContain(SECRET);
  });

  it("--header does not come out of an error in which the server repeats it", async () => {
    good = 3;
    const { code, stdout, stderr } = await place.run(
      ...RUN,
      ...KEY,
      "--fresh",
      "-o",
      "echo.csv",
      "--overwrite",
    );
    expect(code).toBe(3);
    expect(stderr).toContain("[key]");
    expect(stdout + stderr + (await everything())).not.toContain(SECRET);
  });

  it("--header has to be given anew to go on, as no journal has it; the other run of the answers finds them", async () => {
    const half = await place.run(...RUN, ...KEY, "--fresh", "-o", "half.csv", "--max-requests", "3");
    expect(half.stderr).toMatch(/Go on with: parrot resume --header 'X-Gateway-Key: \$GATEWAY_KEY'/);
    const asked = seen.length;
    const without = await place.run("resume", "--max-requests", "100");
    expect(without).toMatchObject({ code: 2 });
    expect(without.stderr).toMatch(
      /begun with headers whose values are not kept.*\(X-Gateway-Key\); give them again: parrot resume --header 'X-Gateway-Key: …'/,
    );
    expect(seen).toHaveLength(asked);
    const gone = await place.run("resume", "--max-requests", "100", ...KEY);
    expect(gone).toMatchObject({ code: 0 });
    expect(seen).toHaveLength(6);
    // Another header asks nothing anew.
    const again = await place.run(...RUN, "--header", "x-team: blue", "-o", "again.csv", "--overwrite");
    expect(again).toMatchObject({ code: 0 });
    expect(seen).toHaveLength(6);
  });

  it.each([
    [["--header", "content-type: text/plain"], /Cannot send the header content-type: .*\(here: --header\)/],
    [["--header", "authorization: Basic $GATEWAY_KEY"], /header authorization: the API key is sent in it/],
    [["--header", `x-key: ${SECRET}`], /header x-key: a secret is not given in the command itself/],
  ])("a header that cannot be sent stops the run before anything is: %s", async (header, message) => {
    const { code, stderr } = await place.run(...RUN, ...header, "--no-journal");
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
    expect(stderr).not.toContain(SECRET);
    expect(seen).toEqual([]);
  });
});

describe("--param and --extra-body", () => {
  it("--param and --extra-body are in the body of every request, and make a run of their own", async () => {
    const params = ["--param", "service_tier=flex", "--param", "chat_template_kwargs.b=false"];
    const own = [...RUN, ...KEY, ...params, "--extra-body", "more.json", "-o", "params.csv"];
    expect(await place.run(...own)).toMatchObject({ code: 0 });
    expect(seen[0]?.body).toMatchObject({
      service_tier: "flex",
      chat_template_kwargs: { a: 1, b: false },
      metadata: { team: "red" },
    });
    expect(seen).toHaveLength(6);
    // The same fields find their answers, and others do not.
    expect(await place.run(...own, "--overwrite")).toMatchObject({ code: 0 });
    expect(seen).toHaveLength(6);
    const other = [...RUN, ...KEY, "--param", "service_tier=default", "-o", "other.csv"];
    expect(await place.run("explain", ...other)).toMatchObject({ code: 0 });
    const told = await place.run("explain", ...other);
    expect(told.stdout).toContain("--param");
    expect(await place.run(...other)).toMatchObject({ code: 0 });
    expect(seen).toHaveLength(12);
  });

  it("--param and --extra-body of a run that goes on are as it was begun, whatever is in the file by then", async () => {
    await place.write("tier.json", '{"service_tier":"priority"}');
    const own = [...RUN, ...KEY, "--extra-body", "tier.json", "-o", "tier.csv", "--max-requests", "2"];
    expect(await place.run(...own)).toMatchObject({ code: 4 });
    await place.write("tier.json", '{"service_tier":"other"}');
    expect(await place.run("resume", "--max-requests", "99", ...KEY)).toMatchObject({ code: 0 });
    expect(seen.map(({ body }) => Object(body)["service_tier"])).toEqual(
      Array.from({ length: 6 }, () => "priority"),
    );
  });

  it.each([
    [["--param", "n=2"], /Cannot add the field n .*: --n sets it \(here: --param or --extra-body\)/],
    [["--param", "messages=[]"], /Cannot add the field messages .*the prompt sets it/],
    [["--param", "response_format.type=text"], /the field response_format /],
    [
      ["--param", "temperature=1", "--temperature", "0"],
      /Cannot send temperature .* twice: --temperature sets it.*\(here: --param or --extra-body\)/,
    ],
    [["--param", "a=1", "--param", "a=2"], /Cannot send a twice/],
    [["--extra-body", "in.csv"], /Cannot read in\.csv, given as --extra-body as JSON/],
  ])(
    "--param and --extra-body are refused before anything is sent where they contradict another option: %s",
    async (params, message) => {
      const { code, stderr } = await place.run(...RUN, ...KEY, ...params, "--no-journal");
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
      expect(seen).toEqual([]);
    },
  );
});
