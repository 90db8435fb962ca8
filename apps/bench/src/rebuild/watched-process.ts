/** To be loaded before a program: tells the process that started it what it took, when it has nothing more to do. */
import { watchProcess } from "../watch-process.ts";

const figuresOf = watchProcess();
process.channel?.unref();
process.once("beforeExit", () => process.send?.(figuresOf(), () => process.disconnect()));
