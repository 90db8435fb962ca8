/**
 * Listens to Ctrl-C and termination: the first asks for a gentle end, the second for an immediate one. The
 * returned function stops listening.
 */
export function onInterrupt(gently: () => void, atOnce: () => void): () => void {
  let count = 0;
  const listener = (): void => {
    count += 1;
    if (count === 1) gently();
    else atOnce();
  };
  process.on("SIGINT", listener).on("SIGTERM", listener);
  return () => {
    process.off("SIGINT", listener).off("SIGTERM", listener);
  };
}
