// What a read costs in rooms of growing size, on the built packages: `npm run bench:reads`. Sizes are arguments.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { memoryLog, memorySessions } from '@midsentence/core'
import { openHub } from '@midsentence/core/hub'
import { lmdbStore } from '@midsentence/store-lmdb'

const sizes = process.argv.slice(2).map(Number)
const CALLS = 300
const BATCH = 500
const AUTHORS = ['one author', 'in turns']

/** Fills the room: all messages but one by Ada, or by Ada and Ben in turns. */
async function fill(log, size, layout, [ada, ben]) {
  let position = await log.head('lobby')
  for (let seq = 1; seq <= size; ) {
    const records = []
    for (; records.length < BATCH && seq <= size; seq++) {
      const byBen = layout === 'in turns' ? seq % 2 === 0 : seq === size >> 1
      const message = {
        message_id: `m${seq}`,
        sender_id: byBen ? 'Ben' : 'Ada',
        content: `message ${seq}`,
        timestamp: new Date(seq).toISOString(),
        seq,
      }
      records.push({ type: 'message', message, session: byBen ? ben : ada, push: 0, key: '' })
    }
    position = await log.append('lobby', records, position)
  }
}

async function open(kind) {
  if (kind === 'memory') return { log: memoryLog(), sessions: memorySessions(), close: async () => {} }
  const directory = mkdtempSync(joinPath(tmpdir(), 'midsentence-reads-'))
  const store = await lmdbStore(directory)
  const close = () => store.close().then(() => rmSync(directory, { recursive: true }))
  return { log: store.log, sessions: store.sessions, close }
}

const median = values => values.sort((a, b) => a - b)[values.length >> 1]

async function timed(call) {
  const times = []
  for (let nth = 0; nth < CALLS; nth++) {
    const start = performance.now()
    await call(nth)
    times.push((performance.now() - start) * 1000)
  }
  return median(times).toFixed(0)
}

console.log('Median microseconds per call, at random places of the room\n')
console.log('| log | authors | messages | preview | check | push | open |\n| --- | --- | --- | --- | --- | --- | --- |')
for (const kind of ['memory', 'lmdb']) {
  for (const layout of AUTHORS) {
    for (const size of sizes.length > 0 ? sizes : [1000, 10_000, 100_000, 1_000_000]) {
      const store = await open(kind)
      const before = await openHub({ log: store.log, sessions: store.sessions })
      const joined = [await before.join({ username: 'Ada' }), await before.join({ username: 'Ben' })]
      const tokens = joined.map(({ joinResult }) => joinResult.token)
      await before.close()
      await fill(
        store.log,
        size,
        layout,
        joined.map(({ joinResult }) => joinResult.session_id),
      )
      const start = performance.now()
      const hub = await openHub({ log: store.log, sessions: store.sessions })
      const opened = (performance.now() - start).toFixed(0)
      const ada = hub.enter(tokens[0])
      await ada.check({ after: size, timeout_ms: 0 })
      const place = nth => (nth === 0 ? 0 : Math.floor(Math.random() * size))
      const preview = await timed(nth => ada.preview({ after: place(nth) }))
      const check = await timed(nth => ada.check({ after: place(nth), timeout_ms: 0 }))
      const push = await timed(async nth => {
        await ada.append({ text: 'x' })
        await ada.push({ after: place(nth) })
      })
      console.log(`| ${kind} | ${layout} | ${size} | ${preview} | ${check} | ${push} | ${opened} ms |`)
      await hub.close()
      await store.close()
    }
  }
}
