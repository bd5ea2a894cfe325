/** Last character of every text, found nowhere else on the wire: counting it counts deliveries. */
export const END_MARK = '~'

/** Returns the text of the n-th message, the same for every server. */
export const contentOf = n => `${n}: What one says in a single breath, more or less.${END_MARK}`

/** Returns a message as the protocol defines it, for servers without rooms. */
export const messageOf = (content, seq) => ({
  message_id: `5f0c1d2e-lobby-${seq}`,
  sender_id: 'publisher',
  content,
  timestamp: new Date().toISOString(),
  seq,
  base: seq - 1,
})

/** Returns the request by which a reader opens a stream. */
export const streamRequest = (path, headers = '') => `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${headers}\r\n`
