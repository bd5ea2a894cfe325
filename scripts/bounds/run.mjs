// Attacks a server on this machine, as the shipped command runs it, and checks its bounds: memory, the time to answer, and
// that no honest user is refused. The attackers have far addresses, which a trusted proxy would forward.

import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { attacks } from './attacks.mjs'
import { boundsChart } from './chart.mjs'
import { afterMs } from './wires.mjs'

const usage = `Usage: npm run prove:bounds -- [--seconds N] [--seed N] [--only NAME] [--memory] [--unlimited] [--slack N] [--svg FILE]

  --seconds N  How long the attack takes. Default 300. Before it the server is watched idle, after it until it is calm again.
  --seed N     Seed of the random calls. Default: the time; it is printed.
  --only NAME  Runs only the attack NAME, or those whose name contains NAME. May be given several times.
  --memory     The server keeps everything in memory. Default: a data directory, as shipped.
  --unlimited  Lifts the limits by rate: the run should then fail.
  --slack N    Multiplies the bounds of time: for a machine that runs other things meanwhile. Default 1.
  --svg FILE   Writes the curves of memory and of /healthz as a chart.

Attacks: ${Object.keys(attacks).join(', ')}.
Exits with 0 if every bound held, with 1 if one did not, with 2 if it could not run.`

/** Bounds that must hold. Memory in MB above the idle server, times in milliseconds. */
const bounds = { memory: 300, memoryAfter: 100, health: 250, push: 1000 }

const IDLE_MS = 5000
const SAMPLE_MS = 500
/** Sessions lapse after 90 s, and their rooms leave memory a minute later. */
const CALM_MS = 300_000

function readOptions() {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '300' },
      seed: { type: 'string', default: `${Date.now() % 2 ** 31}` },
      only: { type: 'string', multiple: true, default: [''] },
      memory: { type: 'boolean' },
      unlimited: { type: 'boolean' },
      slack: { type: 'string', default: '1' },
      svg: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  const names = Object.keys(attacks).filter(name =>
    values.only.some(part => name === part || (!(part in attacks) && name.includes(part))),
  )
  const [seconds, seed, slack] = [Number(values.seconds), Number(values.seed), Number(values.slack)]
  if (!(seconds > 0) || !(slack > 0) || !Number.isInteger(seed) || names.length === 0)
    throw new Error('These options select nothing.')
  return { ...values, seconds, seed, slack, names }
}

async function startServer({ memory, unlimited }) {
  const directory = mkdtempSync(join(tmpdir(), 'midsentence-bounds-'))
  const command = fileURLToPath(new URL('../../packages/cli/bin/midsentence.js', import.meta.url))
  const args = ['serve', '--port', '0', '--proxies', '127.0.0.1', '--log-level', 'warn']
  args.push(...(memory ? ['--memory'] : ['--data', directory]))
  if (unlimited) args.push('--rate', '0', '--address-rate', '0')
  const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let logged = 0
  let last = ''
  child.stderr.on('data', chunk => {
    logged += chunk.length
    last = `${chunk}`.slice(-500)
  })
  process.once('exit', () => child.kill('SIGKILL'))
  const port = await portOf(child)
  if (port === undefined) throw new Error(`The server did not start: ${last}`)
  const status = name =>
    Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024
  // `own`: without the pages of the data file, a cache that the system takes back when it needs memory.
  const memoryOf = () => ({ memory: status('VmRSS'), own: status('RssAnon') })
  const close = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGINT')
      await once(child, 'exit')
    }
    rmSync(directory, { recursive: true, force: true })
  }
  return { port, memory: memoryOf, close, child, logged: () => logged, lastLog: () => last }
}

/** Resolves with the port of the address that a server prints, and with undefined if the server ends first. */
function portOf(child) {
  let printed = ''
  return new Promise(resolve => {
    // Its output is read to the end: a server whose output is closed ends.
    child.stdout.on('data', chunk => {
      printed += chunk
      const port = /http:\/\/[^\s]+:(\d+)\D/.exec(printed)?.[1]
      if (port !== undefined) resolve(Number(port))
    })
    child.once('exit', () => resolve(undefined))
  })
}

/** Rejects once `child` ends, with what ended it. */
async function endOf(child, lastLog = () => '') {
  const [code, signal] = await once(child, 'exit')
  throw new Error(`The server or its honest users ended, with ${signal ?? `code ${code}`}. ${lastLog()}`)
}

const percentile = (values, part) => [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * part)] ?? 0
const round = value => Math.round(value * 10) / 10

async function main(options) {
  const { seconds, seed, names } = options
  const say = line => process.stdout.write(`${line}\n`)
  say(`Attacks for ${seconds} s, seed ${seed}: ${names.join(', ')}.`)
  const server = await startServer(options)
  const honest = fork(new URL('./honest.mjs', import.meta.url))
  const attackers = fork(new URL('./attack.mjs', import.meta.url))
  const attackEnded = once(attackers, 'exit')
  const tooEarly = Promise.race([endOf(server.child, server.lastLog), endOf(honest)])
  const samples = []
  const began = performance.now()
  let phase = 'idle'
  const sample = async () => {
    honest.send('report')
    const [seen] = await once(honest, 'message')
    samples.push({ phase, at: (performance.now() - began) / 1000, ...server.memory(), ...seen })
  }
  const watch = async (ms, until = () => false) => {
    const end = performance.now() + ms
    while (performance.now() < end && !until()) {
      await afterMs(SAMPLE_MS)
      await sample()
    }
  }
  const measure = async () => {
    honest.send(server.port)
    await once(honest, 'message')
    await watch(IDLE_MS)
    const [idleMemory, idleOwn] = ['memory', 'own'].map(name =>
      percentile(
        samples.map(each => each[name]),
        0.5,
      ),
    )
    phase = 'attack'
    attackers.send({ port: server.port, seed, names })
    await watch(seconds * 1000)
    phase = 'after'
    attackers.send('end')
    await attackEnded
    const calmFrom = performance.now() + IDLE_MS
    const isCalm = () => samples.at(-1).own < idleOwn + bounds.memoryAfter
    await watch(CALM_MS, () => performance.now() > calmFrom && isCalm())
    return report(samples, { idleMemory, idleOwn, slack: options.slack }, server, say)
  }
  try {
    return await Promise.race([measure(), tooEarly])
  } finally {
    // They end now, as they should.
    tooEarly.catch(() => {})
    if (options.svg) writeFileSync(options.svg, boundsChart(samples))
    honest.kill('SIGKILL')
    attackers.kill('SIGKILL')
    await server.close()
  }
}

/** Prints what was measured. Returns 0 if every bound held, else 1. */
function report(samples, { idleMemory, idleOwn, slack }, server, say) {
  const of = (phase, name) => samples.filter(each => each.phase === phase).flatMap(each => each[name])
  for (const phase of ['idle', 'attack', 'after']) {
    const [memory, health, pushes] = ['memory', 'health', 'pushes'].map(name => of(phase, name))
    say(
      `${phase.padEnd(7)} memory ${round(Math.max(...memory))} MB · /healthz p50 ${round(percentile(health, 0.5))} p99 ${round(percentile(health, 0.99))} ms (${health.length}) · ` +
        `push p50 ${round(percentile(pushes, 0.5))} max ${round(Math.max(0, ...pushes))} ms (${pushes.length}) · ${of(phase, 'deliveries').length} delivered · ${of(phase, 'refused').length} refused`,
    )
  }
  const seconds = samples.filter(({ phase }) => phase === 'attack').length * (SAMPLE_MS / 1000)
  say(`log     ${round(server.logged() / 1024)} kB in ${round(seconds)} s`)
  const refused = samples.flatMap(each => each.refused)
  const found = [
    ['memory above the idle server, MB', Math.max(...of('attack', 'memory')) - idleMemory, bounds.memory],
    ['own memory above the idle server afterwards, MB', samples.at(-1).own - idleOwn, bounds.memoryAfter],
    ['/healthz p99, ms', percentile(of('attack', 'health'), 0.99), bounds.health * slack],
    ['slowest push of an honest participant, ms', Math.max(0, ...of('attack', 'pushes')), bounds.push * slack],
    ['honest calls refused', refused.length, 0],
    ['honest messages not delivered', of('attack', 'pushes').length - of('attack', 'deliveries').length, 2],
  ]
  for (const [what, value, bound] of found)
    say(`${value <= bound ? 'held  ' : 'BROKEN'}  ${what}: ${round(value)}, bound ${bound}`)
  for (const text of new Set(refused.slice(0, 5))) say(`        ${text}`)
  return found.every(([, value, bound]) => value <= bound) ? 0 : 1
}

let exitCode = 2
try {
  const options = readOptions()
  if (options.help) process.stdout.write(`${usage}\n`)
  exitCode = options.help ? 0 : await main(options)
} catch (error) {
  process.stderr.write(`${error.message}\n`)
  if (!/^The server/.test(error.message)) process.stderr.write(`${usage}\n`)
  else exitCode = 1
}
process.exit(exitCode)
