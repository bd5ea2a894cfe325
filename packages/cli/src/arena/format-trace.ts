import type { RunResult, TraceEvent } from '@midsentence/arena'
import type { Palette } from '../palette.ts'
import { wrapText } from '../wrap-text.ts'

/** Formats what each author did, and what others said, in the order of time. */
export function formatTrace(
  { authors, log }: Pick<RunResult, 'authors' | 'log'>,
  colours: Palette,
  width: number,
): string {
  const names = new Set(authors.map(({ name }) => name))
  const lines = [
    ...authors.flatMap(({ name, trace }) => trace.map(event => ({ at: event.at, name, text: eventText(event) }))),
    ...log
      .filter(({ sender_id }) => !names.has(sender_id))
      .map(({ at, sender_id, seq, content }) => ({ at, name: sender_id, text: `sends message ${seq}: ${content}` })),
  ].sort((a, b) => a.at - b.at)
  const nameWidth = Math.max(...lines.map(({ name }) => name.length))
  const indent = ' '.repeat(nameWidth + 10)
  return lines
    .map(({ at, name, text }) => {
      const time = `${(at / 1_000).toFixed(2).padStart(7)}  `
      const wrapped = wrapText(text, width - indent.length).join(`\n${indent}`)
      return `${colours.dim(time)}${colours.name(name, name.padEnd(nameWidth))} ${wrapped}\n`
    })
    .join('')
}

const reviews = {
  interrupted: 'reads in the middle of its draft',
  finished: 'reads once its draft is finished',
  held: 'reads after it was held',
} as const satisfies Record<Extract<TraceEvent, { type: 'reviewed' }>['why'], string>

function eventText(event: TraceEvent): string {
  switch (event.type) {
    case 'wanted':
      return 'wants to say something'
    case 'asked':
      return `calls its model: ${event.fresh} new tokens, ${event.cached} read before`
    case 'read':
      return `has read up to message ${event.seq}`
    case 'wrote':
      return `writes: ${event.text.trim()}`
    case 'undid':
      return `takes back: ${event.text.trim()}`
    case 'reviewed':
      return reviews[event.why]
    case 'pushed':
      return 'pushes'
    case 'held':
      return event.floor
        ? 'is held: another has the floor, or it has got the floor now'
        : 'is held: it has not read the newest message'
    case 'sent':
      return `has sent message ${event.seq}: ${event.content}`
    case 'withdrew':
      return 'says nothing after all'
  }
}
