/** The objects in every answer: each input row becomes as many rows. */
const ITEMS = [
  {
    question: "Where do parrots live?",
    answer: "Mostly in warm countries of the southern half of the world.",
  },
  { question: "Can parrots speak?", answer: "They repeat words, and some learn what a few of them mean." },
  { question: "How old do parrots get?", answer: "Large ones live for sixty years and more." },
];

/** The body of a Chat Completions response that all servers of the bench give, unless it is to be longer. */
export const ANSWER_BODY: string = answerBody();

/** {@linkcode ANSWER_BODY} with texts as long as it takes to have about so many bytes. */
export function answerBody(bytes = 0): string {
  const body = completionOf({ content: JSON.stringify({ items: ITEMS }), refusal: null });
  const missing = Math.ceil((bytes - body.length) / ITEMS.length);
  if (missing <= 0) return body;
  const more = ` ${MORE.repeat(Math.ceil(missing / MORE.length)).slice(1, missing)}`;
  const items = ITEMS.map(({ question, answer }) => ({ question, answer: answer + more }));
  return completionOf({ content: JSON.stringify({ items }), refusal: null });
}

const MORE =
  " Flocks of them fly far over the forest each day, and come back to the same trees in the evening.";

/** The same in the older form that the Python ancestor asks for: as the arguments of a function. */
export const FUNCTION_ANSWER_BODY: string = completionOf({
  content: null,
  function_call: { name: "f", arguments: JSON.stringify({ p: ITEMS }) },
});

/** Where {@linkcode FUNCTION_ANSWER_BODY} is the answer. */
export const FUNCTION_ANSWER_PATH = "/functions/";

function completionOf(message: object): string {
  return JSON.stringify({
    id: "chatcmpl-bench",
    object: "chat.completion",
    created: 1_700_000_000,
    model: "bench",
    choices: [
      { index: 0, message: { role: "assistant", ...message }, logprobs: null, finish_reason: "stop" },
    ],
    usage: { prompt_tokens: 90, completion_tokens: 80, total_tokens: 170 },
  });
}
