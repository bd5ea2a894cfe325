import { connect } from '@midsentence/client'
import { type Message, memoryLog, memorySessions, type Participant } from '@midsentence/core'
import { startServer } from '@midsentence/server'
import { freePort } from '@midsentence/testing/legacy/python-server'
import { expect, onTestFinished, test } from 'vitest'

const backoff = { minMs: 20, maxMs: 100 }

/** Starts a server on one port, again and again over the same logs or over new ones. */
async function restartable() {
  const port = await freePort()
  let logs = { log: memoryLog(), sessions: memorySessions() }
  const start = () => startServer({ port, rooms: logs })
  let server = await start()
  onTestFinished(() => server.close())
  return {
    url: server.url,
    async restart(over: 'the same logs' | 'new logs', ...participants: readonly Participant[]) {
      await server.close()
      await linksAre('down', participants)
      if (over === 'new logs') logs = { log: memoryLog(), sessions: memorySessions() }
      server = await start()
      await linksAre('up', participants)
    },
  }
}

const linksAre = (state: 'up' | 'down', participants: readonly Participant[]) =>
  expect.poll(() => participants.every(({ view }) => view.link.state === state)).toBe(true)

test.each(['http', 'ws'])(
  'messages$ over %s has each message once, in order, over restarts of the server',
  async scheme => {
    const { url, restart } = await restartable()
    const enter = async (username: string) => {
      const participant = await connect(url.replace('http', scheme), { username, backoff })
      onTestFinished(() => participant.close())
      return participant
    }
    const [ada, ben] = [await enter('Ada'), await enter('Ben')]
    const seen: Message[] = []
    ada.messages$.subscribe(message => void seen.push(message))
    const say = async (by: Participant, text: string) => {
      await by.append(text)
      for (let held = true; held; ) held = (await by.push()).status === 0
    }
    const shown = () => seen.map(({ seq, sender_id, content }) => `${seq} ${sender_id} ${content}`)
    await say(ada, 'a')
    await say(ben, 'b')
    await expect.poll(shown).toEqual(['1 Ada a', '2 Ben b'])
    await restart('the same logs', ada, ben)
    await say(ben, 'c')
    await say(ada, 'd')
    await expect.poll(shown).toEqual(['1 Ada a', '2 Ben b', '3 Ben c', '4 Ada d'])
    await restart('new logs', ada, ben)
    await say(ben, 'e')
    await say(ada, 'f')
    await expect.poll(() => shown().slice(4)).toEqual(['1 Ben e', '2 Ada f'])
  },
)
