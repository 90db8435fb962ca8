import { describe, expect, it } from "vitest";
import {
  aBoolean,
  aFunction,
  anObject,
  aSecret,
  aText,
  checkArgument,
  checkOptions,
  oneOf,
  optionsOf,
  pickOptions,
  required,
  texts,
  wholeNumber,
  type OptionChecks,
} from "../index.ts";

interface Options {
  readonly model: string;
  readonly apiKey?: string;
  readonly n?: number;
  readonly order?: "input" | "completion";
  readonly isOn?: boolean;
  readonly columns?: readonly string[];
  readonly limits?: { readonly tokens?: number };
  readonly onEnd?: () => void;
  readonly extra?: object;
}

const CHECKS: OptionChecks<Options> = {
  model: required(aText, "the name of a model"),
  apiKey: aSecret,
  n: wholeNumber(1, 9),
  order: oneOf("input", "completion"),
  isOn: aBoolean,
  columns: texts,
  limits: optionsOf<NonNullable<Options["limits"]>>({ tokens: wholeNumber(1) }),
  onEnd: aFunction,
  extra: anObject,
};

const problemWith = (options: unknown): unknown => {
  try {
    checkOptions("ask", options, CHECKS);
    return undefined;
  } catch (error) {
    return error;
  }
};

describe("checkOptions", () => {
  it.each([
    [{ model: "m" }],
    [{ model: "m", n: undefined, apiKey: undefined }],
    [
      {
        model: "m",
        n: 9,
        order: "input",
        isOn: false,
        columns: [],
        limits: {},
        onEnd: () => 1,
        extra: new Date(),
      },
    ],
  ])("checkOptions takes the options %j", (options) => {
    expect(problemWith(options)).toBeUndefined();
  });

  it.each([
    [{ model: "m", N: 1 }, "N", "ask has no such option; did you mean n?"],
    [{ model: "m", oder: "input" }, "oder", "ask has no such option; did you mean order?"],
    [{ model: "m", is_on: true }, "is_on", "ask has no such option; did you mean isOn?"],
    [{ modell: "m" }, "modell", "ask has no such option; did you mean model?"],
    [
      { model: "m", somethingElse: 1 },
      "somethingElse",
      "ask has no such option; its options are apiKey, columns, extra, isOn, limits, model, n, onEnd, order",
    ],
    [{ model: "m", nothing: undefined }, "nothing", "ask has no such option"],
    [{}, "model", "it is missing; expected the name of a model"],
    [{ model: null }, "model", "expected a text, got null"],
    [{ model: "m", n: "3" }, "n", 'expected a whole number from 1 to 9, got "3"'],
    [{ model: "m", n: 1.5 }, "n", "expected a whole number from 1 to 9, got 1.5"],
    [{ model: "m", n: 3n }, "n", "expected a whole number from 1 to 9, got 3n"],
    [{ model: "m", order: "random" }, "order", 'expected "input" or "completion", got "random"'],
    [{ model: "m", isOn: "yes" }, "isOn", 'expected true or false, got "yes"'],
    [{ model: "m", columns: "a" }, "columns", 'expected a list of texts, got "a"'],
    [{ model: "m", columns: ["a", 1] }, "columns", "expected a list of texts, got a list"],
    [{ model: "m", limits: 5 }, "limits", "expected an object, got a number"],
    [{ model: "m", limits: { token: 5 } }, "limits.token", "limits has no such option; did you mean tokens?"],
    [{ model: "m", limits: { tokens: 0 } }, "limits.tokens", "expected a whole number of at least 1, got 0"],
    [{ model: "m", onEnd: new Map() }, "onEnd", "expected a function, got an object (Map)"],
    [{ model: "m", extra: Symbol("x") }, "extra", "expected an object, got a symbol"],
    [{ model: "x".repeat(100), n: "y".repeat(100) }, "n", `got "${"y".repeat(60)}…"`],
  ])("checkOptions refuses the options %o", (options, option, words) => {
    const error = problemWith(options);
    expect(error).toMatchObject({ name: "ParrotError", code: "INVALID_OPTION", option });
    expect(error).toHaveProperty("message", expect.stringContaining(`Cannot use the option ${option}: `));
    expect(error).toHaveProperty("message", expect.stringContaining(words));
  });

  it.each([["secret-model-name"], [undefined], [null], [7], [["m"]]])(
    "checkOptions refuses %j in place of options",
    (options) => {
      const error = problemWith(options);
      expect(error).toMatchObject({ code: "INVALID_OPTION", option: "options" });
      expect(error).toHaveProperty(
        "message",
        expect.stringContaining("Cannot use the options of ask: expected an object with model, got "),
      );
      expect(String(error)).not.toContain("secret");
    },
  );

  it("checkOptions shows no secret in its message, whatever the secret is", () => {
    for (const apiKey of [12345678, ["secret-key"], { key: "secret-key" }, 5n])
      expect(String(problemWith({ model: "m", apiKey }))).not.toMatch(/secret|1234|5n/);
  });

  it("checkOptions passes on what a getter of the options throws", () => {
    const error = new Error("no luck");
    const options = {
      model: "m",
      get n(): number {
        throw error;
      },
    };
    expect(problemWith(options)).toBe(error);
  });
});

describe("checkArgument", () => {
  it("checkArgument names the argument that is wrong", () => {
    expect(() => checkArgument("open", "path", 5, aText)).toThrow(
      "Cannot use the option path: expected a text, got 5",
    );
    expect(() => checkArgument("open", "path", undefined, required(aText, "a path"))).toThrow(
      "Cannot use the option path: it is missing; expected a path",
    );
  });
});

describe("pickOptions", () => {
  it("pickOptions leaves out what is not known and what is not set", () => {
    const options = { model: "m", n: undefined, other: 1 };
    expect(pickOptions<Options>(options, CHECKS)).toEqual({ model: "m" });
  });
});
