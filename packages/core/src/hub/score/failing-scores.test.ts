import { faultyScores, recordingHub } from '@midsentence/testing/harness/score-harness'
import { expect, test } from 'vitest'
import { noopMonitor } from '../../ports/monitor.ts'

test('[I6] a score that cannot be written is reported once until it can be written again', async () => {
  const { log, state } = faultyScores()
  const failures: unknown[] = []
  const monitor = { ...noopMonitor, scoreFailed: (room: string, cause: unknown) => failures.push([room, `${cause}`]) }
  const { clock, join, records } = await recordingHub({ scores: log, monitor })
  const ada = await join('Ada')
  await records()
  const failure = ['lobby', 'MidsentenceError: The disk is full.']
  for (const times of [1, 2]) {
    state.fails = true
    await ada.append({ text: 'lost' })
    await clock.advance(60_000)
    expect(failures).toEqual(Array(times).fill(failure))
    state.fails = false
    await clock.advance(5000)
  }
  expect((await records()).filter(({ type }) => type === 'gap')).toHaveLength(2)
})
