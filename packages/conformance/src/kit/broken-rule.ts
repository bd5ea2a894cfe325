import { type RuleId, rule } from './rules.ts'

/** A rule that a hub broke, where, and all that led there. */
export class BrokenRule extends Error {
  readonly rule: RuleId
  readonly what: string

  constructor(id: RuleId, what: string, story: readonly string[]) {
    super(`${what}\n\n${story.join('\n')}\n\nbreaks [${id}] ${rule(id).title}`)
    this.rule = id
    this.what = what
  }
}
