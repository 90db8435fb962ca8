import { CREATED } from "../created.ts";
import { writeChatAnswer } from "./response.ts";
import type { ChatStyle } from "./style.ts";
import { readBearer } from "../credentials.ts";
import type { Dialect } from "../../dialect.ts";
import { formatGoDuration } from "./go-duration.ts";
import { writeOpenaiError } from "./errors.ts";
import { writeOpenaiLimits } from "./limits.ts";
import { paramRules } from "./params.ts";
import { readChatRequest } from "./request.ts";
import { chatStream } from "./stream.ts";

/** Makes the dialect of a server that speaks Chat Completions. It tells errors and limits as OpenAI does. */
export function chatDialect(style: ChatStyle): Dialect {
  const { name, basePath } = style;
  const rules = paramRules(style);
  return {
    name,
    basePath,

    matchRoute({ method, path }) {
      if (method === "POST" && path === `${basePath}/chat/completions`) return { kind: "completion" };
      if (method === "GET" && path === `${basePath}/models`) return { kind: "models" };
      return undefined;
    },

    readKey: readBearer,

    readRequest: (body) => readChatRequest(body, rules),

    writeAnswer: (answer, request) => writeChatAnswer(answer, request, style),
    stream: chatStream("asked"),

    writeModels(models) {
      const data = models.map((id) => ({
        id,
        object: "model",
        created: CREATED,
        owned_by: "simulator",
      }));
      return { status: 200, headers: {}, body: { object: "list", data } };
    },

    writeError: writeOpenaiError,

    writeLimits: (limits, waitMs) => writeOpenaiLimits(limits, waitMs, formatGoDuration),
  };
}
