import type { WriterProfile } from '@midsentence/arena'
import { joinWords } from '../join-words.ts'
import { wrapText } from '../wrap-text.ts'
import { type ArenaPackage, formatTrait, traitNames } from './options.ts'

const INDENT = 22

/** Lists what the options take, with a sentence each. */
export function formatLists({ allScenarios, policies, lineups, profiles, aboutProfiles }: ArenaPackage): string {
  const named = (all: readonly { readonly name: string; readonly about: string }[]) =>
    all.map(({ name, about }) => [name, about] as const)
  return [
    section('Scenarios: --scenario', named(allScenarios)),
    section('Policies: --policy and --against', named(policies)),
    section('Lineups: --lineup', Object.entries(lineups)),
    section(
      'Writers: --writers',
      (Object.keys(profiles) as (keyof typeof profiles)[]).map(
        name => [name, `${aboutProfiles[name]} ${formatProfile(profiles[name])}`] as const,
      ),
    ),
  ].join('\n')
}

const formatProfile = (profile: WriterProfile): string =>
  `${joinWords(traitNames.map(trait => formatTrait(trait, profile)))}.`

function section(title: string, rows: readonly (readonly [name: string, about: string])[]): string {
  const lines = rows.map(([name, about]) => {
    const text = wrapText(about, 80 - INDENT).join(`\n${' '.repeat(INDENT)}`)
    return `  ${name.padEnd(INDENT - 2)}${text}`
  })
  return `${title}\n${lines.join('\n')}\n`
}
