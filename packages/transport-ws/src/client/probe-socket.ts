import { type Clock, systemClock } from '@midsentence/core'
import { isConnectFailure, type NoResponseError, transportErrors } from '@midsentence/core/rpc-client'
import { openSocket } from '#web-socket'
import { socketAddresses } from './socket-addresses.ts'
import { notOpened } from './socket-connection.ts'
import type { OpenSocket } from './web-socket-like.ts'

const TIMEOUT_MS = 1500

export interface SocketProbeOptions {
  readonly webSocket?: OpenSocket
  readonly clock?: Clock
}

/** Whether a WebSocket opens, or why not, as "the server answered 404". */
export type SocketProbe = { readonly opens: true } | { readonly opens: false; readonly reason: string }

/**
 * Tries to open a WebSocket at `url`, and closes it. `opens` is false if the server or a proxy refuses it, or nothing comes
 * within 1.5 s. Rejects with `unavailable` if the server redirects, or if the address certainly has no server; browsers
 * cannot tell either.
 */
export async function probeSocket(url: string, options: SocketProbeOptions = {}): Promise<SocketProbe> {
  const { webSocket: open = openSocket, clock = systemClock() } = options
  const at = socketAddresses([url]).url
  const awake = clock.keepProcessAlive()
  try {
    return await new Promise<SocketProbe>((resolve, reject) => {
      const socket = open(`${at}/ws`)
      let cause: unknown
      let settled = false
      const cancel = clock.after(TIMEOUT_MS, () =>
        end({ opens: false, reason: `no answer came within ${TIMEOUT_MS / 1000} seconds` }),
      )
      const end = (probe: SocketProbe) => {
        if (settled) return
        settled = true
        cancel()
        resolve(probe)
        if (!probe.opens && socket.terminate) socket.terminate()
        else socket.close()
      }
      const refuse = () => {
        const error = notOpened(socket, `${at}/ws`, cause)
        if (isFinal(error)) reject(transportErrors.connectFailed(at, error))
        end({ opens: false, reason: error.message })
      }
      socket.addEventListener('open', () => end({ opens: true }))
      socket.addEventListener('error', ({ error }) => {
        cause = error
        refuse()
      })
      socket.addEventListener('close', refuse)
    })
  } finally {
    awake()
  }
}

/** Whether server-sent events would fail in the same way. */
const isFinal = (error: NoResponseError): boolean =>
  error.redirectTo !== undefined || (error.status === undefined && isConnectFailure(error.cause))
