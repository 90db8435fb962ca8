const EMAIL = /(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+/g;

const PHONE = /(?<![\w.])(?:\+\d{1,3}[ .-]?)?(?:\(\d{2,4}\)[ .-]?)?\d{2,4}(?:[ .-]\d{2,4}){1,4}(?![\w-])/g;

const TITLED = /\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Lady)\.? (\p{Lu}[\p{L}'’-]+(?: \p{Lu}[\p{L}'’-]+){0,2})/gu;

const INTRODUCED =
  /\b(?:[Mm]y name is|[Nn]ame:|I am|I'm|[Rr]egards,|[Ss]incerely,|[Dd]ear)\s(\p{Lu}[\p{L}'’-]+(?: \p{Lu}[\p{L}'’-]+){0,2})/gu;

const FIRST_NAMES =
  "Aisha|Alan|Albert|Alex|Alice|Amy|Ana|Andrea|Andrew|Anna|Anne|Anthony|Barbara|Ben|Benjamin|Bob|Brian|Carlos|Carol|Catherine|Charles|Chris|Christopher|Daniel|David|Deborah|Donald|Edward|Elena|Elizabeth|Emily|Emma|Eric|Eva|Fatima|Frank|George|Hannah|Helen|Henry|Ivan|Jack|Jacob|James|Jane|Jason|Jennifer|Jessica|Joan|Joe|John|Jonathan|Jose|Joseph|Juan|Julia|Karen|Kate|Kevin|Laura|Lee|Linda|Lisa|Luis|Maria|Marie|Mario|Mark|Martin|Mary|Matthew|Michael|Mohammed|Nancy|Nicole|Olivia|Patricia|Paul|Peter|Priya|Rachel|Richard|Robert|Ruth|Ryan|Samuel|Sandra|Sara|Sarah|Simon|Sofia|Sophie|Stephen|Steven|Susan|Thomas|Tim|Tom|Victoria|Wei|William|Yuki";

const KNOWN = new RegExp(
  `\\b((?:${FIRST_NAMES})(?: (?!(?:${FIRST_NAMES})\\b)\\p{Lu}[\\p{L}'’-]+){0,2})(?![\\p{L}])`,
  "gu",
);

/** The most names that each pattern finds in one text. */
const MAX_NAMES = 50;

/** Replaces the names of people, e-mail addresses and telephone numbers in a text. */
export function hidePersonalData(text: string): string {
  const names = new Set<string>();
  for (const pattern of [TITLED, INTRODUCED, KNOWN])
    for (const { 1: name = "" } of text.matchAll(pattern).take(MAX_NAMES))
      for (const word of name.split(" ")) if (/^\p{Lu}/u.test(word)) names.add(word.replace(/['’]s$/, ""));
  const hidden = text.replaceAll(EMAIL, "[EMAIL]").replaceAll(PHONE, hidePhone);
  if (names.size === 0) return hidden;
  const alternatives = [...names].map((name) => name.replaceAll(/[^\p{L}]/gu, ".")).join("|");
  const whole = new RegExp(`(?<![\\p{L}])(?:${alternatives})(?: (?:${alternatives}))*(?![\\p{L}])`, "gu");
  return hidden.replaceAll(whole, "[NAME]");
}

function hidePhone(match: string): string {
  const digits = match.replaceAll(/\D/g, "").length;
  // "1914-1918" and "2024 01 31" are not telephone numbers.
  const isDate = /^(?:1\d|20)\d{2}[ .-]/.test(match);
  return digits >= 7 && digits <= 15 && !isDate ? "[PHONE]" : match;
}
