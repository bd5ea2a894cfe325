/** Words of acknowledgement in several languages. */
const backchannelWords = new Set(
  (
    'ok okay okey k kk yes yeah yep yup ya no nope sure right true fair agreed indeed exactly absolutely totally great nice ' +
    'good cool wow oh ah aha ha haha hm hmm hmmm mm mmm mhm uh uhhuh huh thanks thx ty thank you got it i see i know of course ' +
    'go on makes sense well said lol +1 ack ja jo genau stimmt oui si sí da nee nein vale claro d’accord はい うん 好 好的 嗯 对'
  ).split(' '),
)

/** Most words of a backchannel such as "ok thanks, got it". */
const MAX_WORDS = 5

/** Whether `text` only acknowledges, as "ok", "I see." or 👍. Such a message gives a writer nothing to reconsider. */
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
