import { httpCaller, post } from '../http-caller.mjs'

/** Returns messages acknowledged a second, with `writers` in each of `rooms`, at the servers in turn. */
export async function messagesPerSecond(servers, { rooms, writers, warm, measured }) {
  const ports = servers.urls.map(url => Number(new URL(url).port))
  const run = `${process.pid}-${performance.now().toFixed(0)}`
  let [count, stopped] = [0, false]
  const writer = async (room, nth) => {
    const caller = await httpCaller(ports[nth % ports.length])
    const call = async (method, params, token) => {
      const text = await caller.call(post('/rpc', JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }), token))
      const { result, error } = JSON.parse(text)
      if (error) throw new Error(`${method}: ${error.message}`)
      return result
    }
    const { token } = await call('join', { room: `room-${run}-${room}`, username: `writer-${nth}` })
    let base = 0
    return async () => {
      for (let number = 0; !stopped; number++) {
        const { status, cursor } = await call(
          'publish',
          { content: `message ${number}`, base, key: `${number}` },
          token,
        )
        if (status === 1) count++
        base = cursor
      }
      await call('leave', {}, token)
      caller.close()
    }
  }
  const writes = []
  for (let room = 0; room < rooms; room++) {
    writes.push(...(await Promise.all(Array.from({ length: writers }, (_, nth) => writer(room, room + nth)))))
  }
  const writing = writes.map(write => write())
  await new Promise(resolve => setTimeout(resolve, warm))
  const [from, started] = [count, performance.now()]
  await new Promise(resolve => setTimeout(resolve, measured))
  const rate = ((count - from) * 1000) / (performance.now() - started)
  stopped = true
  await Promise.all(writing)
  return rate
}
