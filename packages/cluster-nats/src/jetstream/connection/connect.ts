import { readFile } from 'node:fs/promises'
import { MidsentenceError } from '@midsentence/core'
import {
  AuthorizationError,
  connect,
  credsAuthenticator,
  type NatsConnection,
  type NodeConnectionOptions,
  nkeyAuthenticator,
} from '@nats-io/transport-node'

/** Where NATS is, and how to log in. */
export interface NatsAddress {
  /** URLs of servers: `nats://a:4222` or `tls://a:4222`. One that answers is enough. */
  readonly servers: readonly string[]
  readonly user?: string
  readonly password?: string
  readonly token?: string
  /** Seed of an nkey. */
  readonly nkey?: string
  /** Path of a credentials file. */
  readonly credentials?: string
  /** Paths of PEM files. Present, also without members: the connection must be TLS. */
  readonly tls?: { readonly ca?: string; readonly certificate?: string; readonly key?: string }
}

/** How long the first connection may take, in milliseconds. */
const CONNECT_MS = 5000

/**
 * How a lost connection is made again: until it is closed, also if NATS refuses the login for a while, as when its settings are
 * changed before a file with a password is.
 */
const RECONNECT = { maxReconnectAttempts: -1, reconnectTimeWait: 250, pingInterval: 5000, ignoreAuthErrorAbort: true }

/** Connects to one of the servers. */
export async function connectNats(address: NatsAddress, name: string): Promise<NatsConnection> {
  const options = await connectionOptions(address)
  try {
    // Else each request takes two stack traces for an error that it may have, which is most of its time in this process.
    return await connect({ ...options, name, ...RECONNECT, noAsyncTraces: true })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const at = address.servers.join(', ')
    const problem =
      cause instanceof AuthorizationError ? `NATS refuses the login at ${at}` : `No NATS server answers at ${at}`
    throw new MidsentenceError('unavailable', `${problem}: ${why}.`, { cause })
  }
}

/** Returns the version of each server of the list that answers. */
export async function versionsOf(address: NatsAddress): Promise<readonly string[]> {
  const options = await connectionOptions(address)
  const versions = await Promise.all(
    address.servers.map(async server => {
      const connection = await connect({ ...options, servers: server, reconnect: false }).catch(() => undefined)
      const version = connection?.info?.version
      await connection?.close()
      return version === undefined ? [] : [version]
    }),
  )
  return versions.flat()
}

async function connectionOptions(address: NatsAddress): Promise<NodeConnectionOptions> {
  const { servers, user, password, token, nkey, credentials } = address
  if (servers.some(server => server.includes('@')))
    throw new MidsentenceError('invalid-params', 'A URL of NATS must not contain a user, a password or a token.', {
      remedy: 'give them separately, as --nats-user and --nats-password-file do',
    })
  // The client of NATS takes tls:// for nats://, and goes on without encryption if the server has none.
  const tls = address.tls ?? (servers.some(server => /^tls:/i.test(server)) ? {} : undefined)
  return {
    servers: [...servers],
    timeout: CONNECT_MS,
    ...(user !== undefined && { user }),
    ...(password !== undefined && { pass: password }),
    ...(token !== undefined && { token }),
    ...(nkey !== undefined && { authenticator: nkeyAuthenticator(new TextEncoder().encode(nkey)) }),
    ...(credentials !== undefined && { authenticator: credsAuthenticator(await readCredentials(credentials)) }),
    ...(tls && {
      tls: {
        ...(tls.ca !== undefined && { caFile: tls.ca }),
        ...(tls.certificate !== undefined && { certFile: tls.certificate }),
        ...(tls.key !== undefined && { keyFile: tls.key }),
      },
    }),
  }
}

async function readCredentials(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch(cause => {
    throw new MidsentenceError('invalid-params', `The credentials file of NATS cannot be read: ${String(cause)}.`, {
      cause,
    })
  })
  if (bytes.includes('-----BEGIN NATS USER JWT-----')) return bytes
  throw new MidsentenceError('invalid-params', `${path} is no credentials file of NATS, which has a JWT and a seed.`)
}
