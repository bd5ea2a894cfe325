export interface ReadEvent {
  readonly event: string
  readonly data: string
  readonly id: string
}

/** Parses the server-sent events of a body strictly: lines end at CR LF, LF or CR only. */
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
    else if (field !== '' && field !== 'retry') throw new Error(`unknown field: ${line}`)
  }
  return events
}

/** Decodes the chunks received so far of a chunked response. */
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
