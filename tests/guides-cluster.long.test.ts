import { readFileSync, symlinkSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { freePorts, natsProgram, skipsNats } from '@midsentence/testing/nats/nats-servers'
import { expect, onTestFinished, test } from 'vitest'
import { bin } from './built-command.ts'
import { guide } from './guide.ts'

/** Printed between the outputs of the blocks. */
const MARK = '-- next block --'

/** The ports that the guide names. */
const printed = [4221, 4222, 4223, 8221, 8222, 8223, 6221, 6222, 6223, 8891, 8892, 8893]

test.skipIf(skipsNats)(
  'the walk of cluster.md goes from one server to three, loses one, and is upgraded, without a lost message',
  async () => {
    const free = await freePorts(printed.length)
    // Ports that end with a shell variable, as 422$n, become a choice by it.
    const edit = (text: string): string => {
      const whole = printed.reduce((text, port, nth) => text.replaceAll(`:${port}`, `:${free[nth]}`), text)
      return [422, 822, 622, 889].reduce((text, base) => {
        const [one, two, three] = [1, 2, 3].map(last => free[printed.indexOf(10 * base + last)])
        const choice = `$(case $n in 1) echo ${one};; 2) echo ${two};; 3) echo ${three};; esac)`
        return text
          .replaceAll(new RegExp(`\\b${base}\\$n`, 'g'), choice)
          .replaceAll(`${10 * base + 1} --server`, `${one} --server`)
      }, whole)
    }
    const { folder, commands, run } = guide('cluster.md', edit)
    symlinkSync(bin, join(folder, 'midsentence'))
    if (isAbsolute(natsProgram)) symlinkSync(natsProgram, join(folder, 'nats-server'))
    onTestFinished(async () => void (await run('kill -9 $(cat s?.pid nats-?.pid) 2> /dev/null; true')))
    const path = `export PATH="$PWD:${dirname(process.execPath)}:$PATH"`
    // One shell, as an operator's terminal: a bare `wait` would wait for the servers, too.
    const { code, output: all } = await run([path, 'set -e', ...commands].join(`\necho '${MARK}'\n`))
    expect(code, all).toBe(0)
    const [, , , first, , killed, , natsKilled, upgraded] = all.split(MARK)
    expect(first).toContain('Rooms and drafts are kept on 3 NATS servers')
    expect(first).toContain('streams for them were created')
    for (const output of [killed, natsKilled, upgraded])
      expect(output).toContain('60 messages, each once and in order.')
    expect(readFileSync(join(folder, 'killed'), 'utf8')).toMatch(/^s[123]\n$/)
  },
)
