import { AsyncChatRoom, callServer } from '@midsentence/client'
import type { SessionTimes } from '@midsentence/core/hub'
import { startServer } from '@midsentence/server'
import { expect, onTestFinished, test } from 'vitest'
import { stateFolder, stdioHost } from './hosts.ts'

async function room(times: Partial<SessionTimes> = {}) {
  const { url, hub, close } = await startServer({ port: 0, rooms: { times } })
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

test('[A4] by default a participant stays when its host ends, gives up its name later, and comes back with its draft', async () => {
  const { present, open } = await room({ away_ms: 300, lapse_ms: 300 })
  const before = await open('--name', 'Claude')
  await before.read('append', { text: 'I was about to' })
  await before.client.close()
  expect(present()).toContain('Claude')
  await expect.poll(present).toEqual(['Ada'])
  const after = await open('--name', 'Claude')
  expect(await after.read('who')).toMatch(/^\* You are "Claude"\./)
  expect(await after.read('preview')).toBe('* Your draft so far:\n    I was about to')
})
