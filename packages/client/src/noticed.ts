import type { Link, Transport } from '@midsentence/core'
import { map } from 'rxjs'

/** The same transport, whose link says `notice` whenever it is up. */
export function noticed(transport: Transport, notice: string): Transport {
  const told = (link: Link): Link => (link.state === 'up' ? { ...link, notice } : link)
  const { showDraft } = transport
  return {
    supports: transport.supports,
    inbound$: transport.inbound$,
    link$: transport.link$.pipe(map(told)),
    open: hello => transport.open(hello),
    publish: request => transport.publish(request),
    resume: after => transport.resume(after),
    yield: () => transport.yield(),
    ...(showDraft && { showDraft: (...shown) => showDraft.apply(transport, shown) }),
    close: () => transport.close(),
  }
}
