import { AsyncChatRoom, callServer } from '@midsentence/client'
import { startServer } from '@midsentence/server'
import { expect, onTestFinished, test } from 'vitest'
import { stateFolder, stdioHost } from './hosts.ts'

async function room() {
  const { url, hub, close } = await startServer({ port: 0 })
  onTestFinished(close)
  const folder = await stateFolder()
  const ada = new AsyncChatRoom({ url, username: 'Ada' })
  onTestFinished(() => ada.close())
  const participant = await ada.participant()
  const present = () => participant.who().present
  const open = (...args: string[]) => stdioHost('2025-11-25', [url, ...args], folder)
  return { url, hub, present, open }
}

test('[A5] with --leave-at-end a participant leaves when its host closes the input, or ends it by SIGTERM', async () => {
  const { url, hub, present, open } = await room()
  const { joinResult } = await hub.join({ username: 'Llama', secret: 'sixteen bytes at least' })
  const [closing, ending, byToken] = await Promise.all([
    open('--name', 'Claude', '--leave-at-end'),
    open('--name', 'GPT', '--leave-at-end'),
    open('--token', joinResult.token, '--leave-at-end'),
  ])
  await Promise.all([closing, ending, byToken].map(host => host.read('append', { text: 'Not sent.' })))
  await expect.poll(present).toEqual(['Ada', 'Claude', 'GPT', 'Llama'])
  process.kill(ending.pid!, 'SIGTERM')
  await Promise.all([closing.client.close(), byToken.client.close()])
  await expect.poll(present).toEqual(['Ada'])
  await expect(callServer(url, 'who', {}, { token: joinResult.token })).rejects.toMatchObject({
    code: 'session-unknown',
  })
  const again = await open('--name', 'Claude')
  expect(await again.read('who')).toMatch(/^\* You are "Claude"\./)
})
