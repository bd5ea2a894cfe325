import { connect } from '@midsentence/client'
import { describe, expect, test } from 'vitest'
import { chatting, lacksTerminal, roomOfBen, suspendAndContinue } from './terminal.ts'

describe.skipIf(lacksTerminal())('the chat in a terminal', () => {
  test('Ctrl-Z and fg go on where it was', () =>
    suspendAndContinue(`'${process.execPath}' packages/cli/bin/midsentence.js`))

  test('a paste is one segment and never a command, and only a typed Enter sends', async () => {
    const { url, heard } = await roomOfBen()
    const chat = await chatting(url)
    chat.paste('One\n\n/quit\n\ttwo\n\n')
    await chat.shows('* Added a paste of 4 lines. Enter sends the draft, /undo removes the paste.')
    chat.paste('/reset\n')
    await chat.shows(/> \/reset$/)
    chat.type('\r')
    await chat.shows('Enter sends 5 lines>')
    chat.type('/draft\r')
    await chat.shows(/\* Your draft so far:\n {4}One\n\n {4}\/quit\n {8,}two\n {4}\/reset\n/)
    chat.type('\r')
    expect(await heard()).toBe('One\n\n/quit\n\ttwo\n/reset')
  })

  test('Ctrl-C clears the line, then asks, then leaves with the draft unsent', async () => {
    const { url, present } = await roomOfBen()
    const chat = await chatting(url)
    chat.type('in the draft\rhalf a line')
    await chat.shows(/half a line$/)
    chat.type('\x03')
    await chat.shows(/Enter sends> ?$/)
    chat.type('\x03')
    await chat.shows('* Your draft is not sent: press Enter to send it, or Ctrl-C again to leave without it.')
    chat.type('\x03')
    await chat.shows('* You left. Your draft was not sent.')
    expect(await chat.ended).toBe(0)
    await present(false)
  })

  test.each([
    ['a terminal that sends SIGHUP', true],
    ['a terminal that fails to write', false],
  ])('the name is free at once after %s closes', async (_, controlling) => {
    const { url, present } = await roomOfBen()
    const chat = await chatting(url, { controlling })
    await present(true)
    chat.hangUp()
    await present(false)
    const again = await connect(url, { username: 'Ada' })
    await again.close()
    await chat.ended
  })
})
