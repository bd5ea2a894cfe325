import { AsyncChatRoom } from '@midsentence/client'
import { legacyServer } from '@midsentence/testing/legacy/legacy-server'
import { describe, expect, onTestFinished, test } from 'vitest'
import { OldClient, oldClientMissing } from './old-client.ts'

const missing = oldClientMissing()

test.runIf(missing !== undefined)(`old clients were not tested over our server: ${missing}`, context => {
  if (process.env.CI) throw new Error(missing)
  context.skip(missing)
})

describe.skipIf(missing !== undefined)('the existing Python client, over our server', () => {
  test('two old clients and an AsyncChatRoom converse in the lobby', async () => {
    const { url } = await legacyServer()
    const ada = new OldClient(url, 'Ada')
    await ada.sees('Ada has joined the chat')
    const bob = new OldClient(url, 'Bob')
    await bob.sees('Bob has joined the chat')
    const room = new AsyncChatRoom({ url, username: 'Claude' })
    onTestFinished(() => room.close())
    expect(await room.append('Good ')).toBe('')
    await ada.sees('Claude has joined the chat')

    ada.type('hello, anyone here?')
    await bob.sees('[Ada]: hello, anyone here?')
    expect(await room.check()).toBe('Ada: hello, anyone here?')

    await room.append('morning — 😀')
    expect(await room.push()).toBe('')
    for (const client of [ada, bob]) await client.sees('[Claude]: Good morning — 😀')

    bob.type('hi both')
    for (const client of [ada, bob]) await client.sees('[Bob]: hi both')
    expect(await room.check()).toBe('Bob: hi both')

    bob.type('exit')
    expect(await bob.ended).toBe(0)
    await ada.sees('Bob has left the chat')

    const talk = ['Ada: hello, anyone here?', 'Claude: Good morning — 😀', 'Bob: hi both']
    const heard = (client: OldClient) => client.lines.filter(line => !line.startsWith('Server: '))
    expect([heard(ada), heard(bob)]).toEqual([talk, talk])
  })

  test('an old client sees native joins, may cross drafts, and owns its name', async () => {
    const { url, hub, register } = await legacyServer()
    const native = await hub.join({ username: 'Native' })
    const ada = new OldClient(url, 'Ada')
    await ada.sees('Ada has joined the chat')
    expect(ada.lines).toEqual(['Server: Ada has joined the chat'])
    await native.append({ text: 'welcome\nto the lobby' })
    ada.type('am I too early?')
    expect(await native.check()).toMatchObject({ messages: [{ sender_id: 'Ada', content: 'am I too early?' }] })
    expect(await native.push()).toMatchObject({ status: 1 })
    await ada.sees('[Native]: welcome')
    const [taken] = await register('ADA')
    expect(taken?.status).toBe(409)
    const other = new OldClient(url, 'Ada')
    expect(await other.ended).toBe(0)
    expect(other.output).toContain('Error connecting to server')
    await native.leave()
    await ada.sees('Native has left the chat')
    ada.type('exit')
    expect(await ada.ended).toBe(0)
    expect(ada.output).toContain('Disconnected from chat server.')
  })

  test('an old client exits when our server closes', async () => {
    const { url, handlers, server } = await legacyServer()
    const ada = new OldClient(url, 'Ada')
    await ada.sees('Ada has joined the chat')
    await handlers.close()
    server.closeAllConnections()
    // It only notices when its person types.
    ada.type('anyone?')
    await ada.sees('Error sending message')
    expect(await ada.ended).toBe(0)
  })
})
