import type { Link, Transport } from '@midsentence/core'
import { map } from 'rxjs'

/** Wraps `transport` so that its link carries `notice` while it is up. */
export function withLinkNotice(transport: Transport, notice: string): Transport {
  const withNotice = (link: Link): Link => (link.state === 'up' ? { ...link, notice } : link)
  const { hush, showDraft, showWriting } = transport
  return {
    supports: transport.supports,
    inbound$: transport.inbound$,
    link$: transport.link$.pipe(map(withNotice)),
    open: hello => transport.open(hello),
    publish: request => transport.publish(request),
    resume: after => transport.resume(after),
    yield: () => transport.yield(),
    ...(hush && { hush: on => hush.call(transport, on) }),
    ...(showDraft && { showDraft: (...args) => showDraft.apply(transport, args) }),
    ...(showWriting && { showWriting: writing => showWriting.call(transport, writing) }),
    close: () => transport.close(),
  }
}
