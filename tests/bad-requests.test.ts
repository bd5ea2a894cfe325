import { expect, test } from 'vitest'
import { attack } from './bad-requests/attack.ts'

test('[W4] bad requests to any endpoint cause no fault and change no other session', async () => {
  const seen = await attack({ count: 1000, seed: 20_261_125, width: 16 })
  // The requests reach JSON-RPC and each refusal before it.
  for (const status of ['200', '400', '401', '403', '404', '405', '415'])
    expect([status, seen.get(status)! > 0]).toEqual([status, true])
})
