import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redact } from "./redact.ts";
import { secretOf } from "./secret.ts";

const KEY = "sk-proj-Ab3+9/xY_7zQ";

function forms(key: string): readonly (readonly [what: string, text: string])[] {
  const hexOf = (character: string): string => (character.codePointAt(0) ?? 0).toString(16);
  const escaped = (text: string): string =>
    Array.from(text, (one) => `\\u${hexOf(one).padStart(4, "0")}`).join("");
  return [
    ["as it is", key],
    ["in capitals", key.toUpperCase()],
    ["in small letters", key.toLowerCase()],
    ["escaped for JSON", escaped(key)],
    ["escaped for JSON twice", Array.from(key, (one) => `\\\\u${hexOf(one).padStart(4, "0")}`).join("")],
    ["with one character escaped", key.replace("A", "\\u0041")],
    ["escaped for a URL", encodeURIComponent(key)],
    ["escaped for a URL, all of it", Array.from(key, (one) => `%${hexOf(one)}`).join("")],
    ["escaped for HTML", Array.from(key, (one) => `&#${one.codePointAt(0)};`).join("")],
    ["escaped for HTML in hexadecimal", Array.from(key, (one) => `&#x00${hexOf(one)};`).join("")],
    ["in hexadecimal", Buffer.from(key).toString("hex")],
    ["in base64", Buffer.from(key).toString("base64")],
    ["in base64, with its scheme", Buffer.from(`Bearer ${key}`).toString("base64")],
    ["in base64, as a user's password", Buffer.from(`user:${key}`).toString("base64url")],
    ["in base64, escaped for JSON", escaped(Buffer.from(`Bearer ${key}`).toString("base64"))],
    ["in base64, with one character escaped", Buffer.from(key).toString("base64").replace("j", "\\u006a")],
    ["in base64, escaped for a URL", encodeURIComponent(Buffer.from(`${key}??`).toString("base64"))],
    ["in hexadecimal, escaped for JSON", escaped(Buffer.from(key).toString("hex"))],
    ["masked", `${key.slice(0, 6)}*********`],
    ["masked in the middle", `${key.slice(0, 4)}***${key.slice(-4)}`],
  ];
}

describe("a secret", () => {
  it.each(forms(KEY))("a secret is taken out of a message %s", (_what, form) => {
    const text = redact(`Wrong key: ${form}, sorry`, KEY);
    expect(text).toContain("[key]");
    for (const part of [KEY, KEY.toLowerCase(), form])
      expect(text.toLowerCase()).not.toContain(part.toLowerCase());
  });

  it.each(forms(KEY).filter(([what]) => !/masked/.test(what)))(
    "a secret is taken out of an answer %s, and the answer stays JSON",
    (_what, form) => {
      const body = `{"content":"the key is ${form.replaceAll(/(?<!\\)\\(?!u|\\)/g, "\\\\")}!"}`;
      const cleaned = secretOf(KEY)?.removeFromAnswer(body) ?? "";
      expect(cleaned).not.toContain(form);
      expect(JSON.stringify(JSON.parse(cleaned))).not.toContain(KEY);
    },
  );

  it.each([
    "positive",
    "password",
    "a",
    "test-key",
    "sk-local",
    "my-secret-key",
    "internationalization",
    "12345678",
  ])("a secret stays in an answer if it may be an ordinary word: %s", (key) => {
    const body = `{"content":"The sentiment is ${key}, ${key.toUpperCase()} indeed"}`;
    expect(secretOf(key)?.removeFromAnswer(body)).toBe(body);
  });

  it("a secret stays in an answer in its masked form", () => {
    const body = '{"content":"sk-p**** is bold"}';
    expect(secretOf(KEY)?.removeFromAnswer(body)).toBe(body);
  });

  it("a secret is replaced by a mark that later replacements keep", () => {
    for (const key of ["k", "e", "y", "key", "[key]", "]"]) {
      expect(secretOf(key)?.removeFrom("a k e y [key] ]")).not.toContain("[[");
    }
  });

  it("a secret of one letter is taken out once, and the mark in its place is left alone", () => {
    const message =
      "HTTP 401: Incorrect API key provided: k. See [key] at https://a.example/k, key-k1, sk-kkkk";
    for (const key of "abekpsy1-[].:/") {
      const once = redact(message, key);
      expect(redact(once, key)).toBe(once);
      expect(once.replaceAll("[key]", "")).not.toMatch(/\[key|key\]|\[\[/);
    }
  });

  it.each(["null", "error", "message", "1", "{", ":", "code"])(
    "taking a secret out leaves the form of an error as it is, if the key is also a part of that: %s",
    (key) => {
      const body = `{"error":{"message":"Wrong key: ${key}!","param":null,"code":1}}`;
      expect(JSON.parse(secretOf(key)?.removeFromError(body) ?? "")).toEqual({
        error: { message: expect.stringContaining("[key]") as string, param: null, code: 1 },
      });
    },
  );

  it("a secret is taken out of the names in an error as well, if it is beyond doubt", () => {
    const cleaned = secretOf(KEY)?.removeFromError(`{"${KEY}":"unknown ${KEY}"}`);
    expect(cleaned).toBe('{"[key]":"unknown [key]"}');
  });

  it("taking a secret out leaves a text unchanged that does not contain it", () => {
    const letters = fc.string({ unit: "grapheme" });
    fc.assert(
      fc.property(letters, (text) => {
        fc.pre(!/sk-p|[*•…]/i.test(text));
        expect(secretOf(KEY)?.removeFrom(text)).toBe(text);
      }),
    );
  });

  it("a secret may contain any character", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8, unit: "binary" }), (key) => {
        fc.pre(key.isWellFormed());
        expect(secretOf(key)?.removeFrom(`<${key}>`)).toBe("<[key]>");
      }),
    );
  });

  it.each(["api-", "key-", "\u001B]8;", "\u001B[", "sk-a", "key provided: "])(
    "a message of %j again and again is made fit to be shown in linear time",
    (unit) => {
      // A quadratic form would take minutes.
      expect(redact(unit.repeat(300_000), KEY).length).toBeLessThan(1000);
    },
  );

  it("a key at the place where a long message is cut is taken out as a whole", () => {
    for (let before = 16 * 1024 - KEY.length; before <= 16 * 1024; before += 1)
      expect(redact(`${"\u001B[0m".repeat(before / 4)}${" ".repeat(before % 4)}${KEY}`, KEY)).not.toContain(
        KEY.slice(0, 4),
      );
  });

  it("a secret is looked for in linear time, also in a hostile body", () => {
    const body = `${"sk-p".repeat(50_000)}${"\\".repeat(200_000)}${"&#0".repeat(50_000)}`;
    expect(secretOf(KEY)?.removeFrom(body)).toBe(body);
  });
});
