import { expect, onTestFinished, test } from 'vitest'
import { startServer } from '../packages/server/src/index.ts'
import { skippedWithout } from './any-language/foreign.ts'
import { curlVoice, javascriptVoice, pythonVoice, type Voice } from './any-language/voices.ts'

const skipped = skippedWithout(['python3', 'curl'], 'the talk of JavaScript, Python and curl')
const texts = ['one', 'two', 'three', 'four']

/** Says all of `texts`, each as soon as the room lets it, then listens until it has heard `total`; gives what it heard. */
async function converse(voice: Voice, total: number): Promise<string[]> {
  const heard: string[] = []
  const hear = (lines: readonly string[]) => {
    heard.push(...lines.filter(line => !line.startsWith('* ')))
    return lines
  }
  for (const text of texts) {
    hear(await voice.append(text))
    hear(await voice.append(`, says ${voice.name}`))
    while (hear(await voice.push()).some(line => line.startsWith('* Not sent yet')));
  }
  for (let lines = ['']; lines.length > 0 && heard.length < total; ) lines = [...hear(await voice.check(20))]
  hear(await voice.check(0))
  return heard
}

test.skipIf(skipped)(
  'JavaScript, Python and curl talk in one room: each hears the others once, in one order',
  async () => {
    const { url, hub, close } = await startServer({ port: 0 })
    onTestFinished(close)
    const witness = await hub.join({ room: 'babel', username: 'Witness' })
    const voices = await Promise.all([
      javascriptVoice(url, 'Ada', 'babel'),
      javascriptVoice(url, 'Ben', 'babel'),
      pythonVoice(url, 'Cleo', 'babel'),
      curlVoice(url, 'Dora', 'babel'),
    ])
    const total = (voices.length - 1) * texts.length
    const heard = await Promise.all(voices.map(voice => converse(voice, total)))
    await Promise.all(voices.map(voice => voice.close()))

    const { messages } = await witness.check()
    const said = messages.map(({ sender_id, content }) => `${sender_id}: ${content}`)
    const own = (name: string) => said.filter(line => line.startsWith(`${name}: `))
    for (const { name } of voices) expect(own(name)).toEqual(texts.map(text => `${name}: ${text}, says ${name}`))
    expect(said).toHaveLength(voices.length * texts.length)
    for (const [at, { name }] of voices.entries()) {
      expect([name, heard[at]]).toEqual([name, said.filter(line => !own(name).includes(line))])
    }
    expect(messages.filter(({ crossed }) => crossed)).toEqual([])
  },
)
