import type { RoomClient } from './room-client.ts'

/** Most clients kept, least recently used first out. A client only holds messages that were not delivered. */
const MAX_CLIENTS = 1000
/** Most clients kept whose token no server has confirmed. Made-up tokens push out these alone. */
const MAX_UNKNOWN_CLIENTS = 100

/** The clients of an endpoint by token. Both tables are bounded. */
export class RoomClients {
  readonly #known = new Map<string, RoomClient>()
  readonly #unknown = new Map<string, RoomClient>()
  readonly #create: (token: string, onSession: () => void) => RoomClient

  /** `create` calls `onSession` once a server has confirmed the token. */
  constructor(create: (token: string, onSession: () => void) => RoomClient) {
    this.#create = create
  }

  get size(): { readonly known: number; readonly unknown: number } {
    return { known: this.#known.size, unknown: this.#unknown.size }
  }

  of(token: string): RoomClient {
    const known = this.#known.get(token)
    if (known) return keep(this.#known, token, known, MAX_CLIENTS)
    const client =
      this.#unknown.get(token) ??
      this.#create(token, () => {
        this.#unknown.delete(token)
        if (!this.#known.has(token)) keep(this.#known, token, client, MAX_CLIENTS)
      })
    return keep(this.#unknown, token, client, MAX_UNKNOWN_CLIENTS)
  }
}

/** Makes `client` the newest of `clients`, and drops the oldest above `most`. */
function keep(clients: Map<string, RoomClient>, token: string, client: RoomClient, most: number): RoomClient {
  clients.delete(token)
  clients.set(token, client)
  if (clients.size > most) clients.delete(clients.keys().next().value!)
  return client
}
