import { expect } from 'vitest'
import { serving } from '../midsentence.ts'
import { BlindModel, type BlindOutcome, blindTurns, Listener } from './blind-turns.ts'
import { runHost } from './host-run.ts'
import type { HostProgram } from './programs.ts'

/** Rounds in one run of a host: its requests grow with the conversation. */
const ROUNDS_A_RUN = 5

/** Expects each turn that the model of a host wrote blind to be held until it has read. `commands`: folder of the host. */
export async function expectBlindTurnsHeld(program: HostProgram, commands: string, rounds: number): Promise<void> {
  for (let first = 0; first < rounds; first += ROUNDS_A_RUN) {
    const server = await serving()
    const ada = await Listener.join(server.url)
    const host = await runHost(program, commands, server.url)
    const model = new BlindModel(host, ada)
    expect(await model.alone()).toBe('sent')
    const expected = [`${program.participant}: Alone.`]
    const outcomes: [string, BlindOutcome][] = []
    for (let round = first; round < Math.min(rounds, first + ROUNDS_A_RUN); round++) {
      for (const turn of blindTurns) {
        const label = `${turn.tools}-${turn.arrivesBefore}-${round}`
        outcomes.push([label, await model.round(turn, label, round % 2 === 1)])
        expected.push(`Ada: Wait ${label}.`, `${program.participant}: Draft ${label}. After ${label}.`)
      }
    }
    host.model.says('That is all.')
    await host.ended
    await ada.close()
    expect(outcomes.filter(([, outcome]) => outcome !== 'held')).toEqual([])
    expect(ada.heard).toEqual(expected)
  }
}
