import { cellText, type Choice, type Row } from "@parallel-parrot/core";
import type { IndexedRow } from "../rows/row-index.ts";
import type { KeptResponse, OpenRun } from "../run-source.ts";
import type { AnsweredChoice, Attempt, RowDetail, RowLabel, SentText } from "../wire.ts";
import { rowLine } from "./row-line.ts";
import { MOST_CHARACTERS, sentText } from "./sent-text.ts";

interface DetailOptions {
  /** Whether long texts are sent to their end. */
  readonly isWhole: boolean;
  readonly label: RowLabel | undefined;
}

/** Everything about a row. */
export function rowDetail(indexed: IndexedRow, run: OpenRun, { isWhole, label }: DetailOptions): RowDetail {
  const { row, index, failure, warnings, outputs, keys } = indexed.read;
  const send = (text: string): SentText => sentText(text, isWhole ? Infinity : MOST_CHARACTERS);
  const cells = (each: Row): readonly (readonly [string, SentText])[] =>
    Object.entries(each).map(([name, cell]) => [name, send(cellText(cell) ?? "")] as const);
  const prompt = run.promptOf(row, index);
  return {
    line: rowLine(indexed, { label }),
    input: cells(row),
    ...(prompt === undefined
      ? {}
      : {
          prompt: prompt.map(({ role, content, images = [] }) => {
            return { role, content: send(content), images: images.length };
          }),
        }),
    attempts: run.responsesOf(keys, row).map((response) => attemptOf(response, send)),
    ...(failure === undefined
      ? {}
      : { failure: { code: failure.code, stage: failure.stage, message: failure.message } }),
    ...(failure?.answer === undefined ? {} : { answer: send(failure.answer) }),
    warnings: warnings.map(({ code, message }) => ({ code, message })),
    outputs: outputs.map((choice) => choice.map((output) => cells(output))),
  };
}

function attemptOf(response: KeptResponse, send: (text: string) => SentText): Attempt {
  const { body, choices, usage, ...told } = response;
  return {
    ...told,
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    choices: choices.map((choice) => choiceOf(choice, send)),
    body: send(body),
  };
}

function choiceOf(
  { text, thoughts, finishReason }: Choice,
  send: (text: string) => SentText,
): AnsweredChoice {
  const told = { text: send(text), finishReason };
  return thoughts === undefined ? told : { ...told, thoughts: send(thoughts) };
}
