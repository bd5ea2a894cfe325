/** Close codes with their reasons. Codes below 4000 are those of RFC 6455. */
export const closeReasons = {
  serverClosing: [1001, 'The server is closing. Come back in a moment.'],
  binary: [1003, 'Send JSON in text frames.'],
  onlyListens: [1008, 'A watcher only listens: join by another socket to take part.'],
  watchOver: [4002, 'The watch is over: your access ended, or the room was closed. Watch again to go on.'],
  tooManyPings: [1008, 'Too many pings: one in 15 seconds will do.'],
  notJoined: [1008, 'Call join or resume within a minute.'],
  tooLong: [1009, 'Join first: until then a frame has at most 8192 bytes.'],
  logUnreadable: [1013, 'The log of this room cannot be read just now. Come back in a moment.'],
  sessionOver: [4001, 'The session is over. Join again to go on.'],
} as const satisfies Record<string, readonly [number, string]>

export type CloseReason = (typeof closeReasons)[keyof typeof closeReasons]
