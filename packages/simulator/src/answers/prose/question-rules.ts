import { lowerFirst } from "./article.ts";
import type { Clause } from "./clause.ts";
import { findPlace, findTime, invert, isSimple, presentVerb } from "./grammar.ts";
import { baseOfPast, pastOfParticiple } from "./verbs.ts";

/** Makes questions that a clause answers; none if the rule does not apply. */
type QuestionRule = (clause: Clause) => readonly (string | undefined)[];

/** The questions a clause answers, the best first. */
export function* questionsOf(clause: Clause, isFirst: boolean): Generator<string> {
  // Only the first sentence defines the subject; later ones say more about it.
  const rules = clause.isMain && !isFirst ? RULES : [askDefinition, ...RULES];
  for (const rule of rules) for (const question of rule(clause)) if (question !== undefined) yield question;
}

const RULES: readonly QuestionRule[] = [
  askBirthOrDeath,
  askSize,
  askHowMany,
  askSuperlative,
  askWhen,
  askWhoDid,
  askWhere,
  askKnownFor,
  askPast,
  askPresent,
  askOpening,
];

/** Predicates that `askBirthOrDeath` asks about in better words. */
const IS_LIFE = /^(?:was born|died)\b/;

function askBirthOrDeath({ subject, predicate }: Clause): (string | undefined)[] {
  const [, born, died] = /^(?:was (born)|(died))\b/.exec(predicate) ?? [];
  if (born === undefined && died === undefined) return [];
  const ask = (word: string): string =>
    born === undefined ? `${word} did ${subject} die?` : `${word} was ${subject} born?`;
  return [
    findTime(predicate) && ask("When"),
    findPlace(predicate) === -1 ? undefined : ask("Where"),
    died === undefined || !/^died (?:of|from)\b/.test(predicate) ? undefined : ask("How"),
  ];
}

function askSize({ subject, isPlural, predicate }: Clause): (string | undefined)[] {
  const [, verb, size] =
    /^(is|was|are|stands|stood)\b.{0,40}?\d[\d,.]* ?(?:metres?|meters?|feet|kilomet(?:re|er)s?|km|m|ft|miles?|years?|inches|cm) (tall|high|long|wide|deep|old)\b/.exec(
      predicate,
    ) ?? [];
  if (size === undefined) return [];
  const isPast = verb === "was" || verb === "stood";
  return [`How ${size} ${isPast ? "was" : isPlural ? "are" : "is"} ${subject}?`];
}

const NUMBER =
  "(?:about |around |over |more than |nearly |almost |approximately |at least |up to )?(?:\\d[\\d,.]*(?: [mb]illion)?|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens of|hundreds of|thousands of)";
const COUNTED = new RegExp(`^(has|have|had|contains?) ${NUMBER} ((?:[a-z]+ )?[a-z]+(?:s|ren))(?![\\w-])`);

function askHowMany({ subject, isPlural, predicate }: Clause): (string | undefined)[] {
  const population = /^(?:has|had) (?:a|an estimated) population of\b/.test(predicate);
  if (population) return [`What is the population of ${subject}?`];
  const [, verb = "", what] = COUNTED.exec(predicate) ?? [];
  if (what === undefined || /\b(?:of|in|and|is|was|as|years)$/.test(what)) return [];
  const auxiliary = verb === "had" ? "did" : isPlural ? "do" : "does";
  return [`How many ${what} ${auxiliary} ${subject} ${verb.startsWith("contain") ? "contain" : "have"}?`];
}

const SUPERLATIVE =
  /^(is|was) (?:also )?(the (?:world's |country's )?(?:second[ -]|third[ -]|fourth[ -])?(?:first|last|only|oldest|newest|largest|smallest|biggest|tallest|longest|highest|deepest|fastest|busiest|youngest|richest|earliest|most [a-z-]+|most-[a-z-]+) [^,;:.]+)/;

function askSuperlative({ isPerson, isMain, predicate }: Clause): (string | undefined)[] {
  const [, verb, claim] = SUPERLATIVE.exec(predicate) ?? [];
  if (claim === undefined || !isMain || !isSimple(claim, 18)) return [];
  return [`${isPerson ? "Who" : "What"} ${verb} ${claim}?`];
}

function askWhen({ subject, predicate, opening }: Clause): (string | undefined)[] {
  if (IS_LIFE.test(predicate)) return [];
  const time = findTime(predicate);
  if (time !== undefined) {
    const before = predicate.slice(0, time.start);
    return [isSimple(before) ? invert(time.asks, subject, before) : undefined];
  }
  const opens = opening === undefined ? undefined : findTime(` ${lowerFirst(opening)}`);
  return [opens?.start === 0 && isSimple(predicate) ? invert(opens.asks, subject, predicate) : undefined];
}

function askWhoDid({ subject, predicate }: Clause): (string | undefined)[] {
  const [, participle = ""] =
    /^(?:was|were) (?:originally |first )?([a-z]+) by (?:the |a )?(?:[a-z-]+ ){0,3}[A-Z]/.exec(predicate) ??
    [];
  const past = pastOfParticiple(participle);
  return [past === undefined ? undefined : `Who ${past} ${subject}?`];
}

const PLACE_VERB =
  /^(?:(?:is|was|are|were) )?(?:born|raised|educated|located|situated|based|headquartered|buried|found|held|fought|filmed|set|spoken|studied|lived|worked|taught|settled|moved|grew up|attended school)\b/;

function askWhere({ subject, isPlural, predicate }: Clause): (string | undefined)[] {
  if (IS_LIFE.test(predicate)) return [];
  const place = findPlace(predicate);
  const before = predicate.slice(0, Math.max(0, place));
  const present = /^(lie|flow|live)s?$/.exec(before)?.[1];
  if (present !== undefined) return [`Where ${isPlural ? "do" : "does"} ${subject} ${present}?`];
  const fits = PLACE_VERB.test(before) && isSimple(before, 5);
  return [fits ? invert("Where", subject, before) : undefined];
}

const KNOWN =
  /^(is|was|are|were) (?:(?:also|most|best|widely|perhaps|commonly|generally|often) )*(known|famous|renowned|noted|remembered|celebrated|regarded|considered|named|used|made)(?: (for|as|after|by|from|of))?\b/;

function askKnownFor({ subject, predicate }: Clause): (string | undefined)[] {
  const [, verb, how = "", preposition] = KNOWN.exec(predicate) ?? [];
  if (how === "regarded" || how === "considered") return [`How ${verb} ${subject} regarded?`];
  if (how === "named" && preposition === "after") return [`Whom or what ${verb} ${subject} named after?`];
  if (preposition === undefined || how === "named") return [];
  return [`What ${verb} ${subject} ${how} ${preposition}?`];
}

const PAST =
  /^(?:wrote|published|invented|discovered|founded|developed|designed|composed|directed|proposed|introduced|established|created|built|painted|won|received|earned|led|commanded|defeated|studied|taught|became|formulated|patented|pioneered|conquered|ruled|explored|signed|predicted|produced|inspired|caused|replaced|connected|joined|described|demonstrated|showed|supported|opposed|argued for|worked on|contributed to) /;

function askPast({ subject, predicate }: Clause): (string | undefined)[] {
  if (/^served as\b/.test(predicate)) return [`What did ${subject} serve as?`];
  if (/^married (?:the )?(?:[a-z]+ ){0,2}[A-Z]/.test(predicate)) return [`Whom did ${subject} marry?`];
  if (/^was awarded\b/.test(predicate)) return [`What was ${subject} awarded?`];
  const [verb = "", particle] = PAST.exec(predicate)?.[0].trim().split(" ") ?? [];
  const base = baseOfPast(verb);
  if (base === undefined) return [];
  return [`What did ${subject} ${particle === undefined ? base : `${base} ${particle}`}?`];
}

function askPresent({ subject, isPlural, predicate }: Clause): (string | undefined)[] {
  const verb = presentVerb(predicate);
  if (verb === undefined) return [];
  const auxiliary = isPlural || predicate.startsWith(verb) ? "do" : "does";
  const place = verb.startsWith("live");
  return [`${place ? "Where" : "What"} ${auxiliary} ${subject} ${place ? "live" : verb}?`];
}

function askDefinition({ subject, isPerson, predicate }: Clause): (string | undefined)[] {
  const [, verb] = /^(is|was|are|were) (?:(?:an?|the|one of|any)\b|[A-Z])/.exec(predicate) ?? [];
  const plural = /^(are|were) (?:[a-z]+ ){1,3}(?:that|which|who|of|native|found|in)\b/.exec(predicate)?.[1];
  const copula = verb ?? plural;
  return [copula === undefined ? undefined : `${isPerson ? "Who" : "What"} ${copula} ${subject}?`];
}

function askOpening({ subject, isPerson, opening }: Clause): (string | undefined)[] {
  if (opening === undefined || !/^(?:In|On|During|After|Before|Between|From|By|Since) /.test(opening))
    return [];
  if (opening.includes(",")) return [];
  const when = lowerFirst(opening);
  return [isPerson ? `What did ${subject} do ${when}?` : `What happened ${when}?`];
}
