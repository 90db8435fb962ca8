import { describe, expect, it } from "vitest";
import { readRedirect } from "./read-redirect.ts";
import { withoutCredentials } from "./without-credentials.ts";

const KEY = "sk-canary-51e27f3a9c";
const CREDENTIALS = { authorization: `Bearer ${KEY}`, "x-org": "acme" };

describe("withoutCredentials", () => {
  it("withoutCredentials returns the same response where no key is in it", () => {
    const response = { status: 200, headers: {}, body: '{"content":"fine, acme says"}' };
    expect(withoutCredentials(response, CREDENTIALS)).toBe(response);
  });

  it("withoutCredentials takes the key out of an answer, whether it is escaped or not", () => {
    const body = `{"a":"${KEY}","b":"\\u0073${KEY.slice(1)}","c":"${Buffer.from(`Bearer ${KEY}`).toString("base64")}"}`;
    const cleaned = withoutCredentials({ status: 200, headers: {}, body }, CREDENTIALS);
    expect(JSON.stringify(JSON.parse(cleaned.body))).not.toMatch(/canary|51e27f3a9c/);
    expect(cleaned.body).toContain("[key]");
  });

  it("withoutCredentials takes the key out of the host that a redirect names", () => {
    const response = { status: 302, headers: { location: `https://${KEY}.example.test/v1` }, body: "" };
    const answer = readRedirect(withoutCredentials(response, CREDENTIALS));
    expect(JSON.stringify(answer)).toMatch(/REDIRECTED/);
    expect(JSON.stringify(answer)).not.toContain("51e27f3a9c");
  });
});
