import { prop } from '@midsentence/testing/properties'
import { simulatedScore } from '@midsentence/testing/score/simulated-score'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { foldScore } from './fold.ts'
import { type PlaySpeed, type Schedule, ScorePlayer } from './player.ts'

const anyRecords = fc.record({ records: fc.integer({ min: 2, max: 80 }), seed: fc.integer() }).map(simulatedScore)

/** Runs what is scheduled at once when asked, and sums the waits. */
function manual() {
  const waiting: (() => void)[] = []
  let waited = 0
  const schedule: Schedule = (run, ms) => {
    waited += ms
    waiting.push(run)
    return () => waiting.splice(waiting.indexOf(run), 1)
  }
  const runAll = (each: () => void) => {
    for (let run = waiting.shift(); run; run = waiting.shift()) {
      run()
      each()
    }
  }
  return { schedule, runAll, waited: () => waited }
}

prop(
  'playing shows each moment once, in order, and ends at the newest',
  [anyRecords, fc.constantFrom<PlaySpeed>(1, 4, 16)],
  (records, speed) => {
    const { schedule, runAll, waited } = manual()
    const player = new ScorePlayer({ schedule })
    player.add(records)
    player.seek(1)
    player.play(speed)
    const shown: number[] = []
    runAll(() => shown.push(player.position))
    const times = [...new Set(records.map(({ at }) => at))]
    const lastOfEach = times.map(at => records.findLast(record => record.at === at)!.position)
    expect(shown).toEqual(lastOfEach.filter((position, nth) => nth > 0 || position > 1))
    expect(player.position).toBe(records.length)
    expect(player.speed).toBeUndefined()
    const pauses = records.slice(1).map(({ at }, nth) => Math.min(2000, Date.parse(at) - Date.parse(records[nth]!.at)))
    expect(waited()).toBeCloseTo(pauses.reduce((sum, ms) => sum + ms, 0) / speed, 3)
  },
)

prop('each hold and each crossing is reached in both directions', [anyRecords], records => {
  const player = new ScorePlayer()
  player.add(records)
  for (const stops of [player.model.holds, player.model.crossings]) {
    player.seek(player.model.first)
    const forward: number[] = []
    for (const _ of stops) {
      player.seekAmong(stops, 1)
      forward.push(player.position)
    }
    expect(forward).toEqual(stops.map(({ position }) => position))
    for (const { position } of [...stops].reverse().slice(1)) {
      player.seekAmong(stops, -1)
      expect(player.position).toBe(position)
    }
  }
})

test('new records move a player that follows, and no other', async () => {
  const records = simulatedScore({ records: 20 })
  const player = new ScorePlayer()
  let changes = 0
  player.listen(() => changes++)
  player.add(records.slice(0, 10))
  player.add(records.slice(0, 12))
  expect(player.position).toBe(12)
  await Promise.resolve()
  expect(changes).toBe(1)
  player.seek(5)
  player.add(records)
  expect([player.position, player.isLive]).toEqual([5, false])
  player.seek(undefined)
  expect([player.position, player.isLive]).toEqual([20, true])
})

test('an endless recording keeps a bounded past that begins with a state', () => {
  const records = simulatedScore({ records: 6000 })
  const player = new ScorePlayer({ maxRecords: 3000 })
  for (const record of records) player.add([record])
  expect(player.model.positions.length).toBeLessThanOrEqual(3000)
  const { first, last } = player.model
  expect(records[first - 1]!.type).toBe('state')
  expect(last).toBe(6000)
  const rest = foldScore(records.slice(first - 1))
  expect(player.model.items.map(({ position }) => position)).toEqual(rest.items.map(({ position }) => position))
})
