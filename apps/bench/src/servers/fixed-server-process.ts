/** A process that gives one fixed answer to every request, for machines without nginx. Its options: {@linkcode Answers}. */
import { answerBody, FUNCTION_ANSWER_BODY, FUNCTION_ANSWER_PATH } from "../answer.ts";
import { MORE_HEADERS, type Answers } from "./answers.ts";
import { responseOf, servePlainly } from "./plain-server.ts";

const { bytes, isTls }: Answers = JSON.parse(process.argv[2] ?? "");
const headers = isTls ? MORE_HEADERS.map(([name, value]) => `${name}: ${value}`) : [];
const ANSWER = responseOf("200 OK", answerBody(bytes), headers);
const FUNCTION_ANSWER = responseOf("200 OK", FUNCTION_ANSWER_BODY);

servePlainly(
  ({ head }, respond) => {
    respond(head.startsWith(`POST ${FUNCTION_ANSWER_PATH}`) ? FUNCTION_ANSWER : ANSWER);
  },
  { isTls },
);
