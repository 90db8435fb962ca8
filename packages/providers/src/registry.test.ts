import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { providers } from "./index.ts";

const WITH_SERVER = providers.filter(({ isInProcess }) => isInProcess !== true);
const VARIABLES = providers.flatMap(({ keyVariables, baseUrlVariables }) => [
  ...keyVariables,
  ...baseUrlVariables,
]);

/** The environment variables that a function reads. */
function variablesReadBy(run: () => unknown): ReadonlySet<string> {
  const read = new Set<string>();
  const environment = process.env;
  process.env = new Proxy(environment, {
    get(variables, name) {
      if (typeof name === "string") read.add(name);
      return variables[String(name)];
    },
  });
  try {
    run();
  } catch {
    // What it has read before it fails counts too.
  } finally {
    process.env = environment;
  }
  return read;
}

describe("providers", () => {
  beforeEach(() => {
    for (const name of VARIABLES) vi.stubEnv(name, undefined);
    // The project is a part of Vertex AI's addresses.
    vi.stubEnv("GOOGLE_CLOUD_PROJECT", "p");
  });
  afterEach(() => void vi.unstubAllEnvs());

  it("the providers of the registry have names that differ", () => {
    const names = providers.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z\d-]*$/);
  });

  it.each(providers)("the registry names every environment variable that $name reads", (entry) => {
    const { keyVariables, baseUrlVariables, placeVariables = [], otherVariables = [], baseUrl } = entry;
    const own = { baseUrl: baseUrl ?? "https://own.example" };
    const read = [{}, own, { apiKey: "k" }, { ...own, apiKey: "k" }].flatMap((options) =>
      Array.from(variablesReadBy(() => entry.create({ model: "m", ...options }))),
    );
    expect([...keyVariables, ...baseUrlVariables, ...placeVariables, ...otherVariables]).toEqual(
      expect.arrayContaining([...new Set(read)]),
    );
  });

  it.each([
    ["gemini", 400, "input token count "],
    ["openrouter", 404, "no endpoints found "],
  ])("an error of %s with status %d that repeats %j is read in linear time", (name, status, words) => {
    const provider = providers.find((entry) => entry.name === name)?.create({ model: "m", apiKey: "k" });
    // A quadratic form would take minutes.
    const body = JSON.stringify({ error: { message: words.repeat(100_000) } });
    expect(provider?.readResponse({ status, headers: {}, body }, new Set())).toMatchObject({ ok: false });
  });

  for (const entry of WITH_SERVER) {
    const { name, capabilities, baseUrl } = entry;
    it(`the registry makes the provider ${name} as its entry describes it`, () => {
      const provider = entry.create({ model: "m", apiKey: "k", baseUrl: baseUrl ?? "https://own.example" });
      expect(provider.name).toBe(name);
      expect(provider.model).toBe("m");
      expect(provider.capabilities).toEqual(capabilities);
      expect(provider.baseUrl.startsWith(baseUrl ?? "https://own.example")).toBe(true);
    });
  }

  it.each(providers.filter(({ needsKey, baseUrl }) => needsKey && baseUrl !== undefined))(
    "the registry throws if there is no key for $name",
    (entry) => {
      expect(() => entry.create({ model: "m" })).toThrow(entry.keyVariables[0]);
    },
  );

  it.each(WITH_SERVER.filter(({ needsKey }) => !needsKey))("the registry needs no key for $name", (entry) => {
    const { baseUrl = "https://own.example/v1" } = entry;
    for (const name of entry.baseUrlVariables) vi.stubEnv(name, baseUrl);
    expect(entry.create({ model: "m" }).baseUrl).toBe(baseUrl);
  });
});
