/** Headers of a request to open a WebSocket. */
export const upgradeHeaders = [
  'connection: Upgrade',
  'upgrade: websocket',
  'sec-websocket-version: 13',
  'sec-websocket-key: bWlkc2VudGVuY2UgcmVhZA==',
  '',
].join('\r\n')

/** Returns a text of at most 65,535 bytes as a client's frame, with a mask of zeros. */
export function frameOf(text) {
  const bytes = Buffer.from(text)
  const size = bytes.length < 126 ? [0x80 | bytes.length] : [0x80 | 126, bytes.length >> 8, bytes.length & 255]
  return Buffer.concat([Buffer.from([0x81, ...size, 0, 0, 0, 0]), bytes])
}
