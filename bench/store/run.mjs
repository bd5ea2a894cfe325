// The store alone: durable records per second, and the time to open a long log. `npm run bench:store [-- --quick]`.
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

/** Records acknowledged per second; each of `writers` waits for one before it writes the next. */
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

/** One room per writer. */
const messages = async ({ log }, writer) => {
  const room = `room-${writer}`
  let at = await log.head(room)
  let seq = 0
  return async () => {
    at = await log.append(room, [record(++seq)], at)
  }
}

/** One session per writer, all in one room: the record of a hosted append, written as a hub does. */
const drafts = async (store, writer) => {
  const write = sessionWriter(store)
  let base = 0
  const text = 'a few words more '
  return () => {
    const fact = { type: 'acted', push: 1, drafted: { type: 'appended', text, base: base++ } }
    return write({ session_id: `s-${writer}`, fact })
  }
}

const sessionWriters = new WeakMap()

function sessionWriter(store) {
  const known = sessionWriters.get(store) ?? new SessionWriter(store.sessions)
  sessionWriters.set(store, known)
  return record => known.write(record)
}

/** Appends what a turn of the event loop brings together, one append at a time. */
class SessionWriter {
  #sessions
  #waiting = []
  #running = false

  constructor(sessions) {
    this.#sessions = sessions
  }

  write(record) {
    return new Promise(done => {
      this.#waiting.push({ record, done })
      if (!this.#running) this.#run()
    })
  }

  async #run() {
    this.#running = true
    let at = await this.#sessions.head('lobby')
    for (;;) {
      await new Promise(resolve => setImmediate(resolve))
      const entries = this.#waiting.splice(0)
      if (entries.length === 0) break
      const records = entries.map(({ record }) => record)
      at = await this.#sessions.append('lobby', records, at)
      for (const { done } of entries) done()
    }
    this.#running = false
  }
}

/** One room, `count` messages in each append. */
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

/** Time to flush one page, in microseconds. */
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
  'The store, each record flushed before it is acknowledged',
  [
    { what: 'one flush of one page (fdatasync)', unit: 'µs', measure: flush },
    ...[1, 8, 64, 500].map(count => ({
      what: `messages, ${count} at once, each in its own room`,
      unit: 'records/s',
      measure: rows(count, messages),
    })),
    ...[16, 500].map(count => ({
      what: `messages of one room, ${count} in a flush`,
      unit: 'records/s',
      measure: batches(count),
    })),
    ...[16, 500].map(count => ({
      what: `hosted appends, ${count} at once`,
      unit: 'records/s',
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
console.log(`Without a snapshot a hub opens in ${(await opening()).toFixed(2)} s, and saves one.`)
await table(
  'A hub on a long log, in its own process',
  [{ what: `${count} messages: until the next message is acknowledged`, unit: 's', atMost: 2, measure: opening }],
  rounds,
)
