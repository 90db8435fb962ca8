import { readAll, sourceOf } from "@parallel-parrot/core/testing";
import { describe, expect, it } from "vitest";
import { csvSource, jsonlSource, jsonSource } from "../index.ts";

const utf16 = (text: string): Buffer => Buffer.from(text, "utf16le");
const single = (bytes: Buffer): Uint8Array[] => Array.from(bytes, (byte) => Uint8Array.of(byte));

const ENCODED: readonly (readonly [encoding: string | undefined, bytes: Buffer, cell: string])[] = [
  ["windows-1252", Buffer.from("a,b\n1,f\xFCr \x80\n", "latin1"), "für €"],
  ["latin1", Buffer.from("a,b\n1,\xE9\n", "latin1"), "é"],
  ["shift_jis", Buffer.from("a,b\n1,\x93\xFA\x96\x7B\n", "latin1"), "日本"],
  ["gb18030", Buffer.from("a,b\n1,\xD6\xD0\x84\x31\xA4\x37\n", "latin1"), "中\uFFFD"],
  ["utf-16le", utf16("a,b\n1,🦜\n"), "🦜"],
  ["utf-16be", utf16("a,b\n1,🦜\n").swap16(), "🦜"],
  ["UTF8", Buffer.from("a,b\n1,é\n"), "é"],
  [undefined, utf16("\uFEFFa,b\n1,é\n"), "é"],
  [undefined, utf16("\uFEFFa,b\r\n1,é").swap16(), "é"],
  // A byte order mark knows better.
  ["windows-1252", Buffer.from("\uFEFFa,b\n1,é\n"), "é"],
];

describe("the encoding of a source", () => {
  it.each(ENCODED)("text in %s is read however it is cut: %j", async (encoding, bytes, cell) => {
    const options = encoding === undefined ? {} : { encoding };
    for (const chunks of [[bytes], single(bytes)])
      expect(await readAll(csvSource(sourceOf(chunks), options))).toEqual([{ a: "1", b: cell }]);
  });

  it("the encoding that a byte order mark tells is noted, and the mark comes back", async () => {
    const source = csvSource(sourceOf([utf16("\uFEFFa;b\r\n1;2\r\n")]));
    expect(await source.layout()).toEqual({ delimiter: ";", recordDelimiter: "\r\n", byteOrderMark: true });
    await readAll(source);
    expect(source.notes).toContainEqual({ code: "ENCODING_FOUND", count: 1, first: "utf-16le" });
  });

  it.each([
    ["little", Buffer.from("fffe0000610000000a000000", "hex")],
    ["big", Buffer.from("0000feff000000610000000a", "hex")],
  ])("UTF-32 is refused by its byte order mark, %s end first, and not taken for UTF-16", async (_, bytes) => {
    for (const chunks of [[bytes], single(bytes)])
      for (const options of [{}, { encoding: "utf-16be" }])
        await expect(readAll(csvSource(sourceOf(chunks), options))).rejects.toThrow(/it is UTF-32/);
  });

  it("JSON in another encoding is read as well", async () => {
    const encoding = "windows-1252";
    const bytes = (text: string): Buffer => Buffer.from(text, "latin1");
    expect(await readAll(jsonlSource(sourceOf([bytes('{"a":"\xFC"}')]), { encoding }))).toEqual([{ a: "ü" }]);
    expect(await readAll(jsonSource(sourceOf([bytes('[{"a":"\xFC"}]')]), { encoding }))).toEqual([
      { a: "ü" },
    ]);
  });

  it.each([
    [
      undefined,
      Buffer.from("a\nf\xFCr\n", "latin1"),
      2,
      /invalid UTF-8 at byte offset 3 \(0xfc\); set the option encoding/,
    ],
    [
      undefined,
      utf16("a\n"),
      1,
      /null character at byte offset 1 \(is it UTF-16\?\); set the option encoding .* "utf-16le"/,
    ],
    [
      "shift_jis",
      Buffer.from("a\n1\n\x93\xFF\n", "latin1"),
      3,
      /invalid shift_jis at byte offset 5 \(0xff\)/,
    ],
    ["utf-16le", Buffer.concat([utf16("a\n1\n"), Buffer.of(0x41)]), 3, /invalid utf-16le at byte offset 9/],
    [undefined, Buffer.concat([utf16("\uFEFFa\n1\n"), Buffer.of(0, 0xd8, 0x41, 0)]), 3, /invalid utf-16le/],
  ])(
    "text that is not in the encoding %s is refused in the same way however it is cut",
    async (encoding, bytes, line, message) => {
      const options = encoding === undefined ? {} : { encoding };
      const errors = await Promise.all(
        [[bytes], single(bytes)].map((chunks) =>
          readAll(csvSource(sourceOf(chunks), options)).catch((error: unknown) => error),
        ),
      );
      expect(errors[0]).toMatchObject({ code: "INVALID_INPUT", option: "encoding", line });
      expect(String(errors[0])).toMatch(message);
      expect(String(errors[1])).toBe(String(errors[0]));
    },
  );

  it("an encoding that nobody knows is refused before anything is read", () => {
    expect(() => csvSource("x.csv", { encoding: "klingon" })).toThrow(
      expect.objectContaining({
        code: "INVALID_OPTION",
        option: "encoding",
        message: expect.stringContaining('"klingon"'),
      }),
    );
  });
});
