import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { QUESTION } from "../../fixtures/responses.ts";
import { openai, providers, type ProviderEntry, type ProviderOptions } from "../index.ts";

const SECRET = "canary-9f8e7d6c5b4a";
const secretHeaders = { "X-Gateway-Key": `Token ${SECRET}` };

function make(entry: ProviderEntry, options: Partial<ProviderOptions>) {
  return entry.create({ model: "m", apiKey: "k", baseUrl: "https://own.example/v1", ...options });
}

beforeEach(() => void vi.stubEnv("GOOGLE_CLOUD_PROJECT", "p"));
afterEach(() => void vi.unstubAllEnvs());

/** A model in the process has no requests with headers. */
const SERVERS = providers.filter(({ name }) => name !== "local");

describe.each(SERVERS)("headers of one's own for $name", (entry) => {
  it("extra headers are sent with every request, the secret ones among the credentials alone", async () => {
    const provider = make(entry, { headers: { "X-Team": "red" }, secretHeaders });
    const request = provider.buildRequest(QUESTION, new Set());
    expect(request.headers).toMatchObject({ "X-Team": "red" });
    expect(JSON.stringify([provider, request])).not.toContain(SECRET);
    const [plain, authorized] = [make(entry, {}), provider].map((each) => each.authorize(request));
    expect(await authorized).toEqual({ ...(await plain), ...secretHeaders });
    // What is the same object needs no work for each request.
    const isSame = authorized instanceof Promise || provider.authorize(request) === authorized;
    expect(isSame).toBe(true);
  });

  it("extra headers are taken out of a message that repeats them", () => {
    const body = JSON.stringify({ error: { message: `No such token: ${SECRET}`, type: "x" } });
    const answer = make(entry, { secretHeaders }).readResponse({ status: 400, headers: {}, body }, new Set());
    expect(JSON.stringify(answer)).not.toContain(SECRET);
    expect(JSON.stringify(answer)).toContain("No such token");
  });

  it("extra headers cannot be those that the request has anyway", () => {
    const carrier = Object.keys(
      Object(make(entry, {}).authorize(make(entry, {}).buildRequest(QUESTION, new Set()))),
    );
    for (const name of ["Content-Type", "Host", "transfer-encoding", ...carrier]) {
      const asked = () => make(entry, { secretHeaders: { [name]: SECRET } });
      expect(asked).toThrow(expect.objectContaining({ code: "INVALID_OPTION", option: "secretHeaders" }));
      expect(asked).toThrow(name);
      expect(asked).not.toThrow(SECRET);
    }
  });
});

describe("a header of one's own", () => {
  const ask = (options: Partial<ProviderOptions>) =>
    openai({ model: "m", apiKey: "k", baseUrl: "https://own.example/v1", ...options });

  it.each([
    ["a name with a space", { "x key": SECRET }],
    ["no name", { "": SECRET }],
    ["a value in the place of the name", { [`${SECRET}: x`]: "" }],
    ["a line end in the value", { "x-key": `${SECRET}\r\nhost: evil` }],
    ["a character beyond Latin-1", { "x-key": `${SECRET} €` }],
  ])("an extra header with %s is refused before anything is sent, and its value is not shown", (_, given) => {
    for (const option of ["headers", "secretHeaders"] as const) {
      expect(() => ask({ [option]: given })).toThrow(
        expect.objectContaining({ code: "INVALID_OPTION", option }),
      );
      expect(() => ask({ [option]: given })).not.toThrow(SECRET);
    }
  });

  it("an extra header is given once, in whatever case", () => {
    expect(() => ask({ headers: { "X-Team": "a" }, secretHeaders: { "x-team": "b" } })).toThrow(/twice/);
  });

  it("an extra header may carry credentials where there is no key", async () => {
    vi.stubEnv("OPENAI_API_KEY", "");
    const provider = ask({ apiKey: "", secretHeaders: { authorization: `Basic ${SECRET}` } });
    const request = provider.buildRequest(QUESTION, new Set());
    expect(await provider.authorize(request)).toEqual({ authorization: `Basic ${SECRET}` });
  });

  it("an extra header names another organization than the environment does", () => {
    vi.stubEnv("OPENAI_ORG_ID", "org-1");
    const headers = { "openai-organization": "org-2" };
    const own = openai({ model: "m", apiKey: "k", baseUrl: "https://api.openai.com/v1", headers });
    const sent = Object.entries(own.buildRequest(QUESTION, new Set()).headers);
    expect(sent.filter(([name]) => /organization/i.test(name))).toEqual([["openai-organization", "org-2"]]);
  });
});
