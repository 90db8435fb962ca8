import { describe, expect, it } from "vitest";
import { foldName } from "./fold-name.ts";

const SAME: readonly (readonly string[])[] = [
  [
    "first_name",
    "firstName",
    "FirstName",
    "First Name",
    "first-name",
    "FIRST_NAME",
    " first name ",
    "first  name",
    String.raw`first\_name`,
  ],
  ["not_spam", "NOT SPAM", "not-spam", "Not Spam\n"],
  ["q", "Q", "q ", "\tq"],
  ["level_2", "level2", "Level 2"],
  ["größe", "GRÖSSE".replace("SS", "ß"), " Größe"],
  ["ｆｕｌｌ", "full"],
];

const DIFFERENT: readonly (readonly [string, string])[] = [
  ["1", "-1"],
  ["A", "A-"],
  ["A", "A+"],
  ["12", "1-2"],
  ["12", "1 2"],
  ["12", "1_2"],
  ["1.5", "15"],
  ["c", "c#"],
  ["temp_5", "temp -5"],
  ["spam", "not_spam"],
  ["resume", "résumé"],
  ["a/b", "ab"],
  ["_id", "id"],
];

describe("foldName", () => {
  it.each(SAME.map((names) => [names]))("foldName makes one name of %j", (names) => {
    expect(new Set(names.map(foldName)).size).toBe(1);
  });

  it.each(DIFFERENT)("foldName tells %j from %j", (a, b) => {
    expect(foldName(a)).not.toBe(foldName(b));
  });

  it("foldName takes linear time", () => {
    expect(foldName(`a${" ".repeat(1_000_000)}`)).toBe("a");
    expect(foldName(`a${" ".repeat(1_000_000)}!`)).toHaveLength(1_000_002);
    expect(foldName("a_".repeat(500_000))).toHaveLength(500_001);
  });
});
