import { type Clock, systemClock } from '@midsentence/core'
import { isConnectFailure, NoResponseError, transportErrors } from '@midsentence/core/rpc-client'
import { openSocket } from '#web-socket'
import { socketAddresses } from './socket-addresses.ts'
import type { OpenSocket } from './web-socket-like.ts'

const TIMEOUT_MS = 1500

export interface SocketProbeOptions {
  readonly webSocket?: OpenSocket
  readonly clock?: Clock
}

/**
 * Resolves with true if a WebSocket opens at `url`, false if the server or a proxy refuses it or nothing comes within
 * 1.5 s. Rejects with `unavailable` if the address certainly has no server; browsers cannot tell that. Closes the socket.
 */
export async function probeSocket(url: string, options: SocketProbeOptions = {}): Promise<boolean> {
  const { webSocket: open = openSocket, clock = systemClock() } = options
  const at = socketAddresses([url]).url
  const awake = clock.keepProcessAlive()
  try {
    return await new Promise<boolean>((resolve, reject) => {
      const socket = open(`${at}/ws`)
      const cancel = clock.after(TIMEOUT_MS, () => end(false))
      const end = (opens: boolean) => {
        cancel()
        resolve(opens)
        if (!opens && socket.terminate) socket.terminate()
        else socket.close()
      }
      socket.addEventListener('open', () => end(true))
      socket.addEventListener('close', () => end(false))
      socket.addEventListener('error', ({ error }) => {
        if (isConnectFailure(error)) reject(noServer(at, error))
        end(false)
      })
    })
  } finally {
    awake()
  }
}

const noServer = (url: string, cause: unknown) =>
  transportErrors.connectFailed(
    url,
    new NoResponseError({ reason: 'nobody answers there', outcomeUnknown: false, cause }),
  )
