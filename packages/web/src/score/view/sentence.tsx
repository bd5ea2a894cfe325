import { shownName } from '@midsentence/client'
import type { Phrase, Sentence as Phrases } from '../model/describe.ts'

/** Longest text of a participant that a sentence quotes, in UTF-16 code units. */
const QUOTED = 280

/** Shows a sentence. Names and texts of participants cannot change the direction or the look of what is around them. */
export const Sentence = ({ of, quoted = QUOTED }: { readonly of: Phrases; readonly quoted?: number }) => (
  <>{of.map(phrase => phraseOf(phrase, quoted))}</>
)

function phraseOf(phrase: Phrase, quoted: number) {
  if (typeof phrase === 'string') return phrase
  if ('name' in phrase) return <bdi class="score-name">{shownName(phrase.name)}</bdi>
  return (
    <q>
      <bdi>{shortened(phrase.quote, quoted)}</bdi>
    </q>
  )
}

/** Returns the beginning of a text, without half a character at its end. */
export const shortened = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most).replace(/[\ud800-\udbff]$/, '')}…`

/** The same sentence as plain text. */
export const textOfSentence = (phrases: Phrases): string =>
  phrases
    .map(phrase =>
      typeof phrase === 'string'
        ? phrase
        : 'name' in phrase
          ? shownName(phrase.name)
          : `“${shortened(phrase.quote, QUOTED)}”`,
    )
    .join('')
