// One run: flushes one record at a time, with no other writer. Sends the median and the 99th percentile in milliseconds.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lmdbStore } from '@midsentence/store-lmdb'
import { messageOf } from '../delivery/message.mjs'

const folder = mkdtempSync(join(tmpdir(), 'midsentence-bench-'))
const { log, close } = await lmdbStore(folder)
const times = []
let position = await log.head('lobby')
for (let seq = 1; seq <= Number(process.argv[2]); seq++) {
  const record = { type: 'message', message: messageOf('one', seq), session: 's', push: 0, key: '' }
  const start = performance.now()
  position = await log.append('lobby', [record], position)
  times.push(performance.now() - start)
}
await close()
rmSync(folder, { recursive: true, force: true })
times.sort((a, b) => a - b)
process.send({ value: times[times.length >> 1], p99: times[Math.floor(times.length * 0.99)] })
process.disconnect()
