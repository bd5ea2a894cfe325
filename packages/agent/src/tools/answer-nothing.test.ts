import { AsyncChatRoom } from '@midsentence/client'
import { mockRoom } from '@midsentence/transport-mock'
import { expect, onTestFinished, test, vi } from 'vitest'
import * as agent from '../index.ts'
import { anthropicTools, openaiResponseTools, openaiTools, roomTools } from './index.ts'

function setUp() {
  const transport = mockRoom().peer()
  const joined = vi.spyOn(transport, 'open')
  const claude = new AsyncChatRoom({ username: 'Claude', transport })
  onTestFinished(() => claude.close())
  return { claude, joined }
}

test.each(Object.entries({ openaiTools, openaiResponseTools, anthropicTools }))(
  '%s answers nothing to a message without calls, and does not join',
  async (_, kit) => {
    const { claude, joined } = setUp()
    const { answer } = kit(claude)
    for (const nothing of [null, undefined, []]) expect(await answer(nothing)).toEqual([])
    expect(joined).not.toHaveBeenCalled()
    await claude.append('Now it joins.')
    expect(joined).toHaveBeenCalledOnce()
  },
)

test('anthropicTools answers nothing to content that is one text', async () => {
  const { claude, joined } = setUp()
  expect(await anthropicTools(claude).answer('I am done.')).toEqual([])
  expect(joined).not.toHaveBeenCalled()
})

test('the package exports the tools that its README names, as ./tools does', () => {
  expect(agent).toMatchObject({ anthropicTools, openaiResponseTools, openaiTools, roomTools })
  expect(agent.aiTools).toBeTypeOf('function')
})
