import { defineCommand } from '../define-command.ts'
import { untilInterrupted } from '../interrupt.ts'
import { writeReport } from '../report-file.ts'
import { arenaOptions, readArenaSettings } from './options.ts'

export const arena = defineCommand({
  name: 'arena',
  help: `midsentence arena [--scenario NAME] [--policy NAME] [--seeds N] [--against NAME] [--json FILE]
midsentence arena --seed N --trace|--record FILE [--scenario NAME] [--policy NAME]
midsentence arena --live --model NAME --base-url URL [--scenario NAME] [--policy NAME] [--json FILE]
midsentence arena --list

Compares ways to coordinate authors in a room: whether they read while they write, take turns, hold
a lock, and so on. Simulated authors do the same tasks under each policy, on the real hub and a
virtual clock. Needs no model and no network. The same options give the same figures. With --live,
real models do the same tasks.

  --list              Print the policies, scenarios, lineups and writer profiles, and end.
  --scenario NAME     A task, several with commas, or all. Default: pooled-numbers.
  --policy NAME       A policy, several with commas, or all. Default: all.
  --against NAME      Also print each policy's figures as multiples of this policy's.
  --seeds N           Runs of each policy. Default: 40.
  --first N           The first seed; the next ones follow. Default: 1.
  --seed N            Play this seed alone.
  --participants N    From 2 to 24. Default: 4.
  --lineup NAME       What is unusual about the last participant. Default: even, which is nothing.
  --json FILE         Also write the settings, every run's measures and the summary as JSON.

One run (default policy: hold)
  --trace             Print what each author did.
  --record FILE       Write what happened in the room to a new file, which the page replays.

Writers: each author of a run draws its traits from ranges
  --writers NAME      A profile: ranges of all traits. Default: hosted.
  These change one trait of it, to a number or a range such as 0.5-0.9:
  --notices           Probability that it notices news that concern what it writes.
  --repairs           Probability that it revises rightly what it noticed.
  --keeps             Share that it keeps of text that is still right, when it revises.
  --first-token-ms    Milliseconds from a call of the model to its first token.
  --input-tokens-per-s, --output-tokens-per-s
                      Tokens that it reads and writes in a second.

Real models: --live plays one scenario with models at endpoints, by --policy (default: hold)
  --model NAME        The model's name at its endpoint. Several with commas are dealt to the
                      participants in turn.
  --base-url URL      An endpoint with OpenAI's chat completions API: one for all, or one a model.
  --api-key-env VAR   The environment variable that holds the API key: one for all, or one a model,
                      or nothing for a model without a key, as KEY_A,
  --temperature T, --max-tokens N
                      Passed to the endpoint, as by midsentence agent. Default: the endpoint's own.
  --runs N            Runs of each policy, one a seed. Default: 5.
  --budget-tokens N   End a run after N tokens, input and output. Each participant may use an equal
                      part. Default: 400000.
  --minutes N         End a run after N minutes. Default: 10.
  --json FILE         Append each run to a new file as soon as it is over, one JSON value a line.
  --resume            Play the runs that FILE lacks, with the same settings.

Ctrl-C ends it and prints what is done. Progress goes to standard error. Read docs/arena.md.
`,
  options: arenaOptions,
  async run(flags) {
    const packageOfArena = await import('@midsentence/arena')
    if (flags.list) {
      const { formatLists } = await import('./format-lists.ts')
      process.stdout.write(formatLists(packageOfArena))
      return 0
    }
    const live = await import('./live/live-options.ts')
    if (flags.live) {
      const settings = live.readLiveSettings(flags, packageOfArena)
      const { runLive } = await import('./live/run-live.ts')
      return untilInterrupted(signal => runLive(settings, signal))
    }
    live.refuseLiveOptions(flags)
    const settings = readArenaSettings(flags, packageOfArena)
    if (flags.json !== undefined) await writeReport(flags.json, '')
    const { compare, playOne } = await import('./run-arena.ts')
    const play = flags.trace || flags.record !== undefined ? playOne : compare
    return untilInterrupted(signal => play(settings, flags, signal))
  },
})
