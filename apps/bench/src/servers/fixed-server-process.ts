/** A process that gives one fixed answer to every request, for machines without nginx. */
import { ANSWER_BODY, FUNCTION_ANSWER_BODY, FUNCTION_ANSWER_PATH } from "../answer.ts";
import { responseOf, servePlainly } from "./plain-server.ts";

const ANSWER = responseOf("200 OK", ANSWER_BODY);
const FUNCTION_ANSWER = responseOf("200 OK", FUNCTION_ANSWER_BODY);

servePlainly(({ head }, respond) => {
  respond(head.startsWith(`POST ${FUNCTION_ANSWER_PATH}`) ? FUNCTION_ANSWER : ANSWER);
});
