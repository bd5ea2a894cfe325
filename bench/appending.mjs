import { once } from 'node:events'
import { setTimeout as rest } from 'node:timers/promises'

/** Before a draft is full it is emptied. */
const FULL = 256

/**
 * Callers who each append, wait for the answer and append again, in a process of their own. `callerOf(port, token)` resolves to
 * what sends one JSON-RPC text and waits for its answer. Says when they are warm, and then how much was answered.
 */
export async function appending(callerOf) {
  const [{ port, tokens, callers, keyed, warm, measured }] = await once(process, 'message')
  process.once('disconnect', () => process.exit())
  let calls = 0

  async function callOn(call) {
    for (let n = 1; ; n++) {
      const key = keyed ? { key: `${n}` } : {}
      const params = n % FULL === 0 ? key : { text: 'What one says in a single breath, more or less. ', ...key }
      const method = n % FULL === 0 ? 'reset' : 'append'
      await call(JSON.stringify({ jsonrpc: '2.0', id: n, method, params }))
      calls++
    }
  }

  for (let index = 0; index < callers; index++) void callOn(await callerOf(port, tokens[index]))
  // By calls, not by time: a server with more code is not to be measured while it is still being compiled.
  while (calls < warm) await rest(20)
  const before = calls
  const start = performance.now()
  process.send('warm')
  await rest(measured)
  process.send({ calls: calls - before, seconds: (performance.now() - start) / 1000 })
}
