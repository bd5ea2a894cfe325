import { type RuleId, rule } from './rules.ts'

/** The error of a random case that breaks a rule: the rule, what is wrong, and the steps that led to it. */
export class BrokenRule extends Error {
  readonly rule: RuleId
  readonly what: string

  constructor(id: RuleId, what: string, steps: readonly string[] = []) {
    super([what, ...(steps.length > 0 ? [steps.join('\n')] : []), `breaks [${id}] ${rule(id).title}`].join('\n\n'))
    this.rule = id
    this.what = what
  }
}
