import { describe, expect, it } from "vitest";
import { getCell, setCell, type Row } from "../index.ts";

describe("setCell and getCell", () => {
  it.each(["__proto__", "constructor", "prototype", "toString", "a b"])(
    "setCell and getCell keep a column named %s",
    (column) => {
      const row: Row = {};
      expect(getCell(row, column)).toBeUndefined();
      setCell(row, column, "cell");
      expect(getCell(row, column)).toBe("cell");
      expect(Object.keys(row)).toEqual([column]);
      expect(getCell({ ...row }, column)).toBe("cell");
      expect(Object.getPrototypeOf(row)).toBe(Object.prototype);
    },
  );
});
