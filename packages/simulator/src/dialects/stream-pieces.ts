/** The pieces in which a model writes a text: a few characters at a time, none cut in two. None of what is no text. */
export function piecesOf(text: unknown): readonly string[] {
  return (typeof text === "string" && text.match(/[\s\S]{1,8}/gu)) || [];
}

/** An event with data alone. */
export function dataEvent(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

/** An event with a type. */
export interface StreamEvent {
  readonly type: string;
  readonly [name: string]: unknown;
}

/** An event that has the name of its type. */
export function namedEvent(data: StreamEvent): string {
  return `event: ${data.type}\n${dataEvent(data)}`;
}

export const EVENT_STREAM = "text/event-stream; charset=utf-8";
