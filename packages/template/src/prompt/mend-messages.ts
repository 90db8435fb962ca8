import {
  counted,
  quoteAll,
  type ImagePart,
  type Message,
  type Row,
  type Warning,
} from "@parallel-parrot/core";

/** Messages with whole characters only, and a warning where one had to be changed. */
interface Mended {
  readonly messages: readonly Message[];
  readonly warnings?: readonly [Warning];
}

/** Halves of surrogate pairs that stand alone. */
const LONE_HALVES = /\p{Surrogate}/gu;

/**
 * Puts U+FFFD in the place of each half of a surrogate pair that stands alone: UTF-8 has no form for one, and
 * servers refuse the whole request.
 */
export function mendMessages(messages: readonly Message[], row: Row): Mended {
  if (messages.every(isWellFormed)) return { messages };
  const texts = messages.flatMap(({ content, images = [] }) => [content, ...images.map(addressOf)]);
  const halves = texts.reduce((sum, text) => sum + (text.match(LONE_HALVES)?.length ?? 0), 0);
  return { messages: messages.map(mend), warnings: [warningOf(halves, row)] };
}

function isWellFormed({ content, images = [] }: Message): boolean {
  return content.isWellFormed() && images.every((image) => addressOf(image).isWellFormed());
}

function addressOf(image: ImagePart): string {
  return "url" in image ? image.url : "";
}

function mend(message: Message): Message {
  const { content, images } = message;
  return {
    ...message,
    content: content.toWellFormed(),
    ...(images !== undefined && { images: images.map(mendImage) }),
  };
}

function mendImage(image: ImagePart): ImagePart {
  return "url" in image ? { ...image, url: image.url.toWellFormed() } : image;
}

function warningOf(halves: number, row: Row): Warning {
  const columns = Object.keys(row).filter((name) => {
    const cell = row[name];
    return typeof cell === "string" && !cell.isWellFormed();
  });
  const where = columns.length === 0 ? "" : `; the row's columns with such halves: ${quoteAll(columns)}`;
  const what = counted(halves, "half of a character", "halves of characters");
  return {
    code: "PROMPT_MENDED",
    message: `The prompt had ${what} (lone surrogates), replaced by U+FFFD${where}`,
  };
}
