import { describe, expect, it } from "vitest";
import { terminalJson, terminalLine, terminalText } from "./terminal-text.ts";

describe("terminalText", () => {
  it("terminalText leaves text of all languages as it is, line breaks and emoji too", () => {
    const text = "Grüße, שלום, مرحبا,\n日本語\t👩‍👩‍👧 — fine";
    expect(terminalText(text)).toBe(text);
  });
});

const HOSTILE = "a\u001B]0;title\u0007b\u009B31md\u007Fe\u202Ef\u200Fg\u0085h\ri\tj\u2028\u2029";

describe("terminalJson", () => {
  it("terminalJson keeps what the JSON says, and has no character that a terminal obeys", () => {
    for (const indent of [undefined, 2]) {
      const json = JSON.stringify({ [HOSTILE]: [HOSTILE, { text: "Grüße, שלום" }] }, undefined, indent);
      const shown = terminalJson(json);
      expect(JSON.parse(shown)).toEqual(JSON.parse(json));
      expect(shown).toBe(terminalText(shown));
      expect(shown).toContain("Grüße, שלום");
    }
  });
});

describe("terminalLine", () => {
  it("terminalLine makes a space of characters that a terminal obeys, line breaks too", () => {
    expect(terminalLine(`${HOSTILE}\r\n\u2066k`)).toBe("a ]0;title b 31md e f g h i j k");
  });
});
