import { describe, expect, it } from "vitest";
import { restoreBackslashes } from "./restore-backslashes.ts";

const { raw } = String;

/** What the text of a JSON string says once its backslashes are restored. */
function meaning(inside: string): unknown {
  return JSON.parse(restoreBackslashes(`"${inside}"`));
}

describe("restoreBackslashes", () => {
  it.each([
    raw`\d+`,
    raw`\frac{1}{2}`,
    raw`\beta and \nu, \theta, \rho, \tau, \neq, \right)`,
    raw`\(x\) \[y\] \{z\} \alpha`,
    raw`\sum \in \exists \theta`,
    raw`\bword\b`,
    raw`\w+\b \f`,
    raw`C:\Program Files`,
    raw`C:\Users\temp\new\bin`,
    raw`\d at D:\temp\new.txt`,
    raw`\\server\share\new\file`,
    raw`\begin{pmatrix} a \\ b \end{pmatrix}`,
    raw`\u12 \ux`,
    raw`\$5, \_, \*`,
  ])("restoreBackslashes keeps %s as it was written", (text) => {
    expect(meaning(text)).toBe(text);
  });

  it.each([
    [raw`one\ntwo \d`, `one\ntwo ${raw`\d`}`],
    [raw`\d\n\nNext\tcell`, `${raw`\d`}\n\nNext\tcell`],
    [raw`\d\nB:\nYes, A:\nno, Q:\nwhat`, `${raw`\d`}\nB:\nYes, A:\nno, Q:\nwhat`],
    [raw`\d \"x\" \/ \u00e9`, raw`\d "x" / é`],
    [raw`\\d and \w`, raw`\d and \w`],
    [raw`it\'s \d`, raw`it's \d`],
  ])("restoreBackslashes leaves an escape that is meant as one: %s", (text, meant) => {
    expect(meaning(text)).toBe(meant);
  });

  it.each([
    raw`{"a":"one\ntwo\tthree"}`,
    raw`{"a":"\n\\d \\frac \\\\ \" \u00e9"}`,
    raw`{"a":"\theta \nu \rho C:\temp"}`,
    raw`{"a":"a page\f"}`,
    raw`{"a":"\b"}`,
    raw`{"a":"cut \u00`,
    "{}",
  ])("restoreBackslashes leaves a text alone that shows no lost backslash: %s", (text) => {
    expect(restoreBackslashes(text)).toBe(text);
  });

  it("restoreBackslashes reads an escaped apostrophe without taking other escapes for lost backslashes", () => {
    expect(meaning(raw`it\'s\ttrue`)).toBe("it's\ttrue");
  });
});
