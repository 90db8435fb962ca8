// @module-tag slow
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { startSimulator, type Simulator } from "@parallel-parrot/simulator";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Workplace } from "../../fixtures/workplace.ts";

let simulator: Simulator;
let place: Workplace;
/** A server that has nothing, and says so as FastAPI does. */
let empty: Server;
let emptyUrl: string;

beforeAll(async () => {
  simulator = await startSimulator();
  place = await Workplace.open({ baseUrl: simulator.baseUrl, apiKey: simulator.apiKey });
  await place.write("in.csv", "text\none\ntwo\n");
  empty = createServer((request, response) => {
    request.resume();
    response.writeHead(404, { "content-type": "application/json" }).end('{"detail":"Not Found"}');
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => void empty.once("listening", resolve));
  emptyUrl = `http://127.0.0.1:${(empty.address() as AddressInfo).port}`;
});
afterAll(async () => {
  empty.closeAllConnections();
  empty.close();
  await simulator.close();
  await place.close();
});

const ask = (...more: readonly string[]): string[] => [
  "text",
  "in.csv",
  "--prompt",
  "Shout: ${text}",
  "--no-journal",
  ...(more.includes("--model") ? [] : ["--model", "openai/sim"]),
  ...more,
];

describe("--base-url", () => {
  it("--base-url may be the address of an operation without its scheme, and a run tells first how it was understood", async () => {
    const pasted = `${simulator.baseUrl.replace("http://", "")}/chat/completions`;
    const { code, stderr } = await place.run(...ask("--base-url", pasted));
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr.split("\n")[0]).toBe(`The base URL ${pasted} is understood as ${simulator.baseUrl}`);
    const explained = await place.run("explain", ...ask("--base-url", pasted));
    expect(explained.stderr).toContain(`is understood as ${simulator.baseUrl}\n`);
  });

  it("--base-url is not spoken of where it is taken as it is", async () => {
    const { stderr } = await place.run(...ask());
    expect(stderr).not.toContain("base URL");
  });

  it("without a version is named with one where the server answers 404", async () => {
    const { code, stderr } = await place.run(...ask("--base-url", emptyUrl));
    expect(code).toBe(2);
    expect(stderr).toContain(`most servers have the API at ${emptyUrl}/v1`);
    const versioned = await place.run(...ask("--base-url", `${emptyUrl}/v1`));
    expect(versioned.stderr).not.toContain("most servers have");
  });
});

describe("--model llamacpp/…", () => {
  it("--model llamacpp/… asks at the port in LLAMA_ARG_PORT, and tells which ports there may be where nobody is", async () => {
    const { port } = new URL(simulator.baseUrl);
    place.environment["LLAMA_ARG_PORT"] = port;
    place.environment["LLAMA_API_KEY"] = simulator.apiKey;
    const answered = await place.run(...ask("--model", "llamacpp/sim"));
    expect(answered).toMatchObject({ code: 0 });
    // Nobody listens on the discard port.
    place.environment["LLAMA_ARG_PORT"] = "9";
    const { code, stderr } = await place.run(...ask("--model", "llamacpp/sim"));
    expect(code).toBe(2);
    expect(stderr).toMatch(/Cannot reach http:\/\/localhost:9\/v1.*port 8080.*9931.*LLAMA_ARG_PORT/);
  });
});
