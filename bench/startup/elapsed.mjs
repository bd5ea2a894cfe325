import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Runs one case in a new process. Resolves with the milliseconds from its start to `until`, or to its exit. */
export async function elapsed({ name, args, input, until }, cwd) {
  const start = performance.now()
  const child = spawn(process.execPath, args, { cwd, stdio: ['pipe', 'pipe', 'inherit'] })
  const exit = once(child, 'exit')
  if (input) child.stdin.write(input)
  if (until === undefined) {
    child.stdout.resume()
    const [code] = await exit
    if (code !== 0) throw new Error(`${name} exited with ${code}.`)
    return performance.now() - start
  }
  let output = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    output += chunk
    if (output.includes(until)) break
  }
  const ms = performance.now() - start
  if (!output.includes(until)) throw new Error(`${name} ended without ${JSON.stringify(until)}: ${output}`)
  child.kill('SIGTERM')
  await exit
  return ms
}
