import { expect, it } from "vitest";
import { counted } from "./counted.ts";

it.each([
  [counted(0, "row"), "0 rows"],
  [counted(1, "row"), "1 row"],
  [counted(12_345, "row"), "12,345 rows"],
  [counted(1, "reply", "replies"), "1 reply"],
  [counted(2, "reply", "replies"), "2 replies"],
])("a message counts with the noun in its right form: %s", (text, expected) => {
  expect(text).toBe(expected);
});
