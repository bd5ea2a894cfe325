import { expect, test } from 'vitest'
import { midsentence, serving } from '../midsentence.ts'

const chatting = async (url: string, name: string, room = 'lobby') => {
  const chat = midsentence.typing('chat', url, '--name', name, '--room', room)
  await chat.says(`* You are ${name} in the room ${room}.\n`)
  return chat
}

test('two users read each other, and their drafts stay private until they are sent', async () => {
  const { url } = await serving()
  const ada = await chatting(url, 'Ada')
  const ben = await chatting(url, 'Ben')
  await ada.says('* Ben is here.')
  ada.type('Hello Ben,\nhow are you?\nNot this\n/undo\n/preview\n')
  await ada.says('* Removed.\n* Your draft so far:\n    Hello Ben,\n    how are you?\n')
  ada.type('\n')
  await ada.says('* Sent.')
  await ben.says('Ada: Hello Ben,\n    how are you?\n')
  ben.type('//fine\n/push\n')
  await ada.says('Ben: /fine\n')
  ben.type('/who\n/check\n/reset\n/undo\n/push\n/dance\n/help\n\nNot sent\n/quit\n')
  const { code, stdout, stderr } = await ben.ended
  expect([code, stderr]).toEqual([0, ''])
  const answered = stdout.slice(stdout.indexOf('* Here with you'))
  const expected = [
    '* Here with you: Ada.',
    '* Nothing new.',
    '* Your draft is empty.',
    '* There is nothing to undo: your draft is empty.',
    '* There is nothing to send yet: append something first.',
    '* There is no /dance. /help lists the commands; // begins a line that starts with a slash.',
  ]
  expect(answered.split('\n').slice(0, expected.length)).toEqual(expected)
  expect(answered.endsWith('* You left. Your draft was not sent.\n')).toBe(true)
  await ada.says('* Ben is gone.')
  ada.type('Not to be sent\n/preview\n')
  await ada.says('    Not to be sent\n')
  ada.kill('SIGINT')
  const left = await ada.ended
  expect([left.code, left.stderr]).toEqual([0, ''])
  expect(left.stdout).toMatch(/\* You left\. Your draft was not sent\.\n$/)
  await chatting(url, 'Ada')
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
  expect([other.code, other.stderr]).toEqual([1, 'midsentence: The name ada is taken in lobby: choose another.\n'])
  process.kill('SIGINT')
  await ada.says(/\n\* .+\n/)
  ada.endInput()
  expect((await ada.ended).stderr).toBe('')
})
