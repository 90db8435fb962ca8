/** What is known of an API's batches before a provider is made, as data. */
export interface BatchInfo {
  /** Whether a job's requests are uploaded as a file before, or stand in the body of the request that makes the job. */
  readonly way: "file" | "body";
  readonly limits: BatchLimits;
  /** What a batch costs at the vendor's own address. @default unknown, and then it is counted at the direct price */
  readonly price?: BatchPrice;
  /** Whether a job tells how many of its requests are done before all of them are. */
  readonly progress: "counts" | "none";
  /**
   * By what a list of jobs shows the one whose creation got no answer: by the name that we gave it, by its file, or only
   * by the number of its requests, where the API takes no name and no file.
   */
  readonly foundBy: "name" | "file" | "count";
  /**
   * Whether it is written from documents and the code of others alone: no library of the vendor and no simulator has
   * tried it. @default false
   */
  readonly isUntried?: true;
}

/** How much fits into one job, and how long it takes. A bound that nobody tells is absent. */
export interface BatchLimits {
  readonly maxRequests?: number;
  readonly minRequests?: number;
  /** Of the file or the body. */
  readonly maxBytes: number;
  /** What the limit of all open jobs together counts; refusals tell how high it is. */
  readonly queue: "inputTokens" | "requests" | "none";
  /** How high it is for those who have least, and who that is, as in "tier 1". @default it is not documented */
  readonly leastQueue?: { readonly limit: number; readonly of: string };
  /** The shortest and the longest time that can be asked for. @default the API has one that cannot be chosen */
  readonly windowHours?: readonly [least: number, most: number];
  /** For how long results can be fetched after the end of a job. */
  readonly retentionDays?: number;
}

/** What a batch costs, and where that was read. */
export interface BatchPrice {
  /** The part of the direct price, such as 0.5. Where sources disagree it is the highest. */
  readonly factor: number;
  /** The models that have it; all others cost what they cost directly. @default all of them */
  readonly models?: readonly string[];
  /** Input from a prompt cache is cheaper already and does not become cheaper by this factor. */
  readonly spareCached?: true;
  /** The vendor's own page. */
  readonly source: string;
  /** The day on which it was collected, such as `2026-11-30`, from copies of the page or the words of others. */
  readonly date: string;
}
