import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { GoldenServer, GoldenTranscript } from '@midsentence/conformance'
import { describe, expect, onTestFinished, test } from 'vitest'
import { lacksPrograms, runProgram } from './any-language/external-program.ts'
import { serverFor } from './golden-server.ts'

const folder = fileURLToPath(new URL('../packages/conformance/golden/', import.meta.url))
const transcripts = readdirSync(folder)
  .filter(file => file.endsWith('.json') && file !== 'vectors.json')
  .map(file => ({
    file: `${folder}${file}`,
    transcript: JSON.parse(readFileSync(`${folder}${file}`, 'utf8')) as GoldenTranscript,
  }))
const skipped = lacksPrograms(['python3'], 'the Python player of the golden transcripts')

/** Runs the Python player against a server with these options. Resolves with its exit code and output. */
async function playByPython(server: GoldenServer | undefined, ...files: string[]) {
  const { url, close } = await serverFor(server)
  onTestFinished(close)
  const { code, stdout, stderr } = await runProgram('python3', [`${folder}play.py`, url, ...files]).ended
  expect(stderr).toBe('')
  return { code, lines: stdout.trimEnd().split('\n') }
}

describe.skipIf(skipped)('the Python player of the golden transcripts', () => {
  test('passes the transcripts without server options', async () => {
    const { code, lines } = await playByPython(undefined)
    expect([code, lines.filter(line => line.startsWith('FAILED'))]).toEqual([0, []])
    const plain = transcripts.filter(({ transcript }) => !transcript.server)
    expect(lines.filter(line => line.startsWith('ok '))).toEqual(
      plain.map(({ transcript }) => `ok       ${transcript.title}`),
    )
    expect(lines.length).toBe(transcripts.length)
  })

  const withOptions = transcripts.filter(({ transcript: { server } }) => server && !server.clock && !server.failing)
  test.for(withOptions)('passes: $transcript.title', async ({ file, transcript }) => {
    expect(await playByPython(transcript.server, file)).toEqual({ code: 0, lines: [`ok       ${transcript.title}`] })
  })

  test('fails a server that never holds, with the step and both answers', async () => {
    const { code, lines } = await playByPython({ policy: 'annotate' }, `${folder}a-held-push.json`)
    expect([code, lines]).toEqual([
      1,
      [expect.stringMatching(/^FAILED .*: step 7: the answer.result.status is 1, not 0$/)],
    ])
  })

  test('says that no server answers', async () => {
    const { code, stdout, stderr } = await runProgram('python3', [`${folder}play.py`, 'http://127.0.0.1:1']).ended
    expect([code, stdout, stderr]).toEqual([
      2,
      '',
      expect.stringMatching(/^No server answers at .*: start one there\./),
    ])
  })
})

test.skipIf(skipped)('[T1] [S1] [A2] [X1] Python agrees with the test vectors', async () => {
  const vectors = JSON.parse(readFileSync(`${folder}vectors.json`, 'utf8')) as Record<string, unknown[]>
  const { code, stdout } = await runProgram('python3', ['tests/any-language/vectors.py', `${folder}vectors.json`]).ended
  expect([code, stdout]).toEqual([0, `${Object.values(vectors).flat().length} vectors checked\n`])
})
