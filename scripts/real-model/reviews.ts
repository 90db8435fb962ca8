/** Twenty rows, short enough for a small model on a slow machine. */
export const REVIEWS: readonly { readonly id: number; readonly review: string }[] = [
  "The kettle boils fast and looks good.",
  "It broke after two days.",
  "Good value, a bit loud.",
  "The lid does not close.",
  "My favourite pan.",
].flatMap((review, first) =>
  [0, 1, 2, 3].map((colour) => ({
    id: first * 4 + colour,
    review: `${review} I have the ${["red", "blue", "green", "white"][colour]} one.`,
  })),
);

/** The same as a CSV file. */
export const REVIEWS_CSV: string = `id,review\n${REVIEWS.map(({ id, review }) => `${id},"${review}"\n`).join("")}`;

/** More than a slot of 512 tokens takes. */
export const LONG_REVIEW: string = "a good kettle ".repeat(250).trim();

/** A choice, which is the least that a grammar enforces. */
export const MOOD_SCHEMA = {
  type: "object",
  properties: { mood: { type: "string", enum: ["good", "bad"] } },
  required: ["mood"],
  additionalProperties: false,
} as const;

/** What a grammar enforces: a choice, bounds and a list. */
export const REVIEW_SCHEMA = {
  type: "object",
  properties: {
    mood: { type: "string", enum: ["good", "bad"] },
    stars: { type: "integer", minimum: 1, maximum: 5 },
    words: { type: "array", items: { type: "string", maxLength: 12 }, minItems: 1, maxItems: 1 },
  },
  required: ["mood", "stars", "words"],
  additionalProperties: false,
} as const;
