/** A server that a part of the bench started. */
export interface BenchServer {
  /** What it is, for the report. */
  readonly name: string;
  readonly baseUrl: string;
  stop(): Promise<void>;
}
