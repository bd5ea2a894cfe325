import type { StreamEvent } from '../server/server-harness.ts'

const END = /\r\n|\n|\r(?!$)/

/** Parses server-sent events by their standard. The returned function takes chunks of text; `take` gets each event. */
export function eventReader(take: (event: StreamEvent) => void): (chunk: string) => void {
  let rest = ''
  let id = ''
  let event = ''
  let data: string[] = []
  const line = (text: string): void => {
    if (text === '') {
      if (data.length > 0) take({ id, event: event || 'message', data: data.join('\n') })
      event = ''
      data = []
      return
    }
    const colon = text.indexOf(':')
    if (colon === 0) return
    const field = colon < 0 ? text : text.slice(0, colon)
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') event = value
    else if (field === 'data') data.push(value)
    else if (field === 'id' && !value.includes('\0')) id = value
  }
  return chunk => {
    rest += chunk
    let from = 0
    // A CR at the end of a chunk may be the first half of a CRLF.
    for (let found = END.exec(rest); found; found = END.exec(rest.slice(from))) {
      line(rest.slice(from, from + found.index))
      from += found.index + found[0].length
    }
    rest = rest.slice(from)
  }
}
