import { Command } from "@commander-js/extra-typings";
import type { ExitCode } from "./exit-code.ts";
import { PROVIDERS_HELP } from "./help.ts";

/** `parrot providers`. */
export function providersCommand(done: (code: ExitCode) => void): Command {
  return new Command("providers")
    .summary("whom --model can name, and what each can do")
    .description(
      "Lists the providers: how they give several choices and JSON, whether they take images, where their rate limits are learned from, and the environment variable that the key is in.",
    )
    .option("--json", "as JSON", false)
    .addHelpText("after", PROVIDERS_HELP)
    .action(async (options) => done((await import("./commands/list-providers.ts")).listProviders(options)));
}
