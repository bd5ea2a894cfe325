import { MidsentenceError } from '@midsentence/core'
import { type CallRate, type Hub, type HubOptions, mountPath } from '@midsentence/core/hub'
import { type AddressRate, defaultAddressRate } from './access/address-limits.ts'
import type { AuthenticationOptions } from './access/authentication.ts'
import { type BacklogBounds, defaultBacklogBounds } from './access/backlog-limits.ts'
import { plainAddress } from './access/client-address.ts'
import { isLoopback, withoutBrackets } from './access/loopback.ts'
import type { HttpTimeouts } from './http/listen.ts'
import type { ServerLog } from './observability/log.ts'

export interface ServerOptions extends AuthenticationOptions {
  /** An existing hub. Its owner closes it, and its policy decides who may join. Default: a new one from `rooms`. */
  readonly hub?: Hub
  /** Options of the new hub. Default: everything in memory. */
  readonly rooms?: HubOptions
  /** Opens the new hub, which the server closes. Default: `openHub` of core, for rooms on this server alone. */
  openHub?(options: HubOptions): Hub | Promise<Hub>
  /** Address to listen on, an IPv6 address with or without brackets. Default `127.0.0.1`, which only this machine reaches. */
  readonly host?: string
  /** Port to listen on. Default 8890; 0 takes any free one. */
  readonly port?: number
  /**
   * The path under which a reverse proxy serves the server, such as `/chat`. The server answers below it and, for a proxy
   * that removes it, also without it. Printed addresses have it. Default: none.
   */
  readonly prefix?: string
  /** The folder of the built page, which `/` then serves. Default: none, and `/` answers with a short text. */
  readonly page?: string
  /** Further host names of the server, for use with a reverse proxy. */
  readonly hosts?: readonly string[]
  /** Further origins whose pages may call the server, such as `https://chat.example`. */
  readonly origins?: readonly string[]
  /** Addresses of reverse proxies whose `X-Forwarded-For` header is trusted. */
  readonly proxies?: readonly string[]
  /**
   * Allows a `host` that other machines reach without a password or `authenticate`: anyone who reaches the server may join.
   * Default false: such a start is refused.
   */
  readonly openToAll?: boolean
  /**
   * Serves clients of the existing Python chat server. They send no credential, so anyone who reaches the server can act
   * under any of their names. Default: only on a loopback address where `join` needs no credential. True: on every loopback
   * address. `without-authentication`: everywhere.
   */
  readonly legacyDialect?: boolean | 'without-authentication'
  /** Bearer token for the admin API and `/metrics`, at least 16 characters. Default: both answer 404. */
  readonly adminToken?: string
  /** Limits per session and per remote address. False: no rates, for example for a benchmark. */
  readonly limits?: { readonly session?: CallRate | false; readonly address?: Partial<AddressRate> | false } | false
  /** Limits on bytes that wait for readers, also of loopback addresses. */
  readonly backlog?: Partial<BacklogBounds>
  /** Open connections in all. More are closed at once. Default 20,000. */
  readonly maxConnections?: number
  /** Time limits for receiving a request. */
  readonly timeouts?: Partial<HttpTimeouts>
  /** Receives log entries. Default: none are written. */
  readonly log?: ServerLog
  /** Called with each internal error and the place it happened at. Must not throw. */
  fault?(cause: unknown, what: string): void
}

export interface RunningServer {
  /** The address for clients on this machine, such as `http://127.0.0.1:8890`, with the prefix. */
  readonly url: string
  readonly hub: Hub
  /** Whether `join` needs a credential. */
  readonly requiresCredential: boolean
  /** A sentence for the operator if the configuration is risky. */
  readonly warning?: string
  /** Makes `/readyz` answer 503 and closes each connection after its answer. Requests are still answered. Idempotent. */
  drain(): void
  /** Ends streams, answers waiting calls and closes all connections within a second. Idempotent; never rejects. */
  close(): Promise<void>
}

export const defaultCallRate: CallRate = { per_second: 100, burst: 300 }

/** Fills in defaults. Throws `TypeError` for contradictory options, `invalid-params` for an open server without `openToAll`. */
export function resolveServerOptions(options: ServerOptions) {
  const { port = 8890, hosts = [], limits = {} } = options
  const origins = (options.origins ?? []).map(originOf)
  const host = withoutBrackets(options.host ?? '127.0.0.1')
  const proxies = (options.proxies ?? []).map(plainAddress)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new TypeError(`${port} is no port: take 0 to 65535.`)
  if (options.hub && options.rooms)
    throw new TypeError('Give startServer either a hub or options for its rooms, not both.')
  const authenticates = options.password !== undefined || options.authenticate !== undefined
  if (options.hub && authenticates) {
    throw new TypeError('With a hub of yours, check credentials in its policy, not by password or authenticate.')
  }
  if (options.password === '') throw new TypeError('An empty password lets everybody in: leave it out, or set one.')
  if (options.adminToken !== undefined && !/^[\x21-\x7e]{16,}$/.test(options.adminToken)) {
    throw new TypeError('The admin token needs at least 16 random characters: ASCII without spaces.')
  }
  const requiresCredential =
    authenticates || options.hub?.requiresCredential === true || options.rooms?.policy?.admit !== undefined
  const isLocal = isLoopback(host)
  if (!isLocal && !requiresCredential && options.openToAll !== true) throw unprotectedError(host)
  const { session = defaultCallRate, address = {} } = limits === false ? unlimited : limits
  return {
    ...{ host, port, prefix: mountPath(options.prefix ?? ''), hosts, origins, proxies, requiresCredential },
    listsRooms: isLocal && !requiresCredential && hosts.length === 0 && proxies.length === 0 && !options.prefix,
    legacyDialect: servesLegacyClients(options.legacyDialect, isLocal, requiresCredential),
    backlogBounds: { ...defaultBacklogBounds, ...options.backlog },
    maxConnections: options.maxConnections ?? 20_000,
    callRate: session === false ? undefined : session,
    addressRate: address === false ? undefined : { ...defaultAddressRate, ...address },
  }
}

/** Returns an origin as browsers send it: in lower case, without a path. Other schemes than http and https stay as given. */
const originOf = (text: string): string => (URL.canParse(text) && /^https?:/i.test(text) ? new URL(text).origin : text)

const unlimited = { session: false, address: false } as const

const servesLegacyClients = (
  option: ServerOptions['legacyDialect'],
  isLocal: boolean,
  requiresCredential: boolean,
): boolean => option === 'without-authentication' || (isLocal && (option ?? !requiresCredential))

const unprotectedError = (host: string) =>
  new MidsentenceError(
    'invalid-params',
    `${host} can be reached from other machines, and anybody there could join. Set a password or authenticate, listen on 127.0.0.1, or set openToAll to allow it.`,
  )
