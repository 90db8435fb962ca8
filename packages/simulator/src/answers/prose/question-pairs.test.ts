import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CURIE, EIFFEL_TOWER, LIONS, PHOTOSYNTHESIS, WASHINGTON } from "../../../fixtures/articles.ts";
import { readArticle } from "./article.ts";
import { questionPairs } from "./question-pairs.ts";

function questions(document: string): string[] {
  return questionPairs(readArticle(document)).map(({ question }) => question);
}

describe("questionPairs", () => {
  it.each([
    [
      "a person",
      WASHINGTON,
      [
        "Who was George Washington?",
        "When was George Washington born?",
        "When did George Washington die?",
        "Where was George Washington born?",
        "Who was George Washington's father?",
        "When did George Washington marry Martha Dandridge Custis?",
        "When did George Washington take command of the army outside Boston?",
        "What is George Washington known as?",
        "Where did George Washington die?",
        "When was the Battle of Trenton fought?",
      ],
    ],
    [
      "a woman",
      CURIE,
      [
        "Who was Marie Curie?",
        "When was Marie Curie born?",
        "When did Marie Curie die?",
        "Who was the first woman to win a Nobel Prize?",
        "Who was Marie Curie's husband?",
        "Where was Marie Curie born?",
        "When did Marie Curie marry the French physicist Pierre Curie?",
        "When did Marie Curie found the Curie Institute in Paris?",
      ],
    ],
    [
      "a building",
      EIFFEL_TOWER,
      [
        "What is the Eiffel Tower?",
        "How tall is the Eiffel Tower?",
        "What was the first structure in the world to surpass both the 200-metre and 300-metre mark in height?",
        "How many levels does the Eiffel Tower have?",
        "Who designed the Eiffel Tower?",
        "When was the Eiffel Tower officially declared to be a historical monument?",
        "When was the construction of the Eiffel Tower completed?",
      ],
    ],
    [
      "animals",
      LIONS,
      [
        "What are lions?",
        "Where do lions live?",
        "What does a pride consist of?",
        "What do lions prey on?",
        "What does the text say about the lion?",
      ],
    ],
    [
      "an idea",
      PHOTOSYNTHESIS,
      [
        "What is photosynthesis?",
        "What does the term photosynthesis refer to?",
        "When was photosynthesis discovered?",
      ],
    ],
  ])("questionPairs asks about %s", (_, document, expected) => {
    expect(questions(document)).toEqual(expected);
  });

  it("questionPairs answers questions with whole sentences that can stand alone", () => {
    const pairs = questionPairs(readArticle(CURIE));
    const answerTo = (question: string) => pairs.find((pair) => pair.question === question)?.answer;
    expect(answerTo("Who was Marie Curie's husband?")).toBe(
      "Marie Curie's husband was Pierre Curie, a co-winner of her first Nobel Prize.",
    );
    expect(answerTo("When was Marie Curie born?")).toBe("Marie Curie was born on 7 November 1867.");
    expect(pairs.filter(({ answer }) => /^(?:He|She|It|They|His|Her|Its)\b/.test(answer))).toEqual([]);
  });

  it("questionPairs asks several questions about one sentence if there is no other", () => {
    expect(questions("George Washington was born in 1732 in Westmoreland County, Virginia.")).toEqual([
      "When was George Washington born?",
      "Where was George Washington born?",
      "What does the text say about Westmoreland County?",
    ]);
  });

  it("questionPairs asks only once for dates that a sentence and its parentheses both give", () => {
    expect(questions("Ann Lee (1900–1950) was born in 1900.")).toEqual([
      "When was Ann Lee born?",
      "When did Ann Lee die?",
      "What does the text say about Ann Lee?",
    ]);
  });

  it("questionPairs never asks the same question twice, whatever the text", () => {
    const sentences = [
      ...`${WASHINGTON} ${CURIE} ${EIFFEL_TOWER}`.split(/(?<=\.) /),
      "It is.",
      "He",
      "(x) is",
    ];
    const text = fc.array(fc.oneof(fc.constantFrom(...sentences), fc.string()), { maxLength: 12 });
    fc.assert(
      fc.property(text, (parts) => {
        const asked = questions(parts.join(" "));
        expect(new Set(asked.map((question) => question.toLowerCase())).size).toBe(asked.length);
      }),
    );
  });
});
