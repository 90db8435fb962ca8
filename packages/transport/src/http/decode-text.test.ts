import { describe, expect, it } from "vitest";
import { decodeText } from "./decode-text.ts";

const TEXT = '{"name":"Zoë"}';
const UTF8 = Buffer.from(TEXT);
const LATIN1 = Buffer.from(TEXT, "latin1");
const UTF16 = Buffer.from(TEXT, "utf16le");
const MARK = Buffer.from("\uFEFF");

describe("decodeText", () => {
  it.each<[what: string, bytes: Buffer, contentType: string | undefined]>([
    ["UTF-8 without a content type", UTF8, undefined],
    ["UTF-8 that is announced", UTF8, "application/json; charset=UTF-8"],
    ["UTF-8 behind a byte order mark", Buffer.concat([MARK, UTF8]), "application/json"],
    ["UTF-8 that is announced as iso-8859-1", UTF8, "application/json;charset=ISO-8859-1"],
    ["UTF-8 behind a mark, announced as iso-8859-1", Buffer.concat([MARK, UTF8]), "a/b; charset=iso-8859-1"],
    ["iso-8859-1 that is announced", LATIN1, 'application/json; charset="iso-8859-1"'],
    ["UTF-16 that is announced", UTF16, "application/json; charset=utf-16"],
    ["UTF-16 behind its byte order mark", Buffer.from(`\uFEFF${TEXT}`, "utf16le"), "application/json"],
    ["UTF-8 under a charset that nobody knows", UTF8, "application/json; charset=test"],
  ])("decodeText reads %s", (_what, bytes, contentType) => {
    expect(decodeText(bytes, contentType)).toBe(TEXT);
  });

  it("decodeText puts a replacement for each byte that no announced charset explains", () => {
    expect(decodeText(LATIN1, "application/json")).toBe('{"name":"Zo\uFFFD"}');
    expect(decodeText(LATIN1, "application/json; charset=test")).toBe('{"name":"Zo\uFFFD"}');
  });

  it("decodeText reads an empty body as an empty text", () => {
    expect(decodeText(Buffer.alloc(0), "application/json; charset=iso-8859-1")).toBe("");
  });
});
