/** The simulator in a process of its own, so that its work does not count as the client's. */
import { startSimulator } from "@parallel-parrot/simulator";

const simulator = await startSimulator({
  ledger: "counts",
  answer: () => '{"items":[{"question":"Which?","answer":"This one"}]}',
});
process.send?.(simulator.baseUrl);
process.on("disconnect", () => void simulator.close());
