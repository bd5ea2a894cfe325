import { expect, test } from 'vitest'
import { counted, guide } from './guides.ts'

test('writing-a-room-log.md leads to a log that the kit is content with, as it is printed', async () => {
  const { commands, run } = guide('writing-a-room-log.md')
  const [first, second, talk] = commands
  const one = await run(first!)
  expect([one.code, counted(one.output)]).toEqual([0, '8 passed | 2 skipped'])
  const two = await run(second!)
  expect([two.code, counted(two.output)]).toEqual([0, '10 passed'])
  const three = await run(talk!.replace('\n', ' && '))
  expect([three.code, counted(three.output)]).toEqual([0, '1 passed'])
}, 400_000)

test('writing-a-transport.md leads to a transport that the kit is content with, as it is printed', async () => {
  const { commands, run } = guide('writing-a-transport.md')
  const [first, second, talk] = commands
  const one = await run(first!)
  expect([one.code, counted(one.output)]).toEqual([0, '15 passed'])
  const two = await run(second!)
  expect([two.code, counted(two.output)]).toEqual([0, '15 passed'])
  const three = await run(talk!.replace('\n', ' && '))
  expect([three.code, counted(three.output)]).toEqual([0, '1 passed'])
}, 400_000)
