import type { ClusterLoad, HubLoad } from '@midsentence/core/hub'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Counters } from './counters.ts'

/** Where the values come from, read at each scrape. */
export interface MetricsSources {
  readonly counters: Counters
  load(): HubLoad
  /** Present in a cluster. */
  clusterLoad?(): ClusterLoad
  connections(): Promise<number>
  ready(): boolean
}

/** In seconds, from a write to memory to a failing disk. */
const buckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

/** Creates the registry of the server's metrics. Values are collected at each scrape. */
export function metrics(sources: MetricsSources): Registry {
  const { counters } = sources
  const register = new Registry()
  const counter = (name: string, help: string, value: () => number) =>
    new Counter({
      name: `midsentence_${name}_total`,
      help,
      registers: [register],
      collect() {
        this.reset()
        this.inc(value())
      },
    })
  const labelledCounter = (name: string, label: string, help: string, values: Readonly<Record<string, number>>) =>
    new Counter({
      name: `midsentence_${name}_total`,
      help,
      labelNames: [label],
      registers: [register],
      collect() {
        this.reset()
        for (const [which, value] of Object.entries(values)) this.inc({ [label]: which }, value)
      },
    })
  const gauge = (name: string, help: string, value: () => number | Promise<number>) =>
    new Gauge({
      name: `midsentence_${name}`,
      help,
      registers: [register],
      async collect() {
        this.set(await value())
      },
    })
  gauge('connections', 'Open connections.', () => sources.connections())
  gauge('rooms', 'Rooms in memory.', () => sources.load().rooms)
  gauge('unloaded_rooms', 'Rooms that left memory and have sessions.', () => sources.load().unloadedRooms)
  gauge('sessions', 'Sessions with a place in their room, connected or away.', () => sources.load().sessions)
  gauge('lapsed_sessions', 'Sessions that lapsed, in memory or not.', () => sources.load().lapsed)
  gauge('streams', 'Open streams.', () => sources.load().streams)
  gauge('slow_readers', 'Streams whose reader does not keep up at present.', () => sources.load().slow)
  gauge('waiting_checks', 'Checks that wait for a message.', () => sources.load().waitingChecks)
  gauge('waiting_pushes', 'Pushes that wait for a decision.', () => sources.load().waitingPushes)
  const ready = '1 while the server accepts requests, 0 while it drains, after its log failed, or without its lease.'
  gauge('ready', ready, () => Number(sources.ready()))
  counter('messages', 'Messages sent.', () => counters.messages)
  counter('crossings', 'Unseen messages of others that sent messages crossed.', () => counters.crossings)
  labelledCounter(
    'holds',
    'why',
    'Held pushes: why="unseen" for unseen messages, why="floor" for another participant\'s floor.',
    counters.holds,
  )
  counter('floor_grants', 'Floors granted.', () => counters.floorGrants)
  labelledCounter('floor_ends', 'why', 'Floors ended; why="time" means expired.', counters.floorEnds)
  counter('deliveries', 'Messages handed to streams.', () => counters.deliveries)
  counter('stalls', 'How often a stream stopped because its reader was slow.', () => counters.stalls)
  counter('records', 'Records written to room logs.', () => counters.records)
  counter('joins', 'Sessions started.', () => counters.joins)
  counter('leaves', 'Sessions ended.', () => counters.leaves)
  labelledCounter(
    'refusals',
    'what',
    'Refused calls: what="rate", "loop", "content" or "entry" (a join).',
    counters.refusals,
  )
  labelledCounter(
    'turned_away',
    'why',
    'Requests and connections refused before they reached a handler.',
    counters.turnedAway,
  )
  counter('faults', 'Internal errors of the server.', () => counters.faults)
  const cluster = sources.clusterLoad
  if (cluster) {
    gauge('cluster_rooms', 'Rooms that this server of a cluster owns.', () => cluster().ownedRooms)
    counter('cluster_calls_sent', 'Calls sent to the servers that own their rooms.', () => cluster().callsSent)
    counter('cluster_calls_received', 'Calls of other servers, for rooms of this one.', () => cluster().callsReceived)
    counter('cluster_lost_links', 'Links to servers given up, since frames were lost.', () => cluster().lostLinks)
    counter('cluster_evictions', 'Silent servers that this one evicted.', () => cluster().evictions)
    const interruptions = 'How often the lease ended and was confirmed again.'
    counter('cluster_lease_interruptions', interruptions, () => cluster().leaseInterruptions)
    counter('cluster_claims', 'How often this server became the owner of a room.', () => cluster().claims)
    const seconds = 'Seconds that all claims took together: an owner record, and opening the room.'
    counter('cluster_claim_seconds', seconds, () => cluster().claimMs / 1000)
  }
  const commit = new Histogram({
    name: 'midsentence_commit_seconds',
    help: 'Seconds that the log of a room took to write one batch.',
    buckets,
    registers: [register],
  })
  counters.onCommit = ms => commit.observe(ms / 1000)
  collectDefaultMetrics({ register })
  return register
}
