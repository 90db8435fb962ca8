import { describe, expect, it } from "vitest";
import { escapeFormula } from "./escape-formula.ts";

describe("escapeFormula", () => {
  it.each([
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "+49 30 123456",
    "-1+1",
    "- a list item",
    "--5",
    "-",
    "@SUM(A1)",
    "@handle",
    "\t=1",
    "\ttext",
    "\rtext",
    " =1",
    "   +x",
    "\n=1",
    "\u00a0=1",
    "\u200b=1",
    "\ufeff=1",
    "\u0000=1",
    "\u202e@x",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    " ＝1",
    "\t-5",
    "-5\n",
    "-1,000",
    "-5e",
    "-0x10",
  ])("escapes %j", (cell) => {
    expect(escapeFormula(cell)).toBe(`'${cell}`);
  });

  it.each([
    "",
    " ",
    "text",
    "a=b",
    "1+1",
    "5",
    "-5",
    "+5",
    "-5.25",
    "-.5",
    "+1.5e3",
    "-1E-9",
    "-5%",
    " -5 ",
    "\ntext",
    "'=1",
    '{"a":1}',
    "é=",
    "#N/A",
    "*bold*",
  ])("leaves %j alone", (cell) => {
    expect(escapeFormula(cell)).toBe(cell);
  });

  it("takes a megabyte of spaces in its stride", () => {
    const spaces = " ".repeat(2 ** 20);
    expect(escapeFormula(`${spaces}x`)).toBe(`${spaces}x`);
    expect(escapeFormula(`${spaces}=x`)).toBe(`'${spaces}=x`);
  });
});
