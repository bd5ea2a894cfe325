// The wires of an attacker: raw HTTP connections that pipeline and need not read, WebSockets, and single calls.

import { connect } from 'node:net'
import { WebSocket } from 'ws'

/** Returns the text of an HTTP request. `from`: the address that the proxy forwards. */
export function requestText({ host, from, method = 'POST', path = '/rpc', token, body, headers = {} }) {
  const lines = [`${method} ${path} HTTP/1.1`, `host: ${host}`, `x-forwarded-for: ${from}`]
  if (token) lines.push(`authorization: Bearer ${token}`)
  if (body !== undefined) lines.push('content-type: application/json', `content-length: ${Buffer.byteLength(body)}`)
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`
}

/**
 * Opens a raw connection. `reading`: `all` of the answers, `nothing` of them, or `half`: it stops and goes on at random.
 * `send` resolves with true once the connection takes more, or a second later, and with false if it is closed.
 */
export function rawConnection(port, reading, random) {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  if (reading === 'nothing') socket.pause()
  else socket.on('data', () => reading === 'half' && random.boolean(10) && pauseFor(socket, random.below(2000)))
  return {
    socket,
    async send(text) {
      if (socket.destroyed) return false
      return socket.write(text) || (await drained(socket))
    },
    end: () => socket.destroy(),
  }
}

function pauseFor(socket, ms) {
  socket.pause()
  setTimeout(() => socket.resume(), ms).unref()
}

/** Opens a WebSocket. `reading` as above. Resolves with it, or with undefined if it is refused. */
export function webSocket({ host, from, token, path = '/ws', reading = 'all' }) {
  const socket = new WebSocket(`ws://${host}${path}`, {
    headers: { 'x-forwarded-for': from, ...(token && { authorization: `Bearer ${token}` }) },
  })
  socket.on('error', () => {})
  return new Promise(resolve => {
    socket.once('open', () => {
      if (reading === 'nothing') socket.pause()
      resolve(socket)
    })
    socket.once('close', () => resolve(undefined))
  })
}

/** Makes one call over HTTP. Resolves with the status, and with the answer if it is JSON. Rejects after `timeout_ms`. */
export async function call({ host, from, token, timeout_ms = 10_000 }, method, params) {
  const response = await fetch(`http://${host}/rpc`, {
    method: 'POST',
    signal: AbortSignal.timeout(timeout_ms),
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': from,
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
  const text = await response.text()
  return { status: response.status, ...(text.startsWith('{') && JSON.parse(text)) }
}

export const afterMs = (ms, value) => new Promise(resolve => setTimeout(resolve, ms, value))

/** Resolves with true once the socket takes more, or a second later, and with false if it is closed. */
function drained(socket) {
  return new Promise(resolve => {
    const end = isOpen => {
      clearTimeout(timer)
      socket.off('drain', open).off('close', closed)
      resolve(isOpen)
    }
    const open = () => end(true)
    const closed = () => end(false)
    const timer = setTimeout(open, 1000)
    socket.on('drain', open).on('close', closed)
  })
}
