import { readFileSync } from 'node:fs'
import { AsyncChatRoom } from '@midsentence/client'
import { startServer } from '@midsentence/server'
import { fakeEndpoint } from '@midsentence/testing/agent/fake-endpoint'
import { node } from '@midsentence/testing/node-process'
import { expect, onTestFinished, test } from 'vitest'

const readme = readFileSync(new URL('../../packages/agent/README.md', import.meta.url), 'utf8')

test('the example in the README of agent sends one message', async () => {
  const server = await startServer({ port: 0 })
  onTestFinished(() => server.close())
  const ada = new AsyncChatRoom({ url: server.url, username: 'Ada' })
  onTestFinished(() => ada.close())
  await ada.append('')
  const endpoint = await fakeEndpoint(({ open, bit, finish }) => {
    open()
    bit('Shall we begin with the tests?')
    finish()
  })
  const model = `
    import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
    const model = createOpenAICompatible({ name: 'local', baseURL: ${JSON.stringify(endpoint.url)} })('llama3.2')
  `
  const example = /^```js\n([\s\S]*?)^```$/m.exec(readme)![1]!.replace('http://127.0.0.1:8890', server.url)
  const { code, stdout, stderr } = await node(['--input-type=module', '-e', model + example]).ended
  expect([code, stdout, stderr]).toEqual([0, 'budget 1\n', ''])
  expect(await ada.check()).toBe('Llama: Shall we begin with the tests?')
})
