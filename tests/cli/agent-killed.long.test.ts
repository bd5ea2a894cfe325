import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AsyncChatRoom } from '@midsentence/client'
import { fakeEndpoint } from '@midsentence/testing/agent/fake-endpoint'
import { expect, onTestFinished, test } from 'vitest'
import { midsentence, serving } from '../midsentence.ts'

async function setUp() {
  const state = mkdtempSync(join(tmpdir(), 'midsentence-agent-'))
  onTestFinished(() => rmSync(state, { recursive: true, force: true }))
  const { url } = await serving()
  const ada = new AsyncChatRoom({ url, username: 'Ada' })
  onTestFinished(() => ada.close())
  const asked: string[] = []
  const endpoint = await fakeEndpoint(({ call, last, open, bit, finish }) => {
    asked.push(last)
    open()
    if (call === 1) return bit('This is my first sentence. And this is my second. And this')
    bit('KEEP 2\nAnd this is my last.')
    finish()
  })
  const start = (...flags: string[]) =>
    midsentence.in({ XDG_STATE_HOME: state })(
      ...['agent', url, '--name', 'Llama', '--model', 'llama', '--base-url', endpoint.url, ...flags],
    )
  const present = async () => (await ada.participant()).who().present
  const say = async (text: string) => {
    await ada.append(text)
    await ada.push()
  }
  await ada.append('')
  return { state, ada, asked, start, present, say }
}

test('an agent that is killed in mid-draft comes back under its name at once, with its draft', async () => {
  const { state, ada, asked, start, present, say } = await setUp()
  const killed = start()
  await killed.says('"Llama" joins.')
  await say('What do you think?')
  await killed.says('Llama  writes  And this is my second.')
  killed.kill('SIGKILL')
  await killed.ended
  expect(readdirSync(join(state, 'midsentence')).some(name => name.endsWith('.journal'))).toBe(true)

  const agent = start('--turns', '1')
  await agent.says('"Llama" joins.')
  expect(await present()).toEqual(['Ada', 'Llama'])
  await say('Are you there?')
  await agent.says('Llama  keeps  2 of 2 parts')
  const { code, stdout, stderr } = await agent.ended
  expect([code, stderr]).toEqual([0, ''])
  expect(asked[1]).toMatch(
    /You had begun a message and not sent it\. Since then this was said:\n\nAda: (?:What do you think\?\nAda: )?Are you there\?\n[\s\S]*1: This is my first sentence\.\n2: And this is my second\.\n/,
  )
  expect(await ada.check()).toBe('Llama: This is my first sentence. And this is my second. And this is my last.')
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(
    /^Llama sent 1 message in 1 of 1 turn, with about \d+ of 500,000 tokens\.$/,
  )
})

test('--no-journal keeps nothing, and --journal names the file', async () => {
  const { state, start, say } = await setUp()
  const without = start('--no-journal')
  await without.says('"Llama" joins.')
  await say('What do you think?')
  await without.says('Llama  writes')
  without.kill('SIGINT')
  await without.ended
  expect(readdirSync(state)).toEqual([])
  const named = start('--journal', join(state, 'my.journal'), '--turns', '1')
  await named.says('"Llama" joins.')
  named.kill('SIGINT')
  await named.ended
  expect(readdirSync(state)).toContain('my.journal')
  const both = start('--journal', 'x', '--no-journal')
  expect(await both.ended).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Give --journal or --no-journal, not both.'),
  })
})
