/** The headers by which a client asks for a socket. */
export const wantsSocket = [
  'connection: Upgrade',
  'upgrade: websocket',
  'sec-websocket-version: 13',
  'sec-websocket-key: bWlkc2VudGVuY2UgcmVhZA==',
  '',
].join('\r\n')

/** A text as a client's frame, under a mask of zeros: at most 65,535 bytes. */
export function frameOf(text) {
  const bytes = Buffer.from(text)
  const size = bytes.length < 126 ? [0x80 | bytes.length] : [0x80 | 126, bytes.length >> 8, bytes.length & 255]
  return Buffer.concat([Buffer.from([0x81, ...size, 0, 0, 0, 0]), bytes])
}
