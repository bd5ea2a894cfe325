import { MidsentenceError } from '@midsentence/core'
import type { CallRate, Hub, HubOptions } from '@midsentence/core/hub'
import { type AddressRate, defaultAddressRate } from './address-limits.ts'
import type { EntryOptions } from './entry.ts'
import type { Patience } from './listening.ts'
import type { ServerLog } from './log.ts'
import { isLoopback } from './loopback.ts'

export interface ServerOptions extends EntryOptions {
  /** Rooms that are there already; their maker closes them, and says in their policy who comes in. Default: new ones, as `rooms` says. */
  readonly hub?: Hub
  /** How to make the rooms. Default: in memory. */
  readonly rooms?: HubOptions
  /** The address to listen on. Default `127.0.0.1`: this machine alone. */
  readonly host?: string
  /** Default 8890; 0 takes any that is free. */
  readonly port?: number
  /** Other names by which the server may be called, where something stands in front of it. */
  readonly hosts?: readonly string[]
  /** Pages that may use it besides its own and those of this machine, as `https://chat.example`. */
  readonly origins?: readonly string[]
  /** Addresses of proxies in front of it, whose `X-Forwarded-For` is believed. */
  readonly proxies?: readonly string[]
  /** Everybody who can reach it may join, and that is meant. Without it and without a password or `authenticate` it stays on this machine. */
  readonly openToAll?: boolean
  /**
   * Serve old clients of the existing Python chat server too: they show nothing, so whoever reaches the server speaks as
   * anybody of them. Default: on this machine, where nobody is asked who they are. True serves them there all the same;
   * `without-authentication` serves them anywhere.
   */
  readonly seedDialect?: boolean | 'without-authentication'
  /** Whoever shows this token may ask `/admin` and `/metrics`. Default: nobody. At least 16 characters. */
  readonly keeperToken?: string
  /** How much sessions and addresses may ask for; false: whatever they like, as for a benchmark. */
  readonly limits?: { readonly session?: CallRate | false; readonly address?: Partial<AddressRate> | false } | false
  /** How long a sender may take. */
  readonly patience?: Partial<Patience>
  /** Where it writes what happens. Default: nowhere. */
  readonly log?: ServerLog
  /** Is told what was answered as an error of ours, and at what, to be written into a log. Must not throw. */
  fault?(cause: unknown, what: string): void
}

export interface RunningServer {
  /** Where it is reached from this machine, as `http://127.0.0.1:8890`. */
  readonly url: string
  readonly hub: Hub
  /** Whoever joins has to show something. */
  readonly asks: boolean
  /** A sentence for whoever started it, where there is something to be careful about. */
  readonly warning?: string
  /** From now on `/readyz` says no and connections are not kept; everything is still answered. Idempotent. */
  drain(): void
  /** Ends it within a second: streams end, waiting calls are answered, every connection is closed. Idempotent, never fails. */
  close(): Promise<void>
}

export const defaultCallRate: CallRate = { per_second: 100, burst: 300 }

/** What `options` come to. Throws where they cannot be meant. */
export function settled(options: ServerOptions) {
  const { host = '127.0.0.1', port = 8890, hosts = [], origins = [], proxies = [], limits = {} } = options
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new TypeError(`${port} is no port: take 0 to 65535.`)
  if (options.hub && options.rooms) throw new TypeError('Give startServer either a hub or how to make its rooms.')
  const own = options.password !== undefined || options.authenticate !== undefined
  if (options.hub && own) throw new TypeError('A hub that is given says in its own policy who may come in.')
  if (options.password === '') throw new TypeError('An empty password lets everybody in: leave it out, or set one.')
  if (options.keeperToken !== undefined && !/^[\x21-\x7e]{16,}$/.test(options.keeperToken)) {
    throw new TypeError("The keeper's token has to have at least 16 characters, at random: ASCII without spaces.")
  }
  const asks = own || options.hub?.requiresCredential === true || options.rooms?.policy?.admit !== undefined
  const local = isLoopback(host)
  if (!local && !asks && options.openToAll !== true) throw openToAll(host)
  const dialect = dialectOf(options.seedDialect, local, asks)
  const { session = defaultCallRate, address = {} } = limits === false ? unlimited : limits
  return {
    ...{ host, port, hosts, origins, proxies, dialect, asks },
    rate: session === false ? undefined : session,
    addressRate: address === false ? undefined : { ...defaultAddressRate, ...address },
  }
}

const unlimited = { session: false, address: false } as const

const dialectOf = (asked: ServerOptions['seedDialect'], local: boolean, asks: boolean): boolean =>
  asked === 'without-authentication' || (local && (asked ?? !asks))

const openToAll = (host: string) =>
  new MidsentenceError(
    'invalid-params',
    `${host} can be reached from other machines, and anybody there could join. Set a password or authenticate, listen on 127.0.0.1, or say openToAll where this is meant.`,
  )
