import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { serving } from '../midsentence.ts'
import { expectBlindTurnsHeld } from './blind-rounds.ts'
import { Listener } from './blind-turns.ts'
import { runHost } from './host-run.ts'
import { installed } from './install.ts'
import { type HostFacts, hostTable, observe, observeInterrupt } from './observe.ts'
import { programs } from './programs.ts'

/** Rounds for each host; `npm run prove:hosts` sets 50. */
const rounds = Number(process.env.MIDSENTENCE_HOST_ROUNDS ?? 3)
test.each(programs)('$name sends no turn that its model wrote blind, until it has read', async program =>
  expectBlindTurnsHeld(program, await installed(program.package), rounds),
)

test.each(programs)('the settings files of $name on docs/mcp-hosts.md let its model speak', async program => {
  const commands = await installed(program.package)
  const { url } = await serving()
  const ada = await Listener.join(url)
  const host = await runHost(program, commands, url, -1)
  const results = await host.model.calls(['append', { text: 'By settings.' }], ['push'])
  host.model.says('That is all.')
  await host.ended
  await ada.close()
  expect(ada.heard, results.join('\n')).toEqual([`${program.participant}: By settings.`])
})

const facts = new Map<string, HostFacts>()

test.each(programs)('$name asks nothing but its model, and is seen at work', async program => {
  const commands = await installed(program.package)
  const { url } = await serving()
  const host = await runHost(program, commands, url)
  const seen = await observe(program, host)
  expect(host.askedOutside.filter(address => !program.asksFor?.test(address))).toEqual([])
  facts.set(program.name, { ...seen, ...(await observeInterrupt(await runHost(program, commands, url))) })
})

test('docs/models.md shows what was seen of each host', async () => {
  if (facts.size < programs.length) return
  const file = fileURLToPath(new URL('../../docs/models.md', import.meta.url))
  const document = readFileSync(file, 'utf8').replace(
    /(<!-- hosts: seen in the hosts -->\n)[\s\S]*?(<!-- end -->)/,
    (_, begin: string, end: string) => `${begin}\n${hostTable(facts)}\n\n${end}`,
  )
  expect(document).toContain(programs[0]!.package)
  await expect(document).toMatchFileSnapshot(file)
})
