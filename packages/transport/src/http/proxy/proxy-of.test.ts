import { describe, expect, it } from "vitest";
import { isExcepted } from "./no-proxy.ts";
import { routeOf } from "./proxy-of.ts";

const HTTPS = new URL("https://api.example.com");
const HTTP = new URL("http://api.example.com");

function nameFor(origin: URL, environment: Readonly<Record<string, string>>): string | undefined {
  return routeOf(origin, undefined, environment).proxy?.name;
}

describe("the proxy for an origin", () => {
  it("the proxy for an origin is that of the origin's scheme, else that of ALL_PROXY, in small letters or capitals", () => {
    for (const spell of [(name: string) => name, (name: string) => name.toLowerCase()]) {
      const both = { [spell("HTTPS_PROXY")]: "http://s:1", [spell("HTTP_PROXY")]: "http://p:2" };
      expect(nameFor(HTTPS, both)).toBe(`s:1 (${spell("HTTPS_PROXY")})`);
      expect(nameFor(HTTP, both)).toBe(`p:2 (${spell("HTTP_PROXY")})`);
      const all = { [spell("ALL_PROXY")]: "a:3" };
      expect([nameFor(HTTPS, all), nameFor(HTTP, all)]).toEqual(
        Array.from({ length: 2 }, () => `a:3 (${spell("ALL_PROXY")})`),
      );
    }
    expect(nameFor(HTTPS, { https_proxy: "small:1", HTTPS_PROXY: "large:1" })).toBe("small:1 (https_proxy)");
    expect(nameFor(HTTPS, { https_proxy: "", HTTPS_PROXY: "large:1" })).toBe("large:1 (HTTPS_PROXY)");
  });

  it("the proxy for an origin is none where no variable holds for the scheme, and the route tells of the one that is set", () => {
    expect(routeOf(HTTPS, undefined, {})).toEqual({ proxy: undefined, unused: undefined });
    expect(routeOf(HTTPS, undefined, { HTTP_PROXY: "p:1" }).unused).toBe(
      "HTTP_PROXY is set, but holds for http: addresses alone; HTTPS_PROXY is not set",
    );
    expect(routeOf(HTTPS, undefined, { HTTPS_PROXY: "p:1", NO_PROXY: "example.com" }).unused).toBe(
      "HTTPS_PROXY is set, but NO_PROXY excepts api.example.com",
    );
  });

  it.each([
    "http://localhost:1",
    "http://a.localhost",
    "http://127.0.0.1",
    "http://127.8.8.8",
    "http://[::1]:8000",
  ])("the proxy for an origin is never one for this machine: %s", (origin) => {
    expect(routeOf(new URL(origin), "http://p:1").proxy).toBeUndefined();
    expect(nameFor(new URL(origin), { ALL_PROXY: "http://p:1" })).toBeUndefined();
  });

  it("the proxy for an origin may be given, or switched off, whatever the environment says", () => {
    const environment = { HTTPS_PROXY: "http://s:1", NO_PROXY: "*" };
    expect(routeOf(HTTPS, "http://mine:9", environment).proxy?.name).toBe("mine:9 (proxy)");
    expect(routeOf(HTTPS, false, { HTTPS_PROXY: "http://s:1" })).toEqual({
      proxy: undefined,
      unused: undefined,
    });
  });

  it("the proxy for an origin has the credentials of its address, decoded, in a header and in no name", () => {
    const { proxy } = routeOf(HTTPS, "http://me:SE%40CRET@p:3128");
    expect(proxy?.name).toBe("p:3128 (proxy)");
    expect(proxy?.headers).toEqual({
      "proxy-authorization": `Basic ${Buffer.from("me:SE@CRET").toString("base64")}`,
    });
  });

  it.each([
    "socks5://me:SECRET@p:1080",
    "http://me:SECRET@",
    "http://me:SECRET@a b",
    "http://me:SECRET%@p:1",
  ])("the proxy for an origin is refused without showing its credentials: %s", (text) => {
    const find = (): unknown => routeOf(HTTPS, undefined, { HTTPS_PROXY: text });
    expect(find).toThrow(/HTTPS_PROXY/);
    expect(find).not.toThrow(/SECRET|me:/);
  });
});

describe("NO_PROXY", () => {
  it.each([
    ["api.example.com", "api.example.com"],
    ["api.example.com", "example.com"],
    ["api.example.com", ".example.com"],
    ["api.example.com", "*.example.com"],
    ["API.example.com.", "EXAMPLE.com"],
    ["api.example.com", "other.test, api.example.com"],
    ["api.example.com", "other.test api.example.com"],
    ["api.example.com", "example.com:443"],
    ["api.example.com", "*"],
    ["api.example.com", "*:443"],
    ["10.1.2.3", "10.1.2.3"],
    ["10.1.2.3", "10.0.0.0/8"],
    ["10.1.2.3", "10.1.2.3:443"],
    ["fd00::1", "[fd00::1]"],
    ["fd00::1", "fd00::1"],
    ["fd00::1", "[fd00::1]:443"],
    ["fd00::1", "fd00::/8"],
  ])("NO_PROXY excepts %s by %s", (host, list) => expect(isExcepted(host, 443, list)).toBe(true));

  it.each([
    ["api.example.com", ""],
    ["api.example.com", " , "],
    ["api.example.com", "."],
    ["notexample.com", "example.com"],
    ["example.com", "api.example.com"],
    ["api.example.com", "example.com:80"],
    ["api.example.com", "*:80"],
    ["10.1.2.3", "11.0.0.0/8"],
    ["10.1.2.3", "10.0.0.0/99"],
    ["10.1.2.3", "10.0.0.0/x"],
    ["10.1.2.3", "2.3"],
    ["10.1.2.3", "fd00::/8"],
    ["fd00::1", "fe00::/8"],
  ])("NO_PROXY does not except %s by %j", (host, list) => expect(isExcepted(host, 443, list)).toBe(false));
});
