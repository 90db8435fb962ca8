/** An answer apart from what the model thought aloud before it. */
export interface SplitAnswer {
  readonly answer: string;
  /** The thoughts, those of several blocks with an empty line between them; empty where there are none. */
  readonly thoughts: string;
}
