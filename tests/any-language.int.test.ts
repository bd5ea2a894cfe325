import { startServer } from '@midsentence/server'
import { expect, onTestFinished, test } from 'vitest'
import { type ChatClient, curlClient, javascriptClient, pythonClient } from './any-language/chat-clients.ts'
import { lacksPrograms } from './any-language/external-program.ts'

const skipped = lacksPrograms(['python3', 'curl'], 'a chat between JavaScript, Python and curl')
const texts = ['one', 'two', 'three', 'four']

/** Sends `texts`, repeats held pushes, then reads until `total` messages have arrived. Resolves with what it read. */
async function chat(client: ChatClient, total: number): Promise<string[]> {
  const received: string[] = []
  const collect = (lines: readonly string[]) => {
    received.push(...lines.filter(line => !line.startsWith('* ')))
    return lines
  }
  for (const text of texts) {
    collect(await client.append(text))
    collect(await client.append(`, says ${client.name}`))
    while (collect(await client.push()).some(line => line.startsWith('* Not sent yet')));
  }
  for (let lines = ['']; lines.length > 0 && received.length < total; ) lines = [...collect(await client.check(20))]
  collect(await client.check(0))
  return received
}

test.skipIf(skipped)(
  'JavaScript, Python and curl clients in one room each read the others’ messages once, in one order',
  async () => {
    const { url, hub, close } = await startServer({ port: 0 })
    onTestFinished(close)
    const observer = await hub.join({ room: 'babel', username: 'Observer' })
    const clients = await Promise.all([
      javascriptClient(url, 'Ada', 'babel'),
      javascriptClient(url, 'Ben', 'babel'),
      pythonClient(url, 'Cleo', 'babel'),
      curlClient(url, 'Dora', 'babel'),
    ])
    const total = (clients.length - 1) * texts.length
    const received = await Promise.all(clients.map(client => chat(client, total)))
    await Promise.all(clients.map(client => client.close()))

    const { messages } = await observer.check()
    const log = messages.map(({ sender_id, content }) => `${sender_id}: ${content}`)
    const own = (name: string) => log.filter(line => line.startsWith(`${name}: `))
    for (const { name } of clients) expect(own(name)).toEqual(texts.map(text => `${name}: ${text}, says ${name}`))
    expect(log).toHaveLength(clients.length * texts.length)
    for (const [at, { name }] of clients.entries()) {
      expect([name, received[at]]).toEqual([name, log.filter(line => !own(name).includes(line))])
    }
    expect(messages.filter(({ crossed }) => crossed)).toEqual([])
  },
)
