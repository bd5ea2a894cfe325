import { BehaviorSubject, NEVER } from 'rxjs'

/** Creates a transport that accepts every message at once, so that a benchmark measures the participant alone. */
export function instantTransport() {
  let seq = 0
  return {
    supports: { ids: true, resume: true, echo: { no: 'no other participant' }, conditional: true, keys: true },
    inbound$: NEVER,
    link$: new BehaviorSubject({ state: 'up' }),
    open: async ({ room, username }) => ({
      session: { session_id: 's', token: 't', room, sender_id: username, log: 'l' },
      cursor: 0,
      policy: 'hold',
      resumed: false,
    }),
    publish: async () => ({
      sent: true,
      seq: ++seq,
      message_id: `m${seq}`,
      timestamp: '2026-01-01T00:00:00.000Z',
      durability: 'memory',
    }),
    resume() {},
    yield() {},
    close: async () => {},
  }
}
