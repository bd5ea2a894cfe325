import type { Entry } from '../history/index.ts'
import type { Racer } from './concurrent-client.ts'
import type { Race } from './race.ts'

/** No text is in the room twice: each was appended once. */
export function saidOnce(race: Race, log: readonly Entry[]): void {
  const seen = new Map<string, number>()
  for (const { content, seq } of log) {
    for (const text of content.split(/(?<=;)/)) {
      const before = seen.get(text)
      if (before !== undefined) race.broken('P4', `${text} stands in message ${before} and in message ${seq}.`)
      seen.set(text, seq)
    }
  }
}

/** A stream brings the room from where it began, all of it, in order. */
export function heardOnce(race: Race, { name, heard, start, left }: Racer, log: readonly Entry[]): void {
  const due =
    log.length > 0 ? log.filter(({ seq }) => seq > start).map(({ seq }) => seq) : heard.map((_, at) => start + 1 + at)
  const got = heard.map(({ seq }) => seq)
  const expected = left ? due.slice(0, got.length) : due
  if (`${got}` !== `${expected}`) race.broken('V2', `${name}'s stream brought ${got}, not ${expected}.`)
}

/** A draft is the fold of its session's calls in their order, and what is sent is the draft as it then was. */
export function draftsAreFolds(race: Race, { name, calls }: Racer): void {
  let draft: string[] = []
  for (const { action, said, again, answer, error } of calls) {
    if (again || action === 'check' || action === 'publish' || error === 'session-unknown') continue
    if (error) {
      const due = action === 'push' && draft.length === 0
      if (!due || error !== 'no-draft') race.broken('W4', `${name}'s ${action} was refused: ${error}.`)
      continue
    }
    if (!answer) continue
    if (action === 'append') draft.push(said!)
    else if (action === 'reset') draft = []
    else if (action === 'undo') {
      const undone = draft.pop() !== undefined
      if (undone !== (answer.status === 1)) race.broken('D3', `${name}'s undo said ${answer.status}.`)
    } else if (action === 'push' && answer.status === 1) draft = []
    const text = draft.join('')
    if (action === 'preview' && answer.draft !== text) {
      race.broken('P5', `${name}'s preview showed ${answer.draft}, and ${text} was called before it.`)
    }
    if (answer.suffix !== undefined && !text.endsWith(answer.suffix)) {
      race.broken('P5', `${name}'s ${action} told the end ${answer.suffix} of ${text}.`)
    }
  }
}
