import { access, constants, readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import { MidsentenceError } from '@midsentence/core'
import {
  type Authenticator,
  AuthorizationError,
  connect,
  credsAuthenticator,
  type NatsConnection,
  type NodeConnectionOptions,
  nkeyAuthenticator,
  TimeoutError,
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
    throw connectError(cause, address.servers.join(', '), options.tls !== undefined)
  }
}

function connectError(cause: unknown, at: string, isTls: boolean): MidsentenceError {
  const why = cause instanceof Error ? cause.message : String(cause)
  if (cause instanceof AuthorizationError)
    return new MidsentenceError('unavailable', `NATS refuses the login at ${at}: ${why}.`, { cause })
  const code = codeOf(cause) ?? ''
  if (UNTRUSTED.test(code))
    return new MidsentenceError('unavailable', `The certificate of NATS at ${at} is not trusted: ${why}.`, {
      cause,
      remedy: 'name the authority that signed it, as --nats-ca does, and the server by a name in it',
    })
  if (/^ERR_(TLS|SSL|OSSL)/.test(code))
    return new MidsentenceError('unavailable', `NATS at ${at} refuses the TLS connection: ${why}.`, { cause })
  // A server that refuses a client's certificate says nothing.
  const remedy =
    'if it takes only clients whose certificate it trusts, give one, as --nats-certificate and --nats-key do'
  return new MidsentenceError('unavailable', `No NATS server answers at ${at}: ${why}.`, {
    cause,
    ...(isTls && cause instanceof TimeoutError && { remedy }),
  })
}

/** Codes of Node.js for certificates that it does not accept. */
const UNTRUSTED = /^(?:UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|CERT_|ERR_TLS_CERT_ALTNAME_INVALID)/

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? codeOf(error.cause)) : undefined

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
  for (const path of [tls?.ca, tls?.certificate, tls?.key]) if (path !== undefined) await checkReadable(path)
  return {
    servers: [...servers],
    timeout: CONNECT_MS,
    ...(user !== undefined && { user }),
    ...(password !== undefined && { pass: password }),
    ...(token !== undefined && { token }),
    ...(nkey !== undefined && {
      authenticator: checked(nkeyAuthenticator(new TextEncoder().encode(nkey)), 'The nkey for NATS is no seed'),
    }),
    ...(credentials !== undefined && { authenticator: await credentialsIn(credentials) }),
    ...(tls && {
      tls: {
        // Paths: they are read again for each connection, so that certificates may be renewed.
        ...(tls.ca !== undefined && { caFile: tls.ca }),
        ...(tls.certificate !== undefined && { certFile: tls.certificate }),
        ...(tls.key !== undefined && { keyFile: tls.key }),
        ...identityCheck(servers),
      },
    }),
  }
}

/**
 * The client of NATS gives TLS no name for a server that is named by an IP address, and Node.js then takes `localhost`. A
 * certificate with the address of one of the servers is good instead.
 */
function identityCheck(servers: readonly string[]): object {
  const hosts = servers
    .map(server => (server.includes('://') ? server : `nats://${server}`))
    .flatMap(url => (URL.canParse(url) ? [new URL(url).hostname.replace(/^\[|\]$/g, '')] : []))
  const addresses = hosts.filter(host => isIP(host) !== 0)
  if (addresses.length === 0) return {}
  const accepted = hosts.includes('localhost') ? ['localhost', ...addresses] : addresses
  return {
    checkServerIdentity(host: string, certificate: PeerCertificate): Error | undefined {
      if (host !== 'localhost') return checkServerIdentity(host, certificate)
      const errors = accepted.map(name => checkServerIdentity(name, certificate))
      return errors.includes(undefined) ? undefined : errors[0]
    },
  }
}

async function checkReadable(path: string): Promise<void> {
  await access(path, constants.R_OK).catch(cause => {
    throw new MidsentenceError('invalid-params', `A file for TLS with NATS cannot be read: ${cause.message}.`, {
      cause,
    })
  })
}

async function credentialsIn(path: string): Promise<Authenticator> {
  const bytes = await readFile(path).catch(cause => {
    throw new MidsentenceError('invalid-params', `The credentials file of NATS cannot be read: ${cause.message}.`, {
      cause,
    })
  })
  return checked(credsAuthenticator(bytes), `${path} is no credentials file of NATS, which has a JWT and a seed`)
}

/** Signs once, since a seed is only read then. */
function checked(authenticator: Authenticator, problem: string): Authenticator {
  try {
    authenticator('nonce')
    return authenticator
  } catch (cause) {
    throw new MidsentenceError('invalid-params', `${problem}.`, { cause })
  }
}
