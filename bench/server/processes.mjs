import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { nextMessage, startProcess } from '../process.mjs'

/** Sends a request to a child process and resolves with its answer. */
export async function ask(child, request) {
  child.send(request)
  return nextMessage(child)
}

/** Starts a server, its readers and its publishers, each in its own process. `readerCounts`: number of readers by kind. */
export async function startProcesses(peer, { readerCounts, publishers, rate, warm = 0 }) {
  const readers = Object.values(readerCounts).reduce((sum, count) => sum + count, 0)
  const server = startProcess('./server-process.mjs', import.meta.url, peer, readers, publishers)
  const { port, streamRequests, publisherTokens, emptyRss, descriptors } = await nextMessage(server)
  const before = await ask(server, 'report')
  const readerProcesses = {}
  let from = 0
  for (const [kind, count] of Object.entries(readerCounts)) {
    if (count === 0) continue
    readerProcesses[kind] = startProcess('./readers.mjs', import.meta.url)
    await ask(readerProcesses[kind], { open: { port, streamRequests: streamRequests.slice(from, from + count), kind } })
    from += count
  }
  const processes = {
    readerProcesses,
    /** The server's state before any stream was open; `emptyRss` is its memory before it had sessions. */
    before: { ...before, emptyRss, descriptors },
    state: () => ask(server, 'report'),
    async startPublishing() {
      processes.publishers = startProcess('./publishers.mjs', import.meta.url)
      await ask(processes.publishers, { peer, port, publisherTokens, rate, warm })
    },
    /** Resolves with the messages published, answered and delivered since the last report. */
    async report() {
      const published = await ask(processes.publishers, 'report')
      const delivered = {}
      for (const [kind, readers] of Object.entries(readerProcesses))
        delivered[kind] = await ask(readers, { report: true })
      return { ...published, delivered }
    },
    async stopPublishing() {
      processes.publishers?.send('stop')
      await sleep(300)
    },
    async closeStreams() {
      for (const readers of Object.values(readerProcesses)) await ask(readers, { end: true })
      processes.publishers?.send('end')
      await sleep(500)
    },
    async end() {
      const children = [server, processes.publishers, ...Object.values(readerProcesses)].filter(
        child => child && child.exitCode === null && child.signalCode === null,
      )
      const exits = children.map(child => once(child, 'exit'))
      for (const child of children) child === server ? server.send('end') : child.kill('SIGKILL')
      await Promise.all(exits)
    },
  }
  return processes
}

/** Returns the number of deliveries, and the median and 99th percentile of their times in milliseconds. */
export function deliveryTimes(publishedAt, receivedAt) {
  const sentAt = new Map(publishedAt)
  const times = receivedAt
    .flatMap(([n, at]) => (sentAt.has(n) ? at.map(moment => moment - sentAt.get(n)) : []))
    .sort((a, b) => a - b)
  return { count: times.length, median: times[times.length >> 1], p99: times[Math.floor(times.length * 0.99)] }
}
