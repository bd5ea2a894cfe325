import type { HubLoad } from '@midsentence/core/hub'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Tally } from './tally.ts'

/** What is asked when somebody looks. */
export interface Sources {
  readonly tally: Tally
  load(): HubLoad
  connections(): Promise<number>
  ready(): boolean
}

/** In seconds: from what a memory takes to what a disk in trouble takes. */
const buckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

/** The numbers of a server, in the text format of Prometheus. Counted as they happen, put together when they are asked for. */
export function metrics(sources: Sources): Registry {
  const { tally } = sources
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
  const counters = (name: string, label: string, help: string, values: Readonly<Record<string, number>>) =>
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
  gauge('connections', 'Connections that are open.', () => sources.connections())
  gauge('rooms', 'Rooms that are open.', () => sources.load().rooms)
  gauge('sessions', 'Sessions, away or not.', () => sources.load().sessions)
  gauge('streams', 'Streams that are open.', () => sources.load().streams)
  gauge('slow_readers', 'Streams whose readers take nothing for now.', () => sources.load().slow)
  gauge('waiting_checks', 'Checks that wait for a message.', () => sources.load().waitingChecks)
  gauge('waiting_pushes', 'Pushes without a verdict yet.', () => sources.load().waitingPushes)
  gauge('ready', '1 where the server takes requests, 0 where it drains or its log has failed.', () =>
    Number(sources.ready()),
  )
  counter('messages', 'Messages that were sent.', () => tally.messages)
  counter('crossings', 'Messages of others that were crossed.', () => tally.crossings)
  counters('holds', 'why', 'Pushes that were held, for what was unseen or for a floor that lasted.', tally.holds)
  counter('floor_grants', 'Floors that were given.', () => tally.floorGrants)
  counters('floor_ends', 'why', 'Floors that ended; why="time" is one that ran out.', tally.floorEnds)
  counter('deliveries', 'Messages that were handed to a stream.', () => tally.deliveries)
  counter('stalls', 'How often a reader took nothing more.', () => tally.stalls)
  counter('records', 'Records that were written to the logs of rooms.', () => tally.records)
  counter('joins', 'Sessions that began.', () => tally.joins)
  counter('leaves', 'Sessions that ended.', () => tally.leaves)
  counters('refusals', 'what', 'Calls that were refused: rate, loop, content, entry.', tally.refusals)
  counters('turned_away', 'why', 'Requests and connections that did not come in.', tally.turnedAway)
  counter('faults', 'Errors of this server.', () => tally.faults)
  const commit = new Histogram({
    name: 'midsentence_commit_seconds',
    help: 'How long the log of a room took to write what stood in line.',
    buckets,
    registers: [register],
  })
  tally.onCommit = ms => commit.observe(ms / 1000)
  collectDefaultMetrics({ register })
  return register
}
