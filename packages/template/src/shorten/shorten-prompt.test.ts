import type { Message, Prompted, Row, Shortening } from "@parallel-parrot/core";
import { readAll, sourceOf } from "@parallel-parrot/core/testing";
import { array, assert, integer, nat, pre, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePrompt, promptStream, template, type PromptTemplate } from "../index.ts";

function shorten(prompt: PromptTemplate, row: Row, characters: number): Shortening {
  const compiled = compilePrompt(prompt);
  return compiled.shorten({ index: 0, row, ...compiled.render(row, 0) }, characters);
}

function contents(shortening: Shortening): readonly string[] {
  if (!shortening.ok) throw new Error(shortening.reason);
  return shortening.prompt.messages.map(({ content }) => content);
}

const long = "abcdefghij".repeat(10);

describe("shortening a prompt", () => {
  it.each<[name: string, prompt: PromptTemplate, row: Row, characters: number, made: readonly string[]]>([
    ["one column", "Sum up: ${text}!", { text: long }, 20, ["Sum up: abcdefghija!"]],
    ["the longest alone", "${a} ${b}", { a: long, b: "short" }, 20, ["abcdefghijabcd short"]],
    ["the longest, be it the last", "${b} ${a}", { a: long, b: "short" }, 20, ["short abcdefghijabcd"]],
    [
      "two that are longer than what is left, alike",
      "${a} ${b}",
      { a: long, b: long },
      21,
      ["abcdefghij abcdefghij"],
    ],
    ["a column at each of its places", "${a}-${a}", { a: long }, 9, ["abcd-abcd"]],
    ["a path", "${doc.text}!", { doc: { text: long } }, 6, ["abcde!"]],
    ["what is no text, as the template shows it", "${list}", { list: ["abc", "def"] }, 7, ['["abc",']],
    ["no word of the template's own", `${long} \${text}`, { text: long }, 5, [`${long} `]],
    ["no default", `\${text} \${other:-${long}}`, { text: long }, 5, [` ${long}`]],
    ["no half of a sign", "${text}", { text: "ab👨‍👩‍👧cd" }, 6, ["ab"]],
    ["as much as leaves a message", "${text}", { text: `   ${long}` }, 1, ["   a"]],
    [
      "all messages alike",
      { system: "Be ${mood}.", user: "${text}", examples: [{ user: "${text}", assistant: "ok" }] },
      { mood: "kind", text: long },
      21,
      ["Be kind.", "abcde", "ok", "abcde"],
    ],
    ["a system message with nothing left", { system: "${text}", user: "Hi" }, { text: long }, 2, ["Hi"]],
    ["a tagged template", template`Sum up: ${"text"}`, { text: long }, 13, ["Sum up: abcde"]],
    [
      "what a function gets",
      (row) => `Sum up: ${String(row["text"])}`,
      { text: long },
      13,
      ["Sum up: abcde"],
    ],
    [
      "what a function of one message gets",
      { system: "Be kind.", user: (row) => `Sum up: ${String(row["text"])}` },
      { text: long },
      21,
      ["Be kind.", "Sum up: abcde"],
    ],
  ])("shortening a prompt cuts %s", (_, prompt, row, characters, made) => {
    const shortening = shorten(prompt, row, characters);
    expect(contents(shortening)).toEqual(made);
    expect(shorten(prompt, row, characters)).toEqual(shortening);
  });

  it("a shortened prompt lists the cuts that show in it and no others", () => {
    const row = { text: long, unused: long.repeat(9), note: "x".repeat(50) };
    const cuts = [{ column: "text", from: 100, to: 60 }];
    expect(shorten("${text} ${note}", row, 111)).toMatchObject({ ok: true, cuts });
    expect(shorten(({ text, note }) => `${String(text)} ${String(note)}`, row, 111)).toMatchObject({
      ok: true,
      cuts,
    });
  });

  it.each<[name: string, prompt: PromptTemplate, row: Row, reason: RegExp]>([
    ["has no column", "The same for all", { text: long }, /contains no text of a column/],
    ["has its text from no text cell", ({ list }) => String(list), { list: [long] }, /contains no text/],
    [
      "needs its cell whole",
      ({ json }) => String(JSON.parse(String(json))),
      { json: JSON.stringify([long]) },
      /JSON/,
    ],
    [
      "is another each time",
      () => `${Math.random()} ${long}`,
      { text: long },
      /no longer what its template makes/,
    ],
    [
      "has its image from a text cell",
      ({ photo }): Message[] => [
        { role: "user", content: "Look", images: [{ mediaType: "image/png", data: String(photo) }] },
      ],
      { photo: long },
      /contains no text of a column|other images/,
    ],
  ])("shortening says why no shorter prompt can be made where the prompt %s", (_, prompt, row, reason) => {
    expect(shorten(prompt, row, 5)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(reason) as string,
    });
  });

  it("shortening refuses a prompt that another stage has changed", () => {
    const compiled = compilePrompt("Sum up: ${text}");
    const prompt = { messages: [{ role: "user" as const, content: `Please. Sum up: ${long}` }] };
    expect(compiled.shorten({ index: 0, row: { text: long }, prompt }, 20)).toMatchObject({ ok: false });
  });

  it("a shortened prompt keeps its images, both addresses and files that were read", () => {
    const compiled = compilePrompt({ user: "About ${text}", images: ["${photo}"] });
    const row = { text: long, photo: "a.png" };
    const images = [{ mediaType: "image/png", data: "AAAA" }];
    const [message] = compiled.render(row, 0).prompt.messages;
    const prompt = { messages: [{ role: "user" as const, content: message?.content ?? "", images }] };
    expect(compiled.shorten({ index: 0, row, prompt }, 11)).toMatchObject({
      ok: true,
      prompt: { messages: [{ role: "user", content: "About abcde", images }] },
    });
  });

  it("shortening uses all characters that are allowed, and cuts no cell while a longer one is whole", () => {
    const cell = integer({ min: 0, max: 300 }).map((length) => "x".repeat(length));
    assert(
      property(array(cell, { minLength: 1, maxLength: 5 }), nat(1000), (cells, characters) => {
        const row: Row = Object.fromEntries(cells.map((text, place) => [`c${place}`, text]));
        const prompt = `Words ${cells.map((_, place) => `\${c${place}}`).join("|")}`;
        const whole = compilePrompt(prompt).render(row, 0).prompt.messages[0]?.content.length ?? 0;
        pre(characters < whole && cells.some((text) => text !== ""));
        const shortening = shorten(prompt, row, characters);
        const [made = ""] = contents(shortening);
        const lengths = made
          .slice("Words ".length)
          .split("|")
          .map((text) => text.length);
        const level = Math.max(...lengths);
        expect(lengths).toEqual(cells.map((text) => Math.min(text.length, level)));
        const own = whole - cells.reduce((sum, text) => sum + text.length, 0);
        const fits = (limit: number): boolean =>
          cells.reduce((sum, text) => sum + Math.min(text.length, limit), own) <= characters;
        expect(level === 0 || fits(level)).toBe(true);
        expect(fits(level + 1)).toBe(false);
      }),
    );
  });

  it("shortening a prompt takes no time for a cell of five megabytes", () => {
    const text = "ein langer Satz. 🇩🇪 ".repeat(250_000);
    const [made = ""] = contents(shorten("${text} ${list}", { text, list: [text] }, 1001));
    expect(made.length).toBeGreaterThan(990);
  });
});

describe("promptStream with canShorten", () => {
  it("promptStream with canShorten gives each item a shortener for its prompt", async () => {
    const stage = promptStream<{ text: string }>("About ${text}", { canShorten: true });
    const [item] = await readAll(sourceOf([{ text: long }]).pipeThrough(stage));
    const prompted = item as Prompted<{ text: string }>;
    expect(prompted.shortener?.shorten(prompted, 11)).toMatchObject({
      ok: true,
      prompt: { messages: [{ role: "user", content: "About abcde" }] },
      cuts: [{ column: "text", from: 100, to: 5 }],
    });
  });
});
