// Start-up times of the command, as packed for publishing and as compiled in this clone: `npm run bench:startup`.
// All cases run in turn, beside a bare `node -e 0`, each run in a new process.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { layOutCommand } from '../../scripts/bundle.mjs'
import { rounds } from '../options.mjs'
import { elapsed } from './elapsed.mjs'

const folder = mkdtempSync(join(tmpdir(), 'midsentence-startup-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const packed = await layOutCommand(join(folder, 'package'))
const compiled = fileURLToPath(new URL('../../packages/cli/bin/midsentence.js', import.meta.url))

const initialize = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1.0.0' } },
})

/** Cases of one copy of the command. `until` is the output that ends a case; without it the process exits by itself. */
const casesOf = (name, bin) => [
  { name: `${name}: --version`, aim: 100, args: [bin, '--version'] },
  { name: `${name}: --help`, args: [bin, '--help'] },
  {
    name: `${name}: mcp until initialize is answered`,
    aim: 250,
    args: [bin, 'mcp', '--name', 'Bench', '--journal', join(folder, 'journal')],
    input: `${initialize}\n`,
    until: '"serverInfo"',
  },
  {
    name: `${name}: serve --memory until it listens`,
    aim: 400,
    args: [bin, 'serve', '--memory', '--port', '0'],
    until: 'serves at',
  },
]
const serveData = {
  name: 'clone: serve --data until it listens',
  args: [compiled, 'serve', '--data', join(folder, 'data'), '--port', '0'],
  until: 'serves at',
}
const cases = [
  { name: 'node -e 0', args: ['-e', '0'] },
  ...casesOf('packed', packed),
  ...casesOf('clone', compiled),
  serveData,
].map(each => ({ ...each, times: [] }))

const turns = Math.max(rounds, rounds === 1 ? 1 : 7)
for (let turn = 0; turn < turns; turn++) for (const each of cases) each.times.push(await elapsed(each, folder))

const width = Math.max(...cases.map(({ name }) => name.length))
console.log(`Start-up in milliseconds, Node ${process.version}: medians of ${turns} interleaved runs\n`)
for (const { name, aim, times } of cases) {
  const sorted = times.map(Math.round).sort((a, b) => a - b)
  const range = `${sorted[0]} to ${sorted.at(-1)}`
  const median = String(sorted[sorted.length >> 1]).padStart(5)
  console.log(`${name.padEnd(width)} ${median}   ${range.padEnd(12)}${aim ? ` aim ${aim}` : ''}`.trimEnd())
}
