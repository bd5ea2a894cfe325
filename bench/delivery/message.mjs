/** Ends every text, and stands nowhere else in what goes over a line: whoever counts it counts deliveries. */
export const MARK = '~'

/** What is said, everywhere in the same words. */
export const contentOf = n => `${n}: What one says in a single breath, more or less.${MARK}`

/** A message as the protocol has it, for servers that know no rooms. */
export const messageOf = (content, seq) => ({
  message_id: `5f0c1d2e-lobby-${seq}`,
  sender_id: 'speaker',
  content,
  timestamp: new Date().toISOString(),
  seq,
  base: seq - 1,
})

/** How a reader asks for a stream. */
export const asks = (path, headers = '') => `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${headers}\r\n`
