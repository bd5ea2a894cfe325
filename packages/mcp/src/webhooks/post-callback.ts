import { lookup as dnsLookup } from 'node:dns'
import { request as httpRequest, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import { invalid } from '../events/message-event.ts'

/** Why a POST to a callback failed, in the terms of the extension. It reveals nothing of the endpoint's answer. */
export type CallbackFailure =
  | 'connection_refused'
  | 'timeout'
  | 'tls_error'
  | 'http_4xx'
  | 'http_5xx'
  | 'challenge_failed'

export interface CallbackOptions {
  /** Also allows loopback addresses, and http to them: for receivers on this machine. Default false. */
  readonly allowLoopback?: boolean
  /** Resolves host names. Default: `dns.lookup`. */
  readonly lookup?: LookupFunction
  /** How long one POST may take, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

/** How long a POST may take, in milliseconds. */
const TIMEOUT_MS = 10_000
/** Longest answer that is read, in bytes: more than a challenge needs. */
const MAX_ANSWER_BYTES = 4096

/** A POST was answered, or not. */
export interface CallbackAnswer {
  readonly status: number
  /** The first 4,096 bytes. */
  readonly body: string
}

/** An address that is not public. */
class AddressRefused extends Error {}

/** Reads the URL of a callback. Throws a `ProtocolError` unless it is https, or http to loopback where that is allowed. */
export function readCallbackUrl(text: unknown, { allowLoopback = false }: CallbackOptions = {}): URL {
  if (typeof text !== 'string' || text.length > 2048 || !URL.canParse(text))
    throw invalid('delivery.url is an https URL of at most 2048 characters.')
  const url = new URL(text)
  const host = hostOf(url)
  const isLoopback = host === 'localhost' || (isIP(host) > 0 && ipaddr.process(host).range() === 'loopback')
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && allowLoopback && isLoopback))
    throw invalid('delivery.url begins with https://.')
  if (url.username || url.password || url.hash) throw invalid('delivery.url has no user, password or fragment.')
  if (isIP(host) > 0 && !isAllowed(host, allowLoopback))
    throw invalid('delivery.url names an address that is not public. Use one that anybody can reach.')
  return url
}

/**
 * POSTs `body` and resolves with the answer; follows no redirect. The address is checked while it connects, so that DNS cannot
 * give another one after the check. Rejects with a `CallbackError`.
 */
export function postCallback(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  { allowLoopback = false, lookup = dnsLookup as LookupFunction, timeoutMs = TIMEOUT_MS, signal }: CallbackOptions = {},
): Promise<CallbackAnswer> {
  return new Promise((resolve, reject) => {
    const host = hostOf(url)
    // Node asks no DNS for an address.
    if (isIP(host) > 0 && !isAllowed(host, allowLoopback)) return reject(new CallbackError('connection_refused'))
    const options: RequestOptions = {
      method: 'POST',
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      // A kept connection would skip the check.
      agent: false,
      lookup: publicLookup(lookup, allowLoopback),
      ...(signal && { signal }),
    }
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, response => {
      const chunks: Buffer[] = []
      let length = 0
      const answer = () => {
        resolve({ status: response.statusCode!, body: Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString() })
        request.destroy()
      }
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        length += chunk.length
        if (length >= MAX_ANSWER_BYTES) answer()
      })
      response.on('end', answer)
      response.on('error', error => reject(new CallbackError(failureOf(request.errored ?? error))))
    })
    request.on('error', error => reject(new CallbackError(failureOf(error))))
    const timer = setTimeout(() => request.destroy(timedOut()), timeoutMs)
    request.once('close', () => clearTimeout(timer))
    request.end(body)
  })
}

/** A POST failed. */
export class CallbackError extends Error {
  readonly reason: CallbackFailure

  constructor(reason: CallbackFailure) {
    super(`The callback endpoint failed: ${reason}.`)
    this.reason = reason
  }
}

/** The category of a status; undefined for 2xx. A redirect counts as 4xx, since it is not followed. */
export function failureOfStatus(status: number): CallbackFailure | undefined {
  if (status >= 200 && status < 300) return undefined
  return status >= 500 ? 'http_5xx' : 'http_4xx'
}

function failureOf(error: Error & { readonly code?: string }): CallbackFailure {
  const { code = '' } = error
  if (code === 'ETIMEDOUT' || code === 'ABORT_ERR') return 'timeout'
  return /TLS|SSL|CERT|EPROTO|SELF_SIGNED|ALTNAME|UNABLE_TO/.test(code) ? 'tls_error' : 'connection_refused'
}

const timedOut = () => Object.assign(new Error('The callback did not answer in time.'), { code: 'ETIMEDOUT' })

/** Without the brackets of an IPv6 address. */
const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '')

/** Whether `address` is globally reachable, or loopback where that is allowed. */
function isAllowed(address: string, allowLoopback: boolean): boolean {
  const range = ipaddr.process(address.replace(/%.*$/, '')).range()
  return range === 'unicast' || (allowLoopback && range === 'loopback')
}

/** Wraps `lookup` so that it fails unless every address of the name is allowed. */
function publicLookup(lookup: LookupFunction, allowLoopback: boolean): LookupFunction {
  return (host, options, callback) =>
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '', 0)
      const addresses = found as unknown as readonly { readonly address: string; readonly family: number }[]
      const refused = addresses.length === 0 || addresses.some(({ address }) => !isAllowed(address, allowLoopback))
      if (refused) return callback(new AddressRefused(`${host} has no public address.`), '', 0)
      if (options.all) return callback(null, addresses as never)
      callback(null, addresses[0]!.address, addresses[0]!.family)
    })
}
