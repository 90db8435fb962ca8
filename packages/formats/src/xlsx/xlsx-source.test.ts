import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseJson, type Row } from "@parallel-parrot/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSource, xlsxSource, type InputDigest, type OpenSourceOptions } from "../index.ts";
import { workbookParts } from "./write/workbook-parts.ts";
import { ZipWriter } from "./write/zip-writer.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "parrot-xlsx-"));
});
afterEach(() => rm(directory, { recursive: true }));

function fixture(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));
}

async function readAll(path: string, options: OpenSourceOptions = {}): Promise<Row[]> {
  return Array.fromAsync(openSource(path, options));
}

const SHEET = "xl/worksheets/sheet1.xml";

/** A workbook of ours whose parts are replaced by others. */
async function workbook(
  parts: Readonly<Record<string, string | Buffer>>,
  name = "rows.xlsx",
): Promise<string> {
  const zip = new ZipWriter();
  const all = { ...Object.fromEntries(workbookParts("rows")), [SHEET]: sheet(""), ...parts };
  const bytes = Object.entries(all).flatMap(([part, content]) => {
    const writer = zip.begin(part);
    return [writer.head, writer.add(Buffer.from(content)), writer.end()];
  });
  return write(name, Buffer.concat([...bytes, zip.end()]));
}

async function write(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
}

function sheet(rows: string): string {
  return `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${rows}</sheetData></worksheet>`;
}

/** The parts of a workbook whose cells refer to shared texts. */
function sharedParts(texts: string): Readonly<Record<string, string>> {
  return {
    "xl/sharedStrings.xml": `<sst>${texts}</sst>`,
    "xl/_rels/workbook.xml.rels":
      '<Relationships xmlns="x"><Relationship Id="rId1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId3" Type="http://x/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
  };
}

/** The styles of a workbook, of which the one with number 1 has this format. */
function stylesWith(format: string): string {
  return `<styleSheet xmlns="x"><numFmts><numFmt numFmtId="164" formatCode="${format.replaceAll('"', "&quot;")}"/></numFmts><cellStyleXfs><xf numFmtId="0"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>`;
}

const HEADER = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>';

describe("xlsxSource", () => {
  it.each(["openpyxl.xlsx", "xlsxwriter.xlsx", "pandas.xlsx", "zip64.xlsx"])(
    "xlsxSource reads the cells of %s as openpyxl does",
    async (name) => {
      const text = await readFile(fixture(`${name}.jsonl`), "utf8");
      const lines = text.trimEnd().split("\n");
      const expected = lines.map((line) => Object.fromEntries(parseJson(line) as [string, unknown][]));
      const rows = await readAll(fixture(name));
      expect(rows).toHaveLength(expected.length);
      for (const [index, cells] of expected.entries()) expect(rows[index]).toMatchObject(cells);
    },
  );

  it("xlsxSource tells the types of columns by their cells and formats, also of a workbook that counts days from 1904", async () => {
    const source = openSource(fixture("openpyxl.xlsx"));
    const types = await source.columnTypes();
    await source.cancel();
    expect([...(types ?? [])].map(([column, type]) => [column, type.type])).toEqual([
      ["id", "float"],
      ["text", "text"],
      ["moment", "timestamp"],
      ["day", "date"],
      ["time", "time"],
      ["long", "text"],
      ["share", "float"],
      ["flag", "boolean"],
      ["rich", "text"],
      ["error", "text"],
      ["formula", "text"],
    ]);
    const [first] = await readAll(fixture("xlsxwriter.xlsx"));
    expect(first).toEqual({
      day: "2026-11-30",
      moment: "2026-11-30T12:34:00",
      money: 0,
      result: 1,
      "text result": "t0",
      rich: "abc0",
      flag: false,
    });
  });

  it("xlsxSource counts what has no value: errors, formulas without results, merged cells, empty rows and other sheets", async () => {
    const source = openSource(fixture("openpyxl.xlsx"));
    const rows = await Array.fromAsync(source);
    expect(source.notes).toEqual([
      { code: "OTHER_SHEET", count: 1, first: "Other" },
      { code: "MERGED_CELLS", count: 1, first: "A9:B10" },
      { code: "ERROR_CELL", count: 2, first: "#DIV/0! in K4" },
      { code: "FORMULA_WITHOUT_RESULT", count: 1, first: "L4" },
      { code: "EMPTY_ROW", count: 1, first: "5" },
    ]);
    expect(rows.map((_, index) => source.lineOf(index))).toEqual([4, 6, 7]);
  });

  it.each<readonly [string | number, string]>([
    ["Other", "by its name"],
    [2, "by its number"],
    ["2", "by its number as text, as the command line has it"],
  ])("xlsxSource reads the sheet %s, %s, and tells of no other", async (name) => {
    const source = openSource(fixture("openpyxl.xlsx"), { sheet: name });
    expect(await Array.fromAsync(source)).toEqual([{ a: 1, b: 2 }]);
    expect(source.notes).toEqual([]);
  });

  it("xlsxSource names the sheets that there are where the one asked for is not, and those with rows where it is empty", async () => {
    const path = fixture("openpyxl.xlsx");
    await expect(readAll(path, { sheet: "x" })).rejects.toThrow(
      'it has no sheet "x"; its sheets are "First & <main>", "Other", "Empty"',
    );
    await expect(readAll(path, { sheet: 3 })).rejects.toMatchObject({
      code: "INVALID_INPUT",
      option: "sheet",
      message: expect.stringContaining(
        'its sheet "Empty" is empty; name one with rows in the option "sheet"',
      ),
    });
  });

  it("xlsxSource names columns without a name by their place, tells equal names apart, and leaves empty columns out", async () => {
    const cell = (at: string, text: string): string =>
      `<c r="${at}" t="inlineStr"><is><t>${text}</t></is></c>`;
    const rows = `<row>${cell("B1", "a")}${cell("D1", "a")}</row><row>${cell("B2", "1")}${cell("D2", "2")}${cell("F2", "3")}</row>`;
    const path = await workbook({ [SHEET]: sheet(rows) });
    expect(await readAll(path)).toEqual([{ a: "1", a_2: "2", column_6: "3" }]);
    await expect(readAll(path, { duplicateHeaders: "error" })).rejects.toThrow('the header names "a" twice');
  });

  it("xlsxSource leaves out the rows above the header that skipLines counts, such as a title", async () => {
    const title = HEADER.replace("<t>a</t>", "<t>A report</t>");
    const header = HEADER.replace('r="1"', 'r="3"').replace("A1", "A3");
    const path = await workbook({
      [SHEET]: sheet(`${title}${header}<row r="4"><c r="A4"><v>5</v></c></row>`),
    });
    expect(await readAll(path, { skipLines: 2 })).toEqual([{ a: 5 }]);
    expect(await readAll(path)).toEqual([{ "A report": "a" }, { "A report": 5 }]);
  });

  it("xlsxSource keeps every digit of an integer that another program has written", async () => {
    const path = await workbook({
      [SHEET]: sheet(`${HEADER}<row r="2"><c r="A2"><v>9007199254740993</v></c></row>`),
    });
    expect(await readAll(path)).toEqual([{ a: 9_007_199_254_740_993n }]);
    expect(await readAll(path, { longNumbers: "text" })).toEqual([{ a: "9007199254740993" }]);
  });

  it.each<readonly [format: string, serial: number, cell: unknown]>([
    ["yyyy-mm-dd", 46_356, "2026-11-30"],
    ["[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", 46_356, "2026-11-30"],
    ["mmm-yy", 1, "1900-01-01"],
    ["yyyy-mm-dd", 59, "1900-02-28"],
    ["yyyy-mm-dd", 60, "1900-02-29"],
    ["yyyy-mm-dd", 61, "1900-03-01"],
    ["yyyy-mm-dd", 2_958_465, "9999-12-31"],
    ["yyyy-mm-dd", 2_958_466, 2_958_466],
    ["yyyy-mm-dd", -1, -1],
    ["yyyy-mm-dd", 46_356.5, "2026-11-30T12:00:00"],
    ["d/m/yy h:mm", 46_356, "2026-11-30T00:00:00"],
    ["d/m/yy h:mm", 46_356.524_247_557_9, "2026-11-30T12:34:54.989"],
    ["h:mm AM/PM", 0.75, "18:00:00"],
    ["mm:ss.0", 0.000_011_574_074, "00:00:01"],
    ["[h]:mm:ss", 1.5, "36:00:00"],
    ["[mm]:ss", -0.5, "-12:00:00"],
    ['#,##0.00 "days"', 1.5, 1.5],
    ["General", 46_356, 46_356],
    ["[Red]0.00;[Blue]-0.00", 2, 2],
    ["0.00E+00", 2, 2],
    ['_-* #,##0\\ "DM"_-', 2, 2],
  ])("xlsxSource reads the format %s: of %d it makes %j", async (format, serial, cell) => {
    const rows = `${HEADER}<row r="2"><c r="A2" s="1"><v>${serial}</v></c></row>`;
    const path = await workbook({ [SHEET]: sheet(rows), "xl/styles.xml": stylesWith(format) });
    expect(await readAll(path)).toEqual([{ a: cell }]);
  });

  it.each(["s", "b", "e", "n"])(
    "xlsxSource takes a cell of type %s for empty where its value is written as nothing",
    async (type) => {
      const cells = ["<v/>", "<v></v>", "<v> </v>"].map(
        (value, at) =>
          `<row r="${at + 2}"><c r="A${at + 2}" t="${type}">${value}</c><c r="B${at + 2}"><v>5</v></c></row>`,
      );
      const path = await workbook({
        [SHEET]: sheet(`${HEADER}${cells.join("")}`),
        ...sharedParts("<si><t>not this</t></si>"),
      });
      const row = { a: null, column_2: 5 };
      expect(await readAll(path)).toEqual([row, row, row]);
    },
  );

  it("xlsxSource reads a row of any number, rows without one, and cells in any order", async () => {
    const rows = `<row><c r="B2"><v>2</v></c><c r="A2"><v>1</v></c></row><row r="1000000000"><c r="A1000000000"><v>3</v></c></row>`;
    const path = await workbook({ [SHEET]: sheet(`${HEADER}${rows}`) });
    expect(await readAll(path)).toEqual([
      { a: 1, column_2: 2 },
      { a: 3, column_2: null },
    ]);
  });

  it.each<readonly [stored: string, format: string, cell: unknown, type: string]>([
    ["2026-11-30T00:00:00", "yyyy-mm-dd", "2026-11-30", "date"],
    ["2026-11-30", "yyyy-mm-dd", "2026-11-30", "date"],
    ["2026-11-30T12:34:56.789Z", "d/m/yy h:mm", "2026-11-30T12:34:56.789", "timestamp"],
    ["2026-11-30T12:34:56", "General", "2026-11-30T12:34:56", "timestamp"],
    ["12:34:56", "h:mm", "12:34:56", "time"],
    ["12:34:56", "General", "12:34:56", "time"],
    ["1850-01-01T00:00:00", "yyyy-mm-dd", "1850-01-01T00:00:00", "text"],
    ["soon", "yyyy-mm-dd", "soon", "text"],
  ])(
    "xlsxSource reads %s, stored as a date in ISO 8601 and shown as %s, as the number of days that it stands for",
    async (stored, format, cell, type) => {
      const rows = `${HEADER}<row r="2"><c r="A2" s="1" t="d"><v>${stored}</v></c></row>`;
      const source = openSource(
        await workbook({ [SHEET]: sheet(rows), "xl/styles.xml": stylesWith(format) }),
      );
      expect([...((await source.columnTypes?.()) ?? [])]).toEqual([["a", expect.objectContaining({ type })]]);
      expect(await Array.fromAsync(source)).toEqual([{ a: cell }]);
    },
  );

  it("xlsxSource reads parts with prefixes, shared texts without their readings, and characters that XML has no form for", async () => {
    const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const path = await workbook({
      [SHEET]: `<x:worksheet xmlns:x="${main}"><x:sheetData><x:row><x:c t="s"><x:v>0</x:v></x:c></x:row><x:row><x:c t="s"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>`,
      "xl/sharedStrings.xml": `<sst xmlns="${main}"><si><r><t>a</t></r><rPh sb="0" eb="1"><t>not this</t></rPh></si><si><t>_x0007_ _x005F_x0007_</t></si></sst>`,
      "xl/_rels/workbook.xml.rels": `<Relationships xmlns="x"><Relationship Id="rId1" Type="http://x/worksheet" Target="/xl/worksheets/sheet1.xml"/><Relationship Id="rId3" Type="http://x/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
    });
    expect(await readAll(path)).toEqual([{ a: "\u0007 _x0007_" }]);
  });

  it.each<readonly [title: string, declared: string, encode: (text: string) => Buffer]>([
    ["UTF-8 with a byte order mark", "utf-8", (text) => Buffer.from(`\uFEFF${text}`)],
    ["UTF-16", "UTF-16", (text) => Buffer.from(`\uFEFF${text}`, "utf16le")],
    ["UTF-16 without a byte order mark", "UTF-16", (text) => Buffer.from(text, "utf16le")],
    ["UTF-16 of the other order", "UTF-16", (text) => Buffer.from(`\uFEFF${text}`, "utf16le").swap16()],
    ["UTF-8 that is called UTF-16", "utf-16", (text) => Buffer.from(text)],
    ["ISO 8859-1", "ISO-8859-1", (text) => Buffer.from(text, "latin1")],
  ])("xlsxSource reads a sheet in %s", async (_, declared, encode) => {
    // In ISO 8859-1 these two characters are bytes that are one of UTF-8.
    const rows = `${HEADER}<row r="2"><c r="A2" t="str"><v>Ã©</v></c></row>`;
    const xml = `<?xml version="1.0" encoding="${declared}"?>${sheet(rows)}`;
    expect(await readAll(await workbook({ [SHEET]: encode(xml) }))).toEqual([{ a: "Ã©" }]);
  });

  it("xlsxSource reads a header without rows as no rows, and loses none when the columns were asked for first", async () => {
    const path = await workbook({ [SHEET]: sheet(HEADER) });
    const source = openSource(path);
    expect([await source.columns(), await Array.fromAsync(source)]).toEqual([["a"], []]);
  });

  it("xlsxSource digests the whole file once all rows were read", async () => {
    let digest: InputDigest | undefined;
    const path = fixture("pandas.xlsx");
    await Array.fromAsync(openSource(path, { onDigest: (told) => (digest = told) }));
    const bytes = await readFile(path);
    expect(digest).toEqual({ bytes: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") });
  });
});

describe("a file that xlsxSource cannot read", () => {
  const OLE = Buffer.from("d0cf11e0a1b11ae1", "hex");
  it.each<readonly [string, () => Promise<string>, string]>([
    [
      "text that is called .xlsx",
      () => write("a.xlsx", "a,b\n1,2\n"),
      "it is not an Excel file, which begins with PK",
    ],
    [
      "a file of before 2007",
      () => write("a.xlsx", Buffer.concat([OLE, Buffer.alloc(600)])),
      "save it as .xlsx",
    ],
    [
      "one that is protected by a password",
      () =>
        write("a.xlsx", Buffer.concat([OLE, Buffer.alloc(600), Buffer.from("EncryptedPackage", "utf16le")])),
      "it is protected by a password",
    ],
    ["an empty file", () => write("a.xlsx", ""), "it is empty"],
    [
      "a zip file of something else",
      () => workbook({ "_rels/.rels": relations("word/document.xml") }),
      "not a workbook of Excel",
    ],
    ["a binary workbook", () => workbook({ "_rels/.rels": relations("xl/workbook.bin") }), ".xlsb"],
    ["a document of OpenOffice", () => workbook({ "content.xml": "<x/>" }), ".ods"],
    [
      "a sheet that is no XML",
      () => workbook({ [SHEET]: "<worksheet><sheetData><row>" }),
      'sheet "rows" cannot be read',
    ],
    [
      "a sheet in an encoding that is none",
      () => workbook({ [SHEET]: `<?xml version="1.0" encoding="klingon"?>${sheet(HEADER)}` }),
      "klingon",
    ],
    [
      "elements that are opened and never closed",
      () => workbook({ [SHEET]: sheet("<a>".repeat(300)) }),
      "it has elements in more than 256 others",
    ],
    [
      "a missing sheet",
      () => workbook({ "xl/_rels/workbook.xml.rels": relations("x.xml", "worksheet") }),
      "its part xl/x.xml is missing",
    ],
    [
      "a text that is missing",
      () => workbook({ [SHEET]: sheet('<row><c t="s"><v>5</v></c></row>') }),
      "the text of cell A1 is missing",
    ],
    [
      "a boolean that is none",
      () => workbook({ [SHEET]: sheet(`${HEADER}<row r="2"><c r="A2" t="b"><v>yes</v></c></row>`) }),
      'cell A2 has the boolean "yes"',
    ],
    ...(
      [
        ["a row behind a later one", '<row r="5"/><row r="3"><c><v>5</v></c></row>', '"3"'],
        ["a row that is there twice", '<row r="2"/><row r="2"><c><v>5</v></c></row>', '"2"'],
        ["a row without a number that it could have", '<row r="x"/>', '"x"'],
        ["a row before the first", '<row r="0"/>', '"0"'],
        ["a row between two others", '<row r="2.5"/>', '"2.5"'],
        ["a row of 21 digits", '<row r="100000000000000000000"/>', '"100000000000000000000"'],
        ["a cell of another row", '<row r="2"><c r="A7"><v>5</v></c></row>', "a cell of row 2 is said to be"],
      ] as const
    ).map(
      ([title, rows, message]) =>
        [title, () => workbook({ [SHEET]: sheet(`${HEADER}${rows}`) }), message] as const,
    ),
    [
      "a cell beyond the last column",
      () => workbook({ [SHEET]: sheet('<row><c r="XFE1"><v>5</v></c></row>') }),
      "XFE1",
    ],
    [
      "entities that grow when they are expanded",
      () =>
        workbook({
          [SHEET]: `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${sheet("<row><c t='str'><v>&b;</v></c></row>")}`,
        }),
      "it has a document type",
    ],
  ])("xlsxSource refuses %s before it gives a row", async (_, make, message) => {
    const source = xlsxSource(await make());
    await expect(source.columns()).rejects.toMatchObject({ message: expect.stringContaining(message) });
    await expect(source.getReader().read()).rejects.toThrow(message);
  });

  function relations(target: string, type = "officeDocument"): string {
    return `<Relationships xmlns="x"><Relationship Id="rId1" Type="http://x/${type}" Target="${target}"/></Relationships>`;
  }

  it.each<readonly [string, () => Promise<string>, string]>([
    [
      "a text",
      () =>
        workbook({
          [SHEET]: sheet(`${HEADER}<row r="2"><c r="A2" t="str"><v>${"x".repeat(2 ** 21)}</v></c></row>`),
        }),
      "what follows row 2",
    ],
    [
      "blanks between rows",
      () => workbook({ [SHEET]: sheet(`${HEADER}${" ".repeat(2 ** 21)}`) }),
      "what follows row 1",
    ],
    [
      "texts that are shared by all cells of a row",
      () => {
        const cells = '<c t="s"><v>0</v></c>'.repeat(5000);
        const texts = sharedParts(`<si><t>${"x".repeat(1000)}</t></si>`);
        return workbook({ ...texts, [SHEET]: sheet(`<row>${cells}</row><row>${cells}</row>`) });
      },
      "line 2: the record has more than",
    ],
    [
      "a shared text",
      () => workbook(sharedParts(`<si><t>${"x".repeat(2 ** 21)}</t></si>`)),
      "one of its texts has more than",
    ],
  ])("xlsxSource stops unpacking %s that has more bytes than a record may have", async (_, make, message) => {
    await expect(readAll(await make(), { maxRecordBytes: 2 ** 20 })).rejects.toThrow(message);
  });

  it("xlsxSource takes linear time for formats, references and relations without an end", async () => {
    const row = '<row r="1"><c r="A1"><v>5</v></c></row>';
    const format = await workbook({
      [SHEET]: sheet(row),
      "xl/styles.xml": stylesWith("[".repeat(2_000_000)),
    });
    expect(await readAll(format)).toEqual([]);
    const reference = `<row r="1"><c r="A${"1".repeat(2_000_000)}x"><v>5</v></c></row>`;
    await expect(readAll(await workbook({ [SHEET]: sheet(reference) }))).rejects.toThrow("is said to be at");
    const count = 100_000;
    const relation = (_: unknown, at: number): string =>
      `<Relationship Id="y${at}" Type="x/worksheet" Target="b"/>`;
    const named = (_: unknown, at: number): string => `<sheet name="s" r:id="z${at}"/>`;
    const related = await workbook({
      "xl/workbook.xml": `<workbook xmlns:r="x"><sheets>${Array.from({ length: count }, named).join("")}</sheets></workbook>`,
      "xl/_rels/workbook.xml.rels": `<Relationships>${Array.from({ length: count }, relation).join("")}</Relationships>`,
    });
    await expect(readAll(related)).rejects.toThrow("it has no sheet with cells");
  });

  it("xlsxSource looks at one part once, however many sheets it is said to be, and not without an end", async () => {
    const row = '<row><c r="A1"><v>5</v></c></row>';
    const others = Array.from({ length: 20_000 }, (_, at) => `<sheet name="s${at}" r:id="r2"/>`).join("");
    const relation = (id: string, target: string): string =>
      `<Relationship Id="${id}" Type="x/worksheet" Target="worksheets/${target}"/>`;
    const path = await workbook({
      [SHEET]: sheet(row),
      "xl/workbook.xml": `<workbook xmlns:r="x"><sheets><sheet name="rows" r:id="r1"/>${others}</sheets></workbook>`,
      "xl/_rels/workbook.xml.rels": `<Relationships>${relation("r1", "sheet1.xml")}${relation("r2", "sheet2.xml")}</Relationships>`,
      // Were it read for each of them, it would be 200 GB.
      "xl/worksheets/sheet2.xml": sheet("<row/>".repeat(1_700_000)),
    });
    const source = xlsxSource(path);
    expect(await Array.fromAsync(source)).toEqual([]);
    expect(source.notes).toEqual([]);
  });

  it("xlsxSource says so where a checksum is wrong, or the file is cut off", async () => {
    const path = await workbook({ [SHEET]: sheet(`${HEADER}<row r="2"><c r="A2"><v>5</v></c></row>`) });
    const bytes = await readFile(path);
    const damaged = Buffer.from(bytes);
    const at = damaged.lastIndexOf(Buffer.from("504b0102", "hex"));
    damaged.writeUInt32LE(damaged.readUInt32LE(at + 16) ^ 1, at + 16);
    await expect(readAll(await write("b.xlsx", damaged))).rejects.toThrow("the checksum of its part");
    const small = Buffer.from(bytes);
    small.writeUInt32LE(5, at + 24);
    await expect(readAll(await write("d.xlsx", small))).rejects.toThrow("is longer than its list says");
    await expect(readAll(await write("c.xlsx", bytes.subarray(0, bytes.length - 30)))).rejects.toThrow(
      "c.xlsx",
    );
  });

  it("xlsxSource says that a file was changed while it was read", async () => {
    const rows = Array.from(
      { length: 20_000 },
      (_, index) => `<row r="${index + 2}"><c r="A${index + 2}"><v>${index}</v></c></row>`,
    );
    const path = await workbook({ [SHEET]: sheet(`${HEADER}${rows.join("")}`) });
    const reader = openSource(path).getReader();
    await reader.read();
    await utimes(path, new Date(), new Date(1000));
    await expect(
      (async () => {
        while (!(await reader.read()).done);
      })(),
    ).rejects.toThrow("the file was changed while it was read");
  });

  it("xlsxSource needs a file that is not compressed once more", async () => {
    await expect(openSource("-", { format: "xlsx" }).columns()).rejects.toThrow(
      "save it as a file and name that",
    );
    await expect(openSource("rows.xlsx.gz", { format: "xlsx" }).columns()).rejects.toThrow(
      "unpack the file first",
    );
    expect(() => openSource("old.xls")).toThrow("open it in Excel and save it as .xlsx");
  });

  it("xlsxSource gives no more rows once its stream is cancelled", async () => {
    const source = openSource(fixture("openpyxl.xlsx"));
    await source.columns();
    await source.cancel();
    await expect(source.getReader().read()).resolves.toMatchObject({ done: true });
  });
});
