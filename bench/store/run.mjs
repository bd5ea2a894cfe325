// The store by itself: durable rows a second, and how soon a long log is served. `npm run bench:store [-- --quick]`.
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lmdbStore } from '@midsentence/store-lmdb'
import { median, table } from '../core/measure.mjs'
import { quick, rounds } from '../options.mjs'
import { resultOf } from '../process.mjs'
import { fill, record } from './fill.mjs'

const folder = mkdtempSync(join(tmpdir(), 'midsentence-bench-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const span = quick ? 300 : 1000
let fresh = 0

/** How many of the rows that `writers` write one after the other are acknowledged in a second. */
const rows = (writers, begin) => async () => {
  const store = await lmdbStore(join(folder, `${fresh++}`))
  const start = performance.now()
  let count = 0
  const all = Array.from({ length: writers }, async (_, writer) => {
    const write = await begin(store, writer)
    while (performance.now() - start < span) {
      await write()
      count++
    }
  })
  await Promise.all(all)
  const took = performance.now() - start
  await store.close()
  return (count * 1000) / took
}

/** One room a writer. */
const messages = async ({ log }, writer) => {
  const room = `room-${writer}`
  let at = await log.head(room)
  let seq = 0
  return async () => {
    at = await log.append(room, [record(++seq)], at)
  }
}

/** One session a writer: what a hosted append leaves. */
const drafts = async ({ sessions }, writer) => {
  let base = 0
  const text = 'a few words more '
  return () => {
    const fact = { type: 'acted', push: 1, drafted: { type: 'appended', text, base: base++ } }
    return sessions.append([{ session_id: `s-${writer}`, fact }])
  }
}

/** One room whose hub writes down what came meanwhile, `count` messages each time. */
const batches = count => async () => {
  const store = await lmdbStore(join(folder, `${fresh++}`))
  const start = performance.now()
  let at = await store.log.head('lobby')
  let seq = 0
  while (performance.now() - start < span) {
    const records = Array.from({ length: count }, () => record(++seq))
    at = await store.log.append('lobby', records, at)
  }
  const took = performance.now() - start
  await store.close()
  return (seq * 1000) / took
}

/** One flush of one page, in microseconds: what the disk can do. */
function flush() {
  const file = openSync(join(folder, 'flush'), 'w')
  const page = Buffer.alloc(4096, 1)
  const times = []
  for (let nth = 0; nth < (quick ? 20 : 100); nth++) {
    writeSync(file, page, 0, page.length, nth * page.length)
    const start = performance.now()
    fdatasyncSync(file)
    times.push((performance.now() - start) * 1000)
  }
  closeSync(file)
  return median(times)
}

await table(
  'The store, every row flushed before it is acknowledged',
  [
    { what: 'one flush of one page (fdatasync)', unit: 'µs', measure: flush },
    ...[1, 8, 64, 500].map(count => ({
      what: `messages, ${count} at once, each in a room of its own`,
      unit: 'rows/s',
      measure: rows(count, messages),
    })),
    ...[16, 500].map(count => ({
      what: `messages of one room, ${count} in a flush`,
      unit: 'rows/s',
      measure: batches(count),
    })),
    ...[16, 500].map(count => ({
      what: `hosted appends, ${count} at once`,
      unit: 'rows/s',
      measure: rows(count, drafts),
    })),
  ],
  rounds,
)

const long = join(folder, 'long')
const count = quick ? 50_000 : 1_000_000
const start = performance.now()
await fill(long, count)
console.log(`\n${count} messages were written in ${((performance.now() - start) / 1000).toFixed(1)} s, 1000 at a time.`)
const opening = async () => (await resultOf('./opening.mjs', import.meta.url, long)).took / 1000
console.log(`Without a snapshot they are served after ${(await opening()).toFixed(2)} s; that leaves one.`)
await table(
  'A hub on a long log, in a process of its own',
  [{ what: `${count} messages: from opening to one more, acknowledged`, unit: 's', atMost: 2, measure: opening }],
  rounds,
)
