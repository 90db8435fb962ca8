/**
 * Has the programs that others use judge our files: theirs are read here as they read them, and ours there as they
 * were. They are installed by pip into a cache outside the repository. Takes seconds once they are there.
 */
import { judgeColumnar } from "./columnar.ts";
import { judgeDataset } from "./dataset.ts";
import { findJudges } from "./python.ts";
import { judgeTables } from "./tables.ts";

const run = findJudges();
if (run === undefined) {
  console.log(
    "The tests with other readers of files did NOT run: there is no Python with pip on this machine.",
  );
} else {
  await judgeColumnar(run);
  await judgeTables(run);
  await judgeDataset(run);
}
