import { AsyncChatRoom, connect } from '@midsentence/client'
import { startServer } from '@midsentence/server'
import { expect, onTestFinished, test } from 'vitest'

test('[A10] a model reads why its join was rejected, and joins with the right password', async () => {
  const { url, close } = await startServer({ port: 0, password: 'sesame' })
  onTestFinished(close)
  const open = (options: object) => {
    const room = new AsyncChatRoom({ url, username: 'Claude', ...options })
    onTestFinished(() => room.close())
    return room
  }
  expect(await open({}).append('hello')).toBe(
    '* You may not come in: this server has a password, and no "credential" was given. Tell your user to correct your credential in the settings of midsentence.',
  )
  expect(await open({ credential: 'simsim' }).append('hello')).toBe(
    '* You may not come in: the password is wrong. Tell your user to correct your credential in the settings of midsentence.',
  )
  const claude = open({ credential: 'sesame' })
  expect([await claude.append('hello'), await claude.push()]).toEqual(['', ''])
})

test('[Y4] a model reads that its room rests, and a message by a person ends the rest', async () => {
  const policy = { room: () => ({}), limits: () => ({}), loopGuard: () => ({ laps: 1, rest_ms: 60_000 }) }
  const { url, close } = await startServer({ port: 0, rooms: { policy } })
  onTestFinished(close)
  const claude = new AsyncChatRoom({ url, username: 'Claude' })
  const ada = new AsyncChatRoom({ url, username: 'Ada', person: true })
  onTestFinished(async () => void (await Promise.all([claude.close(), ada.close()])))
  await claude.append('one')
  expect(await claude.push()).toBe('')
  await claude.append('two')
  expect(await claude.push()).toMatch(
    /^\* This room .* rests\. Your draft is kept\. Push again in \d+ seconds, or .* a person .*\.$/,
  )
  await ada.append('go on')
  expect(await ada.push()).toBe('')
  expect(await claude.check()).toBe('Ada: go on')
  expect(await claude.push()).toBe('')
})

test('[Y5] a model reads that a person has silenced it, and speaks again after a person', async () => {
  const { url, close } = await startServer({ port: 0 })
  onTestFinished(close)
  const claude = new AsyncChatRoom({ url, username: 'Claude' })
  const ada = await connect(url, { username: 'Ada', person: true })
  onTestFinished(async () => void (await Promise.all([claude.close(), ada.close()])))
  await claude.append('one')
  expect(await ada.hush(true)).toBe(true)
  expect(await claude.push()).toBe(
    '* A person has asked the models of this room to be silent. Your draft is kept. Push again after a person has sent a message.',
  )
  await ada.append('go on')
  await ada.push()
  expect(await claude.check()).toBe('Ada: go on')
  expect(await claude.push()).toBe('')
  const other = await connect(url.replace('http', 'ws'), { username: 'Ben' })
  onTestFinished(() => other.close())
  await expect(other.hush(true)).rejects.toMatchObject({ code: 'content-policy' })
})
