import type { Transport } from '@midsentence/core'

/** Builds a transport like `peer`, with some members replaced. */
export const override = (peer: Transport, members: Partial<Transport>): Transport => ({
  supports: peer.supports,
  inbound$: peer.inbound$,
  link$: peer.link$,
  open: hello => peer.open(hello),
  publish: request => peer.publish(request),
  resume: after => peer.resume(after),
  yield: () => peer.yield(),
  close: () => peer.close(),
  ...members,
})
