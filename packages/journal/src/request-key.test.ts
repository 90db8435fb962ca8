import { describe, expect, it } from "vitest";
import { requestKey } from "./index.ts";

const request = {
  provider: "openai",
  url: "https://api.example.com/v1",
  model: "m",
  body: '{"a":1}',
  replicate: 0,
};

describe("requestKey", () => {
  it("the key of a request is what it has always been if nobody asked it before: journals of any age are found in", () => {
    const key = "CNo0RY9p-nkcs0LDyqWN2OcYhbxTZz9wiDKIwIYW340";
    expect([requestKey(request), requestKey({ ...request, occurrence: 0 })]).toEqual([key, key]);
  });

  it("the key of a request is another one for each replicate, each occurrence and both together", () => {
    const numbers = [0, 1, 2, 10, 11, 21, 101];
    const keys = numbers.flatMap((replicate) =>
      numbers.map((occurrence) => requestKey({ ...request, replicate, occurrence })),
    );
    expect(new Set(keys).size).toBe(numbers.length ** 2);
  });

  it("the key of a row that is asked with others is not the one that it has alone", () => {
    const keys = [0, 1].flatMap((occurrence) =>
      [false, true].map((isGrouped) => requestKey({ ...request, occurrence, isGrouped })),
    );
    expect(new Set(keys).size).toBe(4);
  });

  it("the key of a request is another one for each prompt that it was cut from", () => {
    const cuts = [undefined, "a", "b", "1"];
    const keys = cuts.flatMap((cutFrom) =>
      [0, 1].map((occurrence) =>
        requestKey({ ...request, occurrence, ...(cutFrom === undefined ? {} : { cutFrom }) }),
      ),
    );
    expect(new Set(keys).size).toBe(8);
  });
});
