/** A stage of a pipeline: any standard `{ readable, writable }` pair, for `pipeThrough`. */
export interface Stage<In, Out> {
  readonly readable: ReadableStream<Out>;
  readonly writable: WritableStream<In>;
}
