import type { Workplace } from "../real-model/workplace.ts";

/** `parrot ui` in a folder. */
export interface StartedPage {
  readonly process: ReturnType<Workplace["start"]>;
  readonly url: string;
}

/** Starts `parrot ui`, and waits for the address of its page. @throws Error with what it said where it ends before */
export async function startPage(place: Workplace): Promise<StartedPage> {
  const process = place.start(["ui"]);
  const url = await new Promise<string>((resolve, reject) => {
    let said = "";
    process.stderr?.on("data", (chunk) => {
      said += String(chunk);
      const [found] = /http:\S+(?=\n)/.exec(said) ?? [];
      if (found !== undefined) resolve(found);
    });
    process.on("exit", () => reject(new Error(`parrot ui has ended: ${said}`)));
  });
  return { process, url };
}
