/** Which beginnings of a prompt an API keeps. */
export type Caching =
  /** Those that end at a mark. */
  | "marks"
  /** Those that end at a mark, and the whole prompt. */
  | "newest"
  /** Those that end at a multiple of 128 tokens. What is written is not counted. */
  | "blocks";
