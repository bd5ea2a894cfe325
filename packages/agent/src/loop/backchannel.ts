/** What says no more than "I hear you", in some of the languages that rooms are full of. */
const backchannelWords = new Set(
  (
    'ok okay okey k kk yes yeah yep yup ya no nope sure right true fair agreed indeed exactly absolutely totally great nice ' +
    'good cool wow oh ah aha ha haha hm hmm hmmm mm mmm mhm uh uhhuh huh thanks thx ty thank you got it i see i know of course ' +
    'go on makes sense well said lol +1 ack ja jo genau stimmt oui si sí da nee nein vale claro d’accord はい うん 好 好的 嗯 对'
  ).split(' '),
)

/** Words of it make a backchannel up to this many: "ok thanks, got it". */
const MAX_WORDS = 5

/** Is `text` only a sign of listening, as "ok", "I see." or 👍? Nothing in it would change what somebody writes. */
export function isBackchannel(text: string): boolean {
  if (/[?？]/.test(text)) return false
  const found = text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}+’'\s]/gu, ' ')
    .trim()
    .split(/\s+/)
  if (found[0] === '') return true
  return found.length <= MAX_WORDS && found.every(word => backchannelWords.has(word.replace("'", '’')))
}
