import { describe, expect, it } from "vitest";
import { distributionOf } from "./distribution.ts";

describe("distributionOf", () => {
  it("categories are counted, the most frequent first, and empty cells apart", () => {
    expect(distributionOf(["no", "yes", "", "no", " "])).toMatchObject({
      cells: 5,
      empty: 2,
      distinct: 2,
      values: [
        { value: "no", rows: 2 },
        { value: "yes", rows: 1 },
      ],
    });
  });

  it("cells that are numbers, all but empty ones, are spread over bars that count each once", () => {
    const { numbers } = distributionOf([...Array.from({ length: 100 }, (_, at) => String(at)), ""]);
    expect(numbers).toMatchObject({ least: 0, average: 49.5, greatest: 99 });
    expect(numbers?.bars.reduce((sum, rows) => sum + rows, 0)).toBe(100);
    expect(numbers?.bars).toHaveLength(24);
    expect(distributionOf(["1", "two"])).not.toHaveProperty("numbers");
  });

  it("one number, no cells and numbers that are all the same have a spread too", () => {
    expect(distributionOf(["7", "7"]).numbers).toMatchObject({ least: 7, average: 7, greatest: 7 });
    expect(distributionOf([])).toMatchObject({ cells: 0, values: [], lengths: { bars: [] } });
  });
});
