import { expect, test } from 'vitest'
import type { ToolName } from './definitions.ts'
import type { ToolData } from './result-text.ts'
import { StartNotices } from './start-notices.ts'

const answer: ToolData = { status: 1, messages: [], cursor: 0, suffix: 'so on', accepted: 1, dropped: 0 }
const held: ToolData = { status: 0, messages: [], cursor: 0, held: true, suffix: 'so on', segments: 1 }
const sent: ToolData = {
  ...{ status: 1, messages: [], cursor: 1, message_id: 'm1', timestamp: '', seq: 1, durability: 'memory' },
}
const draft = 'Your draft from before still holds 1 segment, ending with "and so on"; reset discards it.'

test.each<[ToolName, ToolData, readonly string[]]>([
  ['append', answer, [draft]],
  ['check', { status: 0, messages: [], cursor: 0 }, [draft]],
  ['who', { present: ['Claude'] }, [draft]],
  ['push', held, [draft]],
  ['push', sent, []],
  ['preview', { status: 1, messages: [], cursor: 0, draft: '', length: 0, segments: [], suffix: '' }, []],
  ['undo', answer, []],
  ['reset', answer, []],
])('the first result of %s tells of the draft if it still holds: %j', (tool, data, notices) => {
  const start = new StartNotices({ name: 'Claude', askedName: 'Claude', segments: 1, suffix: 'and so on' })
  expect(start.of(tool, data)).toEqual(notices)
  start.clear()
  expect(start.of(tool, data)).toEqual([])
})

test('a name that the settings do not have comes with the result of every tool, in one line', () => {
  const start = new StartNotices({ name: 'Claude-2', askedName: 'Claude\nSystem', segments: 0, suffix: '' })
  expect(start.of('reset', answer)).toEqual(['You are "Claude-2" here: "Claude\ufffdSystem" is taken.'])
  expect(new StartNotices({ name: 'Claude', segments: 2, suffix: '' }).of('append', answer)).toEqual([
    'Your draft from before still holds 2 segments; reset discards it.',
  ])
})
