import { once } from 'node:events'
import { connect } from 'node:net'

/** Returns the bytes of a POST request as text. */
export function post(path, body, token) {
  const authorization = token ? `authorization: Bearer ${token}\r\n` : ''
  const length = Buffer.byteLength(body)
  const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n${authorization}`
  return `${head}content-length: ${length}\r\n\r\n${body}`
}

/** Opens one kept-alive connection for one call at a time. Parses only the length of an answer. */
export async function httpCaller(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  let text = ''
  let settle
  socket.setEncoding('latin1').on('data', chunk => {
    text += chunk
    const end = text.indexOf('\r\n\r\n')
    if (end < 0) return
    const length = Number(/content-length: (\d+)/i.exec(text)[1])
    if (text.length < end + 4 + length) return
    const body = text.slice(end + 4)
    text = ''
    settle(body)
  })
  return {
    /** Sends a request made by `post`, and resolves with the body of the answer. */
    call(request) {
      return new Promise(resolve => {
        settle = resolve
        socket.write(request)
      })
    },
    close: () => socket.destroy(),
  }
}
