export interface ReadEvent {
  readonly event: string
  readonly data: string
  readonly id: string
}

/** Server-sent events out of a whole body, by the letter of the format: lines end at CR LF, LF or CR and at nothing else. */
export function eventsIn(body: string): ReadEvent[] {
  const events: ReadEvent[] = []
  let [event, data, id] = ['', undefined as string | undefined, '']
  for (const line of body.split(/\r\n|\n|\r/)) {
    if (line === '') {
      if (data !== undefined) events.push({ event: event || 'message', data, id })
      event = ''
      data = undefined
      continue
    }
    const colon = line.indexOf(':')
    const field = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'event') event = value
    else if (field === 'data') data = data === undefined ? value : `${data}\n${value}`
    else if (field === 'id') id = value.includes('\0') ? id : value
    else if (field !== '' && field !== 'retry') throw new Error(`a field of nobody: ${line}`)
  }
  return events
}

/** The body of a chunked answer, as far as it came. */
export function bodyIn(received: string): string {
  const bytes = Buffer.from(received.slice(received.indexOf('\r\n\r\n') + 4))
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf('\r\n', at)
    if (end < 0) break
    const length = Number.parseInt(bytes.toString('latin1', at, end), 16)
    chunks.push(bytes.subarray(end + 2, end + 2 + length))
    at = end + 2 + length + 2
  }
  return Buffer.concat(chunks).toString()
}
