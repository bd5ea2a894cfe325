import type { Transport } from '@midsentence/core'

/** A transport that is `peer`, but for some of its members. */
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
