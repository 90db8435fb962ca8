import type { Message, Row } from "@parallel-parrot/core";
import type { Template } from "../text/template.ts";

/** The text of one message: a template, as text or parsed, or a function of the row. */
export type TextTemplate<R extends Row = Row> =
  | string
  | Template<keyof R & string>
  | ((row: R, index: number) => string);

/** A question and the answer it should get, shown to the model before the real question. */
export interface ExampleTemplate<R extends Row = Row> {
  readonly user: TextTemplate<R>;
  readonly assistant: TextTemplate<R>;
}

/** Instructions, examples and a question. */
export interface ChatTemplate<R extends Row = Row> {
  /** Left out of the prompt where it renders to an empty text. */
  readonly system?: TextTemplate<R>;
  readonly user: TextTemplate<R>;
  /**
   * Images that go with the text of `user`, such as `"${photo}"`. Each is an `https:` address, which the provider
   * fetches, or the path of a file in `imageFolder`.
   */
  readonly images?: readonly TextTemplate<R>[];
  /** Questions and answers that come as user and assistant messages between `system` and `user`. */
  readonly examples?: readonly ExampleTemplate<R>[];
}

/** One message of a {@linkcode MessagesTemplate}. */
export interface MessageTemplate<R extends Row = Row> {
  readonly role: Message["role"];
  readonly content: TextTemplate<R>;
  /** Images as in a {@linkcode ChatTemplate}. Only a user message has some. */
  readonly images?: readonly TextTemplate<R>[];
}

/** A whole conversation. A system message can only come first, and the last message is a user message. */
export interface MessagesTemplate<R extends Row = Row> {
  readonly messages: readonly MessageTemplate<R>[];
}

/** Makes the prompt in code: a user message or a whole conversation. Where it throws, the row fails and the run goes on. */
export type PromptFunction<R extends Row = Row> = (row: R, index: number) => string | readonly Message[];

/** A prompt for rows of type `R`. Text alone is a user message. */
export type PromptTemplate<R extends Row = Row> =
  | string
  | Template<keyof R & string>
  | ChatTemplate<R>
  | MessagesTemplate<R>
  | PromptFunction<R>;
