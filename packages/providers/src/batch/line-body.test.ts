import { describe, expect, it } from "vitest";
import { lineBody, readLine, withModel, withoutModel } from "./line-body.ts";

const REQUEST = { method: "POST", url: "https://llm.example", headers: {} } as const;

describe("lineBody", () => {
  it("lineBody puts a body of several lines on one, and leaves escaped line ends in texts", () => {
    const body = '{\r\n  "a": "b\\nc"\n}';
    expect(lineBody({ ...REQUEST, body })).toBe('{   "a": "b\\nc" }');
  });

  it("lineBody takes the request for an answer in one piece where a stream is asked for", () => {
    const plain = { url: REQUEST.url, body: "{}" };
    expect(lineBody({ ...REQUEST, body: '{"stream":true}', plain })).toBe("{}");
  });
});

describe("withModel", () => {
  it.each([
    ['{"model":"a","b":{"model":"c"}}', '{"model":"x","b":{"model":"c"}}', '{"b":{"model":"c"}}'],
    [String.raw`{"model":"a\"b","b":1}`, '{"model":"x","b":1}', '{"b":1}'],
    ['{ "model" : "a" , "b":1}', '{"model":"x", "b":1}', '{ "b":1}'],
    ['{"contents":[]}', '{"contents":[]}', '{"contents":[]}'],
  ])("the model of %s is replaced or left out, and nothing else changes", (body, replaced, without) => {
    expect(withModel(body, "x")).toBe(replaced);
    expect(withoutModel(body)).toBe(without);
  });
});

describe("readLine", () => {
  it.each([
    '{"n":1.0}',
    '{"n":-0}',
    '{"n":12345678901234567890}',
    '{"n":[1e5]}',
    '{"t":"a:1.0, 99999999999999999"}',
    '{"n":0.1}',
    '{"n":7,"t":"«é»"}',
  ])("readLine gives back %s as it was written", (body) => {
    expect(readLine(`{"key":"k","response":${body}}`)?.json("response")).toBe(body);
  });

  it("readLine gives a text as it is, and nothing as an empty text", () => {
    const line = readLine('{"response":{"body":"not JSON","none":null}}');
    expect(line?.json("response", "body")).toBe("not JSON");
    expect(line?.json("response", "none")).toBe("");
    expect(line?.json("gone", "body")).toBe("");
  });

  it.each(["", "[]", "7", '"x"', "null", '{"a":1'])("readLine takes %j for no line", (text) => {
    expect(readLine(text)).toBeUndefined();
  });
});
