/** Why a socket is closed: the code, and the reason that goes with it. Those below 4000 are the WebSocket protocol's. */
export const closings = {
  /** Try again in a moment. */
  closing: [1001, 'The server is closing. Come back in a moment.'],
  binary: [1003, 'Send JSON in text frames.'],
  pings: [1008, 'Too many pings: one in 15 seconds will do.'],
  nobody: [1008, 'Call join or resume within a minute.'],
  tooLong: [1009, 'Join first: until then a frame has at most 8192 bytes.'],
  unreadable: [1013, 'The log of this room cannot be read just now. Come back in a moment.'],
  over: [4001, 'The session is over. Join again to go on.'],
} as const satisfies Record<string, readonly [number, string]>

export type Closing = (typeof closings)[keyof typeof closings]
