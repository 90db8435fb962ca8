import { describe, expect, it } from "vitest";
import { LIONS, WASHINGTON } from "../../fixtures/articles.ts";
import { answerRequest } from "./answer-request.ts";
import type { SimMessage, SimShape } from "../dialect.ts";
import { readPrompt } from "./read-prompt.ts";

function user(...parts: string[]): SimMessage {
  return { role: "user", parts };
}

function ask(prompt: string | readonly SimMessage[], shape: SimShape = { type: "text" }): string {
  const messages = typeof prompt === "string" ? [user(prompt)] : prompt;
  const request = { model: "m", messages, n: 1, stop: [], shape, params: {} };
  const { choices } = answerRequest(request, {
    id: "",
    inputTokens: 0,
    first: 0,
    ownAnswer: () => undefined,
  });
  return choices[0]?.text ?? "";
}

const FIRST =
  "George Washington was an American military officer, statesman, and Founding Father who served as the first president of the United States from 1789 to 1797.";

describe("readPrompt", () => {
  const document = "The sea is blue. Whales live in it.";

  it.each<[string, SimMessage[]]>([
    ["a message of its own", [{ role: "system", parts: ["Summarize."] }, user(document)]],
    ["a part of its own", [user("Summarize.", document)]],
    ["a colon", [user(`Summarize this text: ${document}`)]],
    ["a label", [user(`Write pairs.\nUse JSON.\nDocument: ${document}`)]],
    ["a label on its own line", [user(`You are precise.\n\nText:\n${document}\n\nAnswer in one word.`)]],
    ["quotes", [user(`Given the article titled "Sea":\n\n"${document}"\n\nWrite a summary.`)]],
    ["triple quotes", [user(`Summarize.\n"""\n${document}\n"""`)]],
    ["tags", [user(`Summarize.\n<text>\n${document}\n</text>`)]],
    ["paragraphs", [user(`Write pairs.\n\n[{"question": "Who?", "answer": "Me"}]\n\n${document}`)]],
    [
      "an example before it",
      [
        user("Good film.\n"),
        { role: "assistant", parts: ["positive, as anyone can see from it"] },
        user(document),
      ],
    ],
  ])("readPrompt finds the document of a prompt after %s", (_, messages) => {
    expect(readPrompt(messages).document).toBe(document);
    expect(readPrompt(messages).instructions).not.toContain("Whales");
  });

  it("readPrompt reads any kind and number of blank lines between the paragraphs of a prompt", () => {
    const { document, instructions } = readPrompt([
      user("Summarize.\r\n\r\nThe sea is blue.\r\n\r\n\r\nWhales live in it.\n\n\n\nAnswer in one word."),
    ]);
    expect(document).toBe("The sea is blue.\n\nWhales live in it.");
    expect(instructions.split(/\s+/)).toEqual(["Summarize.", "Answer", "in", "one", "word."]);
  });

  it("readPrompt reads a long prompt in a moment, whatever it contains", () => {
    const hostile = ["<b>", '"""', "[", "{", "Text: ", "a:", "(", "\n", ". A", "é", "1 "].map((text) =>
      text.repeat(300_000),
    );
    for (const text of hostile) {
      expect(ask(`Answer as JSON.\n\n${text}`)).not.toBe("");
      expect(ask(`Redact personal data: ${text}`)).not.toBe("");
    }
  });
});

describe("answerRequest in words", () => {
  it.each([
    ["summary", `Summarize the article.\n\n${WASHINGTON}`, FIRST],
    ["title", `Write a headline for this text: ${LIONS}`, "Lions"],
    ["extract", WASHINGTON, FIRST],
    ["keywords", "List the keywords.\n\nWhales sing. Whales swim. Boats swim.", "whales, swim, sing"],
    [
      "pairs",
      "Write questions and answers.\n\nThe sea is a body of water.",
      "Q: What is the sea?\nA: The sea is a body of water.",
    ],
  ])("the simulator answers in words with a %s", (_, prompt, expected) => {
    expect(ask(prompt).startsWith(expected)).toBe(true);
  });

  it.each([
    ["I loved it. A wonderful, brilliant film!", "positive"],
    ["Boring and far too long. I hated every minute.", "negative"],
    ["It was not good at all.", "negative"],
    ["The film runs for two hours.", "neutral"],
  ])("the simulator judges the sentiment of %j as %s", (review, expected) => {
    expect(ask(`What is the sentiment of this review?\n\n${review}`)).toBe(expected);
  });

  it("the simulator answers a sentiment with one of the words that the prompt offers", () => {
    expect(ask("Is the sentiment Positive or Negative?\n\nThe film runs for two hours.")).toBe("Positive");
    expect(ask("Classify as POSITIVE, NEGATIVE or NEUTRAL.\n\nThe film runs for two hours.")).toBe("NEUTRAL");
  });

  it("the simulator hides names, addresses and telephone numbers in a text when asked to, and nothing else", () => {
    const text =
      "Mr. John Smith, born in 1990, called +44 20 7946 0958. Later Smith wrote to j.smith@example.com from Paris on 2024-01-31, as did Maria's friend.";
    expect(ask(`Remove all personal data from this text:\n\n${text}`)).toBe(
      "Mr. [NAME], born in 1990, called [PHONE]. Later [NAME] wrote to [EMAIL] from Paris on 2024-01-31, as did [NAME]'s friend.",
    );
  });
});

describe("answerRequest in JSON without a schema", () => {
  const pair = { question: expect.stringMatching(/\?$/) as string, answer: expect.any(String) as string };

  it.each<[string, string, unknown]>([
    [
      "an object of quoted keys",
      'Answer as JSON with the keys "title" and "summary".',
      { title: "George Washington", summary: FIRST },
    ],
    [
      "an object of plain keys",
      "Return a JSON object with keys: title, summary.",
      { title: "George Washington", summary: FIRST },
    ],
    [
      "a list of quoted keys",
      'Answer as JSON: a list of objects with the keys "question" and "answer".',
      { items: expect.arrayContaining([pair]) as unknown },
    ],
    [
      "an example",
      'Answer as JSON, for example {"facts": [{"question": "Who?", "answer": "Me"}]}',
      { facts: expect.arrayContaining([pair]) as unknown },
    ],
    [
      "a sketch that is no JSON",
      'Answer as JSON: {"pairs": [{"question": string, "answer": string}, …]}',
      { pairs: expect.arrayContaining([pair]) as unknown },
    ],
    [
      "an example that is a list",
      'Answer as JSON, for example [{"question": "Who?", "answer": "Me"}]',
      { items: expect.arrayContaining([pair]) as unknown },
    ],
    [
      "a JSON Schema",
      `Answer in JSON that satisfies ${JSON.stringify({ type: "object", properties: { year: { type: "integer" } }, required: ["year"] })}`,
      { year: 1732 },
    ],
    [
      "values of an example",
      'Answer as JSON like {"year": 1, "score": 0.5, "isFact": true}',
      { year: 1732, score: expect.any(Number) as number, isFact: true },
    ],
    ["no keys at all", "Answer in JSON.", { answer: FIRST }],
  ])("the simulator answers in JSON as the prompt asks by %s", (_, instructions, expected) => {
    const messages: SimMessage[] = [{ role: "system", parts: [instructions] }, user(WASHINGTON)];
    expect(JSON.parse(ask(messages, { type: "jsonObject" }))).toEqual(expected);
  });

  it("the simulator answers in JSON if only words ask for it, and with a list if the example is one", () => {
    const answer: unknown = JSON.parse(
      ask(
        `Write pairs as JSON, like this:\n[{"question": "Who?", "answer": "Me"}]\n\nDocument: ${WASHINGTON}`,
      ),
    );
    expect(answer).toEqual(expect.arrayContaining([pair]));
  });

  it("the simulator does not mistake the word JSON in a document for a request", () => {
    expect(ask([{ role: "system", parts: ["Summarize."] }, user("JSON is a format. It is old.")])).toBe(
      "JSON is a format.",
    );
  });
});
