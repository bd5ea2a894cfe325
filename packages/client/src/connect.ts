import { type Clock, type Journal, join, type Participant, systemClock, type Transport } from '@midsentence/core'
import { seedTransport } from '@midsentence/transport-sse/seed'

export interface ConnectOptions extends Pick<Parameters<typeof seedTransport>[0], 'fetch' | 'reclaim'> {
  readonly username: string
  /** Default `lobby`. */
  readonly room?: string
  /** Where to keep draft and place, to go on mid-sentence after a crash. Its maker closes it. Default: nowhere. */
  readonly journal?: Journal
  readonly clock?: Clock
  /** In place of the one that the address leads to. It can be used once. */
  readonly transport?: Transport
}

/**
 * Joins a room of the server at `url`, and resolves once connected. Rejects within 5 s with a `MidsentenceError` whose
 * sentence says what to start, and with a `TypeError` where `url` is no address.
 */
export async function connect(url: string | URL, options: ConnectOptions): Promise<Participant> {
  const { username, room, journal, clock = systemClock(), transport = transportFor(url, options) } = options
  const asleep = clock.stayAwake()
  try {
    return await join({ transport, username, clock, ...(room !== undefined && { room }), ...(journal && { journal }) })
  } finally {
    asleep()
  }
}

/** The transport for an address. There is one kind of server so far; what the other side speaks is found out here. */
function transportFor(url: string | URL, { fetch, clock, reclaim }: ConnectOptions): Transport {
  return seedTransport({
    url: addressOf(url),
    ...(fetch && { fetch }),
    ...(clock && { clock }),
    ...(reclaim !== undefined && { reclaim }),
  })
}

function addressOf(url: string | URL): string {
  const address = URL.canParse(String(url)) ? new URL(url) : undefined
  if (address?.protocol === 'http:' || address?.protocol === 'https:') return address.href
  throw new TypeError(
    `connect takes the address of a server, as http://127.0.0.1:8890, not ${JSON.stringify(String(url))}.`,
  )
}
