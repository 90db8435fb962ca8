/** The base forms of irregular verbs by their past forms, for verbs that are common in articles. */
const IRREGULAR: Readonly<Record<string, string>> = Object.fromEntries(
  (
    "became:become began:begin built:build brought:bring bought:buy came:come chose:choose cut:cut drew:draw " +
    "drove:drive fell:fall felt:feel fled:flee flew:fly forbade:forbid fought:fight found:find gave:give got:get " +
    "grew:grow held:hold hit:hit kept:keep knew:know laid:lay led:lead left:leave lent:lend lost:lose made:make " +
    "meant:mean met:meet paid:pay put:put ran:run read:read rose:rise said:say sang:sing sank:sink sat:sit " +
    "saw:see sent:send set:set shot:shoot sold:sell spent:spend spoke:speak stood:stand sought:seek struck:strike " +
    "swam:swim taught:teach thought:think threw:throw told:tell took:take understood:understand went:go won:win " +
    "wore:wear wrote:write died:die tied:tie lied:lie"
  )
    .split(" ")
    .map((pair) => pair.split(":")),
);

/** The past forms of participles that differ from them. */
const PARTICIPLES: Readonly<Record<string, string>> = {
  written: "wrote",
  taken: "took",
  given: "gave",
  drawn: "drew",
  chosen: "chose",
  driven: "drove",
  begun: "began",
  seen: "saw",
  shown: "showed",
  known: "knew",
  sung: "sang",
  thrown: "threw",
  overthrown: "overthrew",
};

/** The ends of base forms in -e: a past form in -ed whose rest ends like this has only lost its -d. */
const ENDS_IN_E =
  /(?:[aiou]te|[iy]ze|ise|[aeiou]ve|[lr]ve|[aeo]?nce|[aeiou]ce|rce|u[cdr]e|[aeiou]ge|[lrnd]ge|uire|[bpdgtkfc]le|ase|ose|use|rse|nse|[aiou]re|[ao]de|ide|[aiou]ke|[aiou]me|[aiou]pe|[ai]ne|ue)$/;

/** Verbs for which the rule above is wrong: their base form does not end in -e. */
const NO_E: ReadonlySet<string> = new Set(
  "visit edit exhibit inhabit credit limit profit benefit inherit merit target market remain contain maintain gain explain obtain attain train sustain entertain claim aim reclaim proclaim repair appear need join coin sign design resign assign campaign reign open happen broaden strengthen threaten listen develop envelop order offer suffer differ enter consider discover cover recover remember number honor honour labor answer administer render transfer refer prefer deliver gather govern return turn concern pattern perform form inform transform reform confirm farm reject focus combat pilot ballot interpret bury plead lead head spread host post cast last rest test invest suggest request protest conquer murder register foster master counter encounter border exhibit orbit await treat defeat repeat heat seat cheat float coat recruit suit group loop keep equip worship ship help jump stamp camp work talk walk park mark look cook book attack lack track back lock block knock check wreck kick pick stick pack thank rank link drink ask risk mask abandon pardon mention position question function condition station commission envision abandon fashion reason season poison imprison season crown own drown brown drain restrain stain constrain chain retain detain pertain abstain refrain reveal appeal conceal deal heal seal steal sail fail nail rail detail prevail mail assail boil soil spoil toil foil unveil".split(
    " ",
  ),
);

/** The base form of a verb by its past form: `founded` → `found`; `undefined` if that is not certain. */
export function baseOfPast(past: string): string | undefined {
  if (Object.hasOwn(IRREGULAR, past)) return IRREGULAR[past];
  if (!/^[a-z]{2,}ed$/.test(past)) return undefined;
  const stem = past.slice(0, -2);
  if (NO_E.has(stem)) return stem;
  if (stem.endsWith("i")) return `${stem.slice(0, -1)}y`;
  if (/([bdgmnprt])\1$/.test(stem) && !/(?:add|err)$/.test(stem)) return stem.slice(0, -1);
  return ENDS_IN_E.test(`${stem}e`) ? `${stem}e` : stem;
}

/** The past form of a verb by its participle: `written` → `wrote`, `founded` → `founded`. */
export function pastOfParticiple(participle: string): string | undefined {
  if (Object.hasOwn(PARTICIPLES, participle)) return PARTICIPLES[participle];
  return baseOfPast(participle) === undefined ? undefined : participle;
}
