import { nameInSentence, shownName } from '@midsentence/client'
import type { Participant } from '@midsentence/core'

/** Returns the prompt: who writes, the participant's name, and how much Enter would send. */
export function promptText({ name, view: { draft } }: Participant, lines: number, writing: readonly string[]): string {
  const own = draft.segments === 0 ? '' : `, Enter sends${lines > 1 ? ` ${lines} lines` : ''}`
  return `${writing.length === 0 ? '' : `(${writersText(writing)}) `}${shownName(name)}${own}> `
}

function writersText(writing: readonly string[]): string {
  const [first = '', second = ''] = writing.map(nameInSentence)
  if (writing.length === 1) return `${first} is writing`
  return writing.length === 2 ? `${first} and ${second} are writing` : `${writing.length} are writing`
}
