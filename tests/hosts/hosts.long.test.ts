import { existsSync } from 'node:fs'
import { test } from 'vitest'
import { expectBlindTurnsHeld } from './blind-rounds.ts'
import { commandsOf } from './install.ts'
import { programs } from './programs.ts'

/** `npm run prove:hosts` makes 50. */
const ROUNDS = 3

test.for(programs)('$name sends no turn that its model wrote blind, until it has read', async (program, context) => {
  const commands = commandsOf(program.package)
  if (!existsSync(commands)) {
    const reason = `${program.package} is not installed: run node scripts/install-hosts.mjs, which takes 1.3 GB.`
    if (process.env.CI) throw new Error(reason)
    context.skip(reason)
  }
  await expectBlindTurnsHeld(program, commands, ROUNDS)
})
