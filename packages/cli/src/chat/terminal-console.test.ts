import { PassThrough, Writable } from 'node:stream'
import { openScreen } from '@midsentence/testing/terminal/screen'
import { expect, onTestFinished, test } from 'vitest'
import type { ChatInput } from './chat-console.ts'
import { terminalConsole } from './terminal-console.ts'

/** Opens a console on a fake terminal. */
function setUp({ draft = false, columns = 40 } = {}) {
  const screen = openScreen(columns, 12)
  let written: Promise<void> = Promise.resolve()
  let output = ''
  const modes: boolean[] = []
  const calls: string[] = []
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode(mode: boolean) {
      modes.push(mode)
      return stdin
    },
  })
  const stdout = Object.assign(
    new Writable({
      write(chunk, _encoding, done) {
        output += chunk
        // The terminal turns a line feed into a new line.
        written = screen.write(String(chunk).replaceAll('\n', '\r\n'))
        done()
      },
    }),
    { isTTY: true, columns },
  )
  const left = new AbortController()
  const console = terminalConsole(stdin as unknown as NodeJS.ReadStream, stdout as unknown as NodeJS.WriteStream, {
    signal: left.signal,
    complete: text => [['Ben ', 'Ben Two '].filter(name => name.startsWith(text)), text],
    leaveQuestion: () => ({ sentence: 'Leave?', draft }),
    leave: () => {
      calls.push('leave')
      left.abort()
    },
    stopJob: () => void calls.push('stop'),
  })
  onTestFinished(() => console.close())
  const inputs: ChatInput[] = []
  const reading = (async () => {
    for await (const input of console.inputs) {
      inputs.push(input)
      console.prompt('> ')
    }
  })()
  console.prompt('> ')
  return {
    ...{ console, inputs, calls, modes, reading },
    get output() {
      return output
    },
    /** Types keys, and resolves with the screen when they have had their effect. */
    async type(keys: string) {
      stdin.write(keys)
      await new Promise(resolve => setImmediate(() => setImmediate(resolve)))
      await written
      return screen.text
    },
    async resize(columns: number) {
      screen.resize(columns, 12)
      stdout.columns = columns
      stdout.emit('resize')
      await written
      return screen.text
    },
  }
}

const paste = (text: string) => `\x1b[200~${text}\x1b[201~`

test('a paste with blank lines is one text, and nothing is sent', async () => {
  const { type, inputs } = setUp()
  await type(`See: ${paste('one\r\r\rtwo\ttabbed\r\n')}`)
  expect(inputs).toEqual([{ text: 'See: one\n\n\ntwo\ttabbed', pasted: true }])
  expect(await type('next\r')).toContain('> next')
  expect(inputs[1]).toEqual({ text: 'next', pasted: false })
})

test('a pasted line waits for Enter, and is a text even if it looks like a command', async () => {
  const { type, inputs } = setUp()
  expect(await type(paste('/quit\r'))).toBe('> /quit')
  expect(inputs).toEqual([])
  await type('\r/who\r')
  expect(inputs).toEqual([
    { text: '/quit', pasted: true },
    { text: '/who', pasted: false },
  ])
})

test('a paste cannot write terminal escapes, and a long line of it does not fill the input', async () => {
  const { type, inputs, output } = setUp()
  await type(paste(`a\x1b[2Jb\x07c`))
  await type('\r')
  await type(paste('x'.repeat(401)))
  expect(inputs.map(({ text }) => text)).toEqual(['a\ufffd[2Jb\ufffdc', 'x'.repeat(401)])
  expect(output).not.toContain('\x1b[2J')
})

test('a paste is inserted at the cursor, in pieces as they arrive', async () => {
  const { type, inputs } = setUp()
  await type('ac\x1b[D')
  for (const piece of ['\x1b[20', '0~b', '\x1b[2', '01~']) await type(piece)
  await type('\r')
  expect(inputs).toEqual([{ text: 'abc', pasted: true }])
})

test('a message appears above the half-typed line', async () => {
  const { console, type } = setUp()
  await type('half a line')
  console.show('Ben: Hello')
  expect(await type('')).toBe('Ben: Hello\n> half a line')
  await type(' that by now takes two rows of the terminal')
  console.show('Ben: Are you there?')
  expect(await type('.')).toBe(
    'Ben: Hello\nBen: Are you there?\n> half a line that by now takes two rows of the terminal.',
  )
})

test('after a widening, the cursor moves up no further than the input reaches then', async () => {
  const fake = setUp({ columns: 20 })
  await fake.type('a line that wraps over several rows of this terminal')
  const before = fake.output.length
  // Terminals differ in whether they rewrap the row of the cursor: one that does needs no row above it any more.
  await fake.resize(80)
  const drawn = fake.output.slice(before)
  expect(drawn).toContain('a line that wraps over several rows of this terminal')
  expect(drawn).not.toMatch(/\x1b\[\d*A/)
})

test('nothing is erased when the terminal is widened above a wrapped prompt, or narrowed', async () => {
  const { console, type, resize, inputs } = setUp({ columns: 20 })
  console.show('Ben: do not erase me')
  console.show('Ben: nor me')
  const long = 'a line that wraps over several rows of this terminal'
  await type(long)
  for (const columns of [80, 30, 20, 60]) {
    const text = await resize(columns)
    expect(text).toContain('Ben: do not erase me\nBen: nor me\n')
    expect(text.endsWith(long)).toBe(true)
  }
  console.show('Ben: and this')
  expect(await type('')).toContain('Ben: do not erase me\nBen: nor me\n')
  await type('\r')
  expect(inputs).toEqual([{ text: long, pasted: false }])
})

test('Ctrl-C discards the typed line, then asks, then leaves', async () => {
  const { type, calls, inputs, reading } = setUp()
  await type('half a line')
  expect(await type('\x03')).toBe('>')
  expect(await type('\x03')).toBe('* Leave?\n>')
  await type('x')
  expect(await type('\x03')).toBe('* Leave?\n>')
  expect(await type('\x03')).toBe('* Leave?\n* Leave?\n>')
  expect(calls).toEqual([])
  await type('\x03')
  await reading
  expect([calls, inputs]).toEqual([['leave'], []])
})

test('Ctrl-C discards a typed line of several rows', async () => {
  const { console, type } = setUp({ columns: 20 })
  console.show('Ben: Hello')
  await type('a line that wraps over several rows')
  expect(await type('\x03')).toBe('Ben: Hello\n>')
  await type('a line that wraps over several rows')
  await type('\x01')
  expect(await type('\x03')).toBe('Ben: Hello\n>')
})

test('Ctrl-D leaves; with a draft it asks first', async () => {
  const one = setUp()
  await one.type('ab\x1b[D\x04')
  await one.type('\r\x04')
  await one.reading
  expect(one.inputs).toEqual([{ text: 'a', pasted: false }])
  const two = setUp({ draft: true })
  expect(await two.type('\x04')).toBe('* Leave?\n>')
  await two.type('\x04')
  await two.reading
  expect(two.calls).toEqual(['leave'])
})

test.skipIf(process.platform === 'win32')(
  'Ctrl-Z gives the terminal back, stops the job and goes on after it',
  async () => {
    const { type, calls, modes, inputs } = setUp()
    await type('half a ')
    const before = modes.length
    expect(await type('\x1a')).toBe('> half a')
    expect(calls).toEqual(['stop'])
    expect(modes.slice(before)).toEqual([false, false, true])
    await type('line\r')
    expect(inputs).toEqual([{ text: 'half a line', pasted: false }])
  },
)

test('Tab completes; a tab that arrives within a text is a tab', async () => {
  const { type, inputs } = setUp()
  await type('B')
  expect(await type('\t')).toBe('> Ben')
  await type('\x15ac\x1b[D')
  await type('\tb')
  await type('\r')
  expect(inputs).toEqual([{ text: 'a\tbc', pasted: false }])
})

test('closing gives the terminal back', async () => {
  const fake = setUp()
  fake.console.close()
  await fake.reading
  expect(fake.modes.at(-1)).toBe(false)
  expect(fake.output.indexOf('\x1b[?2004h')).toBeLessThan(fake.output.indexOf('\x1b[?2004l'))
})
