import { describe, expect, it } from "vitest";
import { readKeyText, type KeyText } from "./read-key-text.ts";

const VARIABLES = ["OPENAI_API_KEY", "OPENAI_KEY"];
const SECRET = "sk-Ab3+9/xY_7zQ==";

function read(text: string, variables: readonly string[] = VARIABLES): KeyText {
  return readKeyText(text, { source: "key.txt, given as --key-file", variables });
}

describe("the text of a key file", () => {
  it.each([
    SECRET,
    `${SECRET}\r\n`,
    ` "${SECRET}" \n`,
    `'${SECRET}'`,
    `\n# the key of the project\n${SECRET}\n`,
    `OPENAI_API_KEY=${SECRET}`,
    `OPENAI_API_KEY = "${SECRET}"`,
    `export OPENAI_API_KEY='${SECRET}'\n`,
    `ANY_NAME=${SECRET}`,
    `OPENAI_API_KEY=${SECRET} # the key of the project`,
    `OPENAI_API_KEY="${SECRET}"  # the key of the project`,
    `set OPENAI_API_KEY=${SECRET}\r\n`,
    `$env:OPENAI_API_KEY = "${SECRET}"\r\n`,
    `Bearer ${SECRET}\n`,
    `# keys\nGROQ_API_KEY=other\nexport OPENAI_API_KEY=${SECRET}\n`,
    `OPENAI_KEY=other\nOPENAI_API_KEY=${SECRET}\n`,
    `{"accessToken":"${SECRET}"}`,
    `{\n  "access_token": "${SECRET}",\n  "token_type": "Bearer"\n}`,
  ])("the text of a key file holds the key however it was copied: %j", (text) =>
    expect(read(text).key).toBe(SECRET),
  );

  it.each(["abc=", "abc==", "sk=abc", "a=b=c"])(
    "the text of a key file may be a key with equals signs: %s",
    (text) => {
      const expected = text.endsWith("=") ? text : text.slice(text.indexOf("=") + 1);
      expect(read(text).key).toBe(expected);
    },
  );

  it.each(['""', "''", "# only a comment\n", 'OPENAI_API_KEY=""', "OPENAI_API_KEY=", '{"token":""}', "\n\n"])(
    "the text of a key file without a key in it is refused: %j",
    (text) => expect(() => read(text)).toThrow(/key\.txt, given as --key-file: there is no key in it/),
  );

  it("the text of a key file with several keys, none of which is the provider's, names the variables and shows no value", () => {
    const several = `A_KEY=${SECRET}\nB_KEY=${SECRET}2\n`;
    expect(() => read(several)).toThrow(
      /it sets A_KEY, B_KEY, and none of them is OPENAI_API_KEY or OPENAI_KEY$/,
    );
    expect(() => read(several, [])).toThrow(/it sets A_KEY, B_KEY$/);
  });

  it.each([
    [`${SECRET}\n${SECRET}2\n`, "several lines"],
    [`OPENAI_API_KEY: ${SECRET}`, "spaces inside"],
  ])(
    "the text of a key file that is more than one key is refused by the name of its source, and shows no value: %j",
    (text, what) => {
      expect(() => read(text)).toThrow(
        `Cannot tell which key to take from key.txt, given as --key-file: it has ${what}; expected the key alone, or lines NAME=value`,
      );
    },
  );

  it("the text of a key file that is JSON without a key says which names it may have, and shows no value", () => {
    expect(() => read(`{"secret":"${SECRET}"}`)).toThrow(/^(?!.*sk-).*accessToken/);
    expect(() => read(`{"broken`)).toThrow(/it is JSON/);
  });
});

describe("the end of a key", () => {
  const END = 1_800_000_000_000;
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

  it.each([
    { accessToken: "a", expiresOn: "2027-01-15T08:00:00Z" },
    { accessToken: "a", expiresOn: "2026-01-01 09:00:00.000000", expires_on: END / 1000 },
    { access_token: "a", expires_on: String(END / 1000) },
    { status: { token: "a", expirationTimestamp: "2027-01-15T08:00:00Z" } },
  ])("the end of a key is read from what programs for signing in print: %j", (printed) => {
    expect(read(JSON.stringify(printed))).toEqual({ key: "a", expiresAt: END });
  });

  it("the end of a key may be told as the seconds that are left", () => {
    const before = Date.now();
    const { expiresAt = 0 } = read('{"access_token":"a","expires_in":3600}');
    expect(expiresAt - before).toBeGreaterThanOrEqual(3_600_000);
    expect(expiresAt - Date.now()).toBeLessThanOrEqual(3_600_000);
  });

  it("the end of a key is read from a JSON Web Token, and is not known of any other key", () => {
    const token = `${encode({ alg: "none" })}.${encode({ exp: END / 1000 })}.c2ln`;
    expect(read(token)).toEqual({ key: token, expiresAt: END });
    expect(read("a.b.c").expiresAt).toBeUndefined();
    expect(read(SECRET).expiresAt).toBeUndefined();
  });
});
