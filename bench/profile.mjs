// Profiles the server by part: `npm run bench:profile`. Percentages refer to the time in which it was busy.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { resultOf } from './process.mjs'

/** Parts of the server; the first pattern that matches a frame decides. */
const parts = [
  ['writing to sockets and files (the kernel)', /^(writev|writeBuffer|writeUtf8String|writeLatin1String)$/],
  ['collecting garbage', /^\(garbage collector\)$/],
  ['the hub: drafts, rooms, sessions', /core\/dist\/(hub|room|draft|memory)\//],
  ['JSON-RPC: reading, checking, answering', /core\/dist\/(wire|errors)|\/zod\//],
  ['transports: HTTP, event streams, WebSockets', /transport-(sse|ws)\/dist|\/ws\/lib/],
  ['the store, with lmdb', /store-lmdb\/dist|\/lmdb\//],
  ['node: HTTP, sockets, streams', /node:/],
]
const other = 'other (the engine, the benchmark)'

const load = { warm: 25_000, measured: 4000, publishers: 16 }
const runs = [
  ['hosted append over HTTP, 16 at once, in memory', './rpc/appends.mjs', 'ours', 16, 'bare', 25_000, 4000],
  ['16 publishers, 8 readers, flushed', './server/load.mjs', 'flushed', JSON.stringify(load)],
  ['bursts of 8 a tick, 8 readers, in memory', './delivery/fan-out.mjs', 'ours', 8, 8, 1000, 4000],
  ['bursts of 8 a tick, 500 readers, in memory', './delivery/fan-out.mjs', 'ours', 500, 8, 1000, 4000],
]

for (const [what, file, ...args] of runs) {
  const folder = mkdtempSync(join(tmpdir(), 'midsentence-profile-'))
  const flags = ['--cpu-prof', `--cpu-prof-dir=${folder}`]
  process.execArgv.push(...flags)
  try {
    await resultOf(file, import.meta.url, ...args)
  } finally {
    process.execArgv.splice(-flags.length)
  }
  // Every process writes a profile. The server's is the one with most time in the hub.
  const shares = readdirSync(folder).map(name => sharesOf(JSON.parse(readFileSync(join(folder, name), 'utf8'))))
  rmSync(folder, { recursive: true })
  const [{ times, busy }] = shares.sort((a, b) => (b.times.get(parts[2][0]) ?? 0) - (a.times.get(parts[2][0]) ?? 0))
  console.log(`\n| ${what} | share |\n| --- | --- |`)
  for (const [part, time] of [...times].sort(([, a], [, b]) => b - a)) {
    console.log(`| ${part} | ${((100 * time) / busy).toFixed(0)} % |`)
  }
}

/** Sums up microseconds by part, without idle time. */
function sharesOf({ nodes, samples, timeDeltas }) {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const times = new Map()
  let busy = 0
  for (const [at, sample] of samples.entries()) {
    const { functionName, url } = frames.get(sample)
    if (functionName === '(idle)') continue
    const part = parts.find(([, pattern]) => pattern.test(functionName) || pattern.test(url))?.[0] ?? other
    times.set(part, (times.get(part) ?? 0) + timeDeltas[at])
    busy += timeDeltas[at]
  }
  return { times, busy }
}
