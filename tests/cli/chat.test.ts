import { connect } from '@midsentence/client'
import { defaultPolicy } from '@midsentence/core'
import { startServer } from '@midsentence/server'
import { isLongTier } from '@midsentence/testing/tier'
import { expect, onTestFinished, test } from 'vitest'
import { midsentence, serving } from '../midsentence.ts'
import { shell } from '../shell.ts'

const chatting = async (url: string, name: string, room = 'lobby') => {
  const chat = midsentence.typing('chat', url, '--name', name, '--room', room)
  await chat.says(`* You are "${name}" in the room ${room}.\n`)
  return chat
}

test('two users read each other, and their drafts stay private until they are sent', async () => {
  const { url } = await serving()
  const ada = await chatting(url, 'Ada')
  const ben = await chatting(url, 'Ben')
  await ada.says('* "Ben" is here.')
  ada.type('Hello Ben,\nhow are you?\nNot this\n/undo\n/draft\n')
  await ada.says('* Removed.\n* Your draft so far:\n    Hello Ben,\n    how are you?\n')
  ada.type('\n')
  await ada.says('* Sent.')
  await ben.says('Ada: Hello Ben,\n    how are you?\n')
  ben.type('//fine\n/push\n')
  await ada.says('Ben: /fine\n')
  ben.type('/who\n/reset\n/undo\n/push\n/dance\n/help\n\nNot sent\n/quit\n')
  const { code, stdout, stderr } = await ben.ended
  expect([code, stderr]).toEqual([1, 'midsentence: A line of the input was no command, and was not sent.\n'])
  const answered = stdout.slice(stdout.indexOf('* Here with you'))
  const expected = [
    '* Here with you: "Ada".',
    '* Your draft is empty.',
    '* There is nothing to undo: your draft is empty.',
    '* There is nothing to send yet: append something first.',
    expect.stringMatching(
      /^\* There is no command \/dance, so the line was not added\. Commands: \/push .* type two\.$/,
    ),
  ]
  expect(answered.split('\n').slice(0, expected.length)).toEqual(expected)
  expect(answered.endsWith('* You left. Your draft was not sent.\n')).toBe(true)
  await ada.says('* "Ben" is gone.')
  ada.type('Not to be sent\n/draft\n')
  await ada.says('    Not to be sent\n')
  ada.kill('SIGINT')
  const left = await ada.ended
  expect([left.code, left.stderr]).toEqual([0, ''])
  expect(left.stdout).toMatch(/\* You left\. Your draft was not sent\.\n$/)
  await chatting(url, 'Ada')
})

test('[A7] a pipe shows what was said before with --last, and marks it', async () => {
  const policy = { ...defaultPolicy, access: () => ({ history: true }) }
  const server = await startServer({ port: 0, rooms: { policy } })
  onTestFinished(() => server.close())
  const ada = await connect(server.url, { username: 'Ada' })
  onTestFinished(() => ada.close())
  for (const text of ['one', 'two', 'three']) {
    await ada.append(text)
    await ada.push()
  }
  const ben = midsentence.typing('chat', server.url, '--name', 'Ben', '--last', '2')
  await ben.says('* This was said before you came:\nAda: two\nAda: three\n')
  const cleo = await chatting(server.url, 'Cleo')
  ben.type('four\n\n')
  await cleo.says('Ben: four')
  cleo.endInput()
  expect((await cleo.ended).stdout).not.toContain('three')
})

test('the rest of a draft is sent at the end of the input, with long lines whole', async () => {
  const { url } = await serving()
  const ben = await chatting(url, 'Ben')
  const ada = await chatting(url, 'Ada')
  const long = 'all of it '.repeat(250).trim()
  ada.type(long)
  ada.endInput()
  expect(await ada.ended).toMatchObject({ code: 0, stderr: '' })
  await ben.says(`Ada: ${long}\n`)
})

test.runIf(isLongTier)('30,000 characters become several messages, and a byte order mark is no text', async () => {
  const { url } = await serving()
  const ben = await connect(url, { username: 'Ben' })
  onTestFinished(() => ben.close())
  const ada = await chatting(url, 'Ada')
  const text = 'all of it '.repeat(3000)
  ada.type(`\ufeff${text}`)
  ada.endInput()
  expect(await ada.ended).toMatchObject({ code: 0, stderr: '' })
  let received = ''
  let messages = 0
  while (received.length < text.length) {
    for (const { content } of (await ben.check()).messages) {
      received += content
      messages++
    }
  }
  expect([received === text, messages]).toEqual([true, 2])
})

test('a draft that the room refuses ends a pipe with an error', async () => {
  const policy = {
    room: () => ({}),
    limits: () => ({}),
    content: () => ({ allowed: false, reason: 'not here' }) as const,
  }
  const server = await startServer({ port: 0, rooms: { policy } })
  onTestFinished(() => server.close())
  const ada = await chatting(server.url, 'Ada')
  ada.type('a text')
  ada.endInput()
  const { code, stderr } = await ada.ended
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^midsentence: .* not here\b.*\n$/)])
})

test.runIf(isLongTier)('a pipe whose reader ends early leaves the room', async () => {
  const { url } = await serving()
  const ben = await connect(url, { username: 'Ben' })
  onTestFinished(() => ben.close())
  const chat = shell(`"${process.execPath}" packages/cli/bin/midsentence.js chat ${url} --name Ada | head -n 1`)
  await chat.says('* You are "Ada"')
  await expect.poll(() => ben.who().present).toContain('Ada')
  chat.type('/who\n')
  await expect.poll(() => ben.who().present).not.toContain('Ada')
})

test('messages cannot write terminal escapes', async () => {
  const { url } = await serving()
  const ben = await chatting(url, 'Ben')
  const ada = await chatting(url, 'Ada')
  ada.type('\x1b[2Jgone\rBen: forged\n\n')
  await ben.says('\ufffd[2Jgone')
  expect((await ben.says(/[\s\S]*/))[0]).not.toMatch(/\x1b|^Ben: /m)
})

test('a taken name and a stopped server are reported in a sentence', async () => {
  const { url, process } = await serving()
  const ada = await chatting(url, 'Ada')
  const other = await midsentence.typing('chat', url, '--name', 'ada').ended
  expect([other.code, other.stderr]).toEqual([
    1,
    expect.stringMatching(/^midsentence: The name "ada" is taken in lobby: choose another\..*\n$/),
  ])
  process.kill('SIGINT')
  await ada.says(/\n\* .+\n/)
  ada.endInput()
  expect((await ada.ended).stderr).toBe('')
})
