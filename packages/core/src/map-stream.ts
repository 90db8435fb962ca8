import type { Stage } from "./stage.ts";

/**
 * A stage that turns each chunk into one other, synchronously. A throw stops the run: both neighbours get
 * the same error.
 */
export function mapStream<In, Out>(map: (input: In) => Out): Stage<In, Out> {
  return new TransformStream<In, Out>({
    transform(input, controller) {
      controller.enqueue(map(input));
    },
  });
}
