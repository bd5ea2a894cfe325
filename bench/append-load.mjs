import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'

/** One call in this many resets the draft, so that it never fills. */
const RESET_EVERY = 256

/**
 * Runs callers in this process that append, wait for the answer and append again. `connectCaller(port, token)` resolves with a
 * function that sends one JSON-RPC text and waits for its answer. Sends 'warm', then the number of answered calls.
 */
export async function appendLoad(connectCaller) {
  const [{ port, tokens, callers, keyed, warm, measured }] = await once(process, 'message')
  process.once('disconnect', () => process.exit())
  let calls = 0

  async function callRepeatedly(call) {
    for (let n = 1; ; n++) {
      const key = keyed ? { key: `${n}` } : {}
      const params = n % RESET_EVERY === 0 ? key : { text: 'What one says in a single breath, more or less. ', ...key }
      const method = n % RESET_EVERY === 0 ? 'reset' : 'append'
      await call(JSON.stringify({ jsonrpc: '2.0', id: n, method, params }))
      calls++
    }
  }

  for (let index = 0; index < callers; index++) void callRepeatedly(await connectCaller(port, tokens[index]))
  // Warm up by calls, not by time: a server with more code takes longer to be compiled.
  while (calls < warm) await sleep(20)
  const before = calls
  const start = performance.now()
  process.send('warm')
  await sleep(measured)
  process.send({ calls: calls - before, seconds: (performance.now() - start) / 1000 })
}
