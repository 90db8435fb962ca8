import { describe, expect, it } from "vitest";
import { extraBodyOf } from "./extra-body.ts";

const file = (text: string) => ({ extraBody: "more.json", extraBodyText: text });

describe("the extra fields of a body", () => {
  it.each([
    [["service_tier=flex"], { service_tier: "flex" }],
    [["service_tier = flex "], { service_tier: "flex" }],
    [
      ['user_tag="7"', "seed=7", "store=true", "reasoning=null"],
      { user_tag: "7", seed: 7, store: true, reasoning: null },
    ],
    [["a.b.c=1", "a.b.d=2", "a.e=[1,2]"], { a: { b: { c: 1, d: 2 }, e: [1, 2] } }],
    [['kwargs={"enable_thinking":false}'], { kwargs: { enable_thinking: false } }],
    [["query=a=b"], { query: "a=b" }],
    [["empty="], { empty: "" }],
    [['kwargs={"a":1}', "kwargs.b=2"], { kwargs: { a: 1, b: 2 } }],
  ])("the extra fields of a body are JSON where they are, and else a text: %j", (param, fields) => {
    expect(extraBodyOf({ param })).toEqual(fields);
  });

  it("extra fields of a body come from a file too, together with those of the command", () => {
    expect(extraBodyOf({ ...file('{"a":{"b":1},"c":2}'), param: ["a.d=3"] })).toEqual({
      a: { b: 1, d: 3 },
      c: 2,
    });
    expect(extraBodyOf({})).toBeUndefined();
  });

  it.each([
    [{ param: ["a=1", "a=2"] }, /Cannot send a twice: --param a and --param a both set it/],
    [{ param: ["a.b=1", "a=2"] }, /Cannot send a twice: --param a\.b and --param a both/],
    [{ param: ["a=2", "a.b=1"] }, /Cannot send a twice: --param a and --param a\.b both/],
    [
      { ...file('{"a":{"b":1}}'), param: ["a.b=1"] },
      /a\.b twice: --extra-body more\.json and --param a\.b both/,
    ],
    [{ param: ["flex"] }, /Cannot read --param flex: write it as NAME=VALUE/],
    [{ param: ["=1"] }, /write it as NAME=VALUE/],
    [{ param: ["a..b=1"] }, /write it as NAME=VALUE/],
    [{ param: ["__proto__.x=1"] }, /write it as NAME=VALUE/],
    [{ param: ["a={b:1}"] }, /Cannot read --param a as JSON/],
    [
      { param: ["a=12345678901234567890"] },
      /the number 12345678901234567890 has more digits than can be sent/,
    ],
    [{ param: ["a=-1e400"] }, /Cannot use --param a: no number beyond 1\.8e308 can be sent/],
    [file('{"a":[1e999]}'), /more\.json, given as --extra-body: no number beyond 1\.8e308 can be sent/],
    [file("[1]"), /more\.json, given as --extra-body: expected a JSON object/],
    [file("{"), /Cannot read more\.json, given as --extra-body as JSON/],
  ])(
    "the extra fields of a body are refused where one would be lost or cannot be read: %j",
    (options, message) => {
      expect(() => extraBodyOf(options)).toThrow(message);
      expect(() => extraBodyOf(options)).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
    },
  );

  it.each(["api_key", "password", "aws_secret_access_key", "access_token", "Authorization"])(
    "extra fields of a body are no place for a secret, as they are kept and shown: %s",
    (name) => {
      const refused = (): unknown => extraBodyOf({ param: [`${name}=CANARY`] });
      expect(refused).toThrow(`Cannot send the field ${name}: fields of the body are kept`);
      expect(refused).not.toThrow(/CANARY/);
      expect(() => extraBodyOf(file(`{"list":[{"${name}":"CANARY"}]}`))).toThrow(
        /Cannot send the field list\.0\./,
      );
    },
  );

  it("extra fields of a body may have names of secrets in a schema, and names that only look like them", () => {
    const text =
      '{"tools":[{"properties":{"password":{"type":"string"}}}],"prompt_cache_key":"a","token":"x"}';
    expect(extraBodyOf({ ...file(text), param: ["max_tokens=5", "api_key="] })).toMatchObject({ token: "x" });
  });
});
